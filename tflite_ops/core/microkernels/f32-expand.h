// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_EXPAND_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_EXPAND_H_

// Moving winners back to their places, written once against the names that every simd/f32-*.h defines. Include one of
// those first.

#include <cstddef>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// kPixels pixels at a time, so that the places of the winners and what stands for losers are loaded once for all.
template <size_t kPixels>
inline void ExpandPixels(const float* compact, size_t compact_stride, const ExpandPlan& plan, const float* losers,
                         size_t channels, float* out) {
  const int32_t* source = plan.source;
  const int32_t* permute = plan.permute;
  for (size_t c = 0; c < channels; c += kLanes, ++source, permute += kLanes) {
    const Lanes lanes = LoadLanes(permute);
    const F32 other = Load(losers + c);
    const float* const winners = compact + *source;
    if (channels - c >= kLanes) {
#pragma GCC unroll 8
      for (size_t p = 0; p < kPixels; ++p) {
        Store(out + p * channels + c, PermuteOr(other, Load(winners + p * compact_stride), lanes));
      }
    } else {
      const int rest = static_cast<int>(channels - c);
      for (size_t p = 0; p < kPixels; ++p) {
        StoreFirst(out + p * channels + c, PermuteOr(other, Load(winners + p * compact_stride), lanes), rest);
      }
    }
  }
}

void Expand(const float* compact, size_t pixels, size_t compact_stride, const ExpandPlan& plan, const float* losers,
            size_t channels, float* out) {
  size_t p = 0;
  for (; p + 8 <= pixels; p += 8, compact += 8 * compact_stride, out += 8 * channels) {
    ExpandPixels<8>(compact, compact_stride, plan, losers, channels, out);
  }
  for (; p < pixels; ++p, compact += compact_stride, out += channels) {
    ExpandPixels<1>(compact, compact_stride, plan, losers, channels, out);
  }
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_EXPAND_H_
