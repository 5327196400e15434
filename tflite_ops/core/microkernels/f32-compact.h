// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_COMPACT_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_COMPACT_H_

// Moving winners together, written once against the names that every simd/f32-*.h defines. Include one of those first.

#include <cstddef>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// Every vector is stored whole: what lies past its winners is overwritten by the next vector or is slack.
void Compact(const float* x, size_t pixels, size_t x_stride, size_t channels, const CompactPlan& plan,
             size_t out_stride, float* out) {
  const int rest = static_cast<int>(channels) - plan.source[plan.groups - 1];
  const int whole = rest < kLanes ? plan.groups - 1 : plan.groups;
  for (size_t p = 0; p < pixels; ++p, x += x_stride, out += out_stride) {
    const int32_t* lanes = plan.permute;
    for (int g = 0; g < whole; ++g, lanes += kLanes) {
      Store(out + plan.target[g], Permute(Load(x + plan.source[g]), lanes));
    }
    if (whole < plan.groups) {
      Store(out + plan.target[whole], Permute(LoadFirst(x + plan.source[whole], rest), lanes));
    }
  }
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_COMPACT_H_
