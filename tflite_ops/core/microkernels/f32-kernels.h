// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_KERNELS_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_KERNELS_H_

// All kernels, written once against the names that every simd/f32-*.h defines. Include one of those first.

#include <algorithm>

#include "core/microkernels/f32-compact.h"
#include "core/microkernels/f32-depthwise.h"
#include "core/microkernels/f32-expand.h"
#include "core/microkernels/f32-rank.h"
#include "core/microkernels/f32-rgemm.h"
#include "core/microkernels/f32-rgemv.h"
#include "core/microkernels/f32-select.h"
#include "core/microkernels/f32-winograd.h"
#include "core/microkernels/f32-zero-skip.h"
#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// The table of an instruction set whose registers hold tiles of kMaxRows rows by two vectors, or kMaxVectors vectors of
// one row.
template <int kMaxRows, int kMaxVectors>
constexpr Kernels MakeKernels(Isa isa) {
  return {isa,
          kLanes,
          kMaxRows,
          std::min(kMaxRows, kHeldPointers),
          MakeRgemmKernels<kMaxRows>(),
          Rank<MaxUnsigned>,
          Rank<Add>,
          CountFrom,
          ListFrom,
          Compact,
          Rgemv,
          MakeWinogradKernels<2>(),
          MakeWinogradKernels<4>(),
          MakeZeroSkipKernels<kMaxVectors>(),
          Depthwise,
          Expand};
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_KERNELS_H_
