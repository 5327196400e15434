// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_EXPAND_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_EXPAND_H_

// Moving winners back to their places, written once against the names that every simd/f32-*.h defines. Include one of
// those first.

#include <cstddef>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

void Expand(const float* compact, size_t pixels, size_t compact_stride, const ExpandPlan& plan, const float* losers,
            size_t channels, float* out) {
  const size_t whole = channels / kLanes;
  const int rest = static_cast<int>(channels % kLanes);
  for (size_t p = 0; p < pixels; ++p, compact += compact_stride, out += channels) {
    const int32_t* lanes = plan.permute;
    for (size_t v = 0; v < whole; ++v, lanes += kLanes) {
      Store(out + v * kLanes, PermuteOr(Load(losers + v * kLanes), Load(compact + plan.source[v]), lanes));
    }
    if (rest > 0) {
      const F32 last = PermuteOr(Load(losers + whole * kLanes), Load(compact + plan.source[whole]), lanes);
      StoreFirst(out + whole * kLanes, last, rest);
    }
  }
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_EXPAND_H_
