// SPDX-License-Identifier: Apache-2.0
#include "core/simd/f32-neon.h"
// The kernels below are written against the names of the header above.
#include "core/microkernels/f32-compact.h"
#include "core/microkernels/f32-rank.h"
#include "core/microkernels/f32-rgemm.h"
#include "core/microkernels/f32-rgemv.h"
#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {
constexpr int kMaxRows = 12;  // 24 sums, 2 weights and a few activations in 32 registers
}  // namespace

const Kernels kNeonKernels = {Isa::kNeon,        kLanes,    kMaxRows, MakeRgemmKernels<kMaxRows>(),
                              Rank<MaxUnsigned>, Rank<Add>, Compact,  Rgemv};

}  // namespace tfsparse::core
