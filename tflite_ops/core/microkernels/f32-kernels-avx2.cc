// SPDX-License-Identifier: Apache-2.0
#include "core/simd/f32-avx2.h"
// The kernels below are written against the names of the header above.
#include "core/microkernels/f32-compact.h"
#include "core/microkernels/f32-rank.h"
#include "core/microkernels/f32-rgemm.h"
#include "core/microkernels/f32-rgemv.h"
#include "core/microkernels/f32-winograd.h"
#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {
constexpr int kMaxRows = 6;  // 12 sums, 2 weights and 1 activation in 16 registers
}  // namespace

const Kernels kAvx2Kernels = {Isa::kAvx2, kLanes,  kMaxRows, MakeRgemmKernels<kMaxRows>(), Rank<MaxUnsigned>,
                              Rank<Add>,  Compact, Rgemv,    MakeWinogradKernels<2>(),     MakeWinogradKernels<4>()};

}  // namespace tfsparse::core
