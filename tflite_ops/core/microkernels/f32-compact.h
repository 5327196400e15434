// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_COMPACT_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_COMPACT_H_

// Moving winners together, written once against the names that every simd/f32-*.h defines.
// Include one of those first.

#include <cstddef>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// How to load a window: whole, or of fewer channels than a vector has lanes.
struct WholeWindow {
  F32 operator()(const float* window) const { return Load(window); }
};
struct NarrowWindow {
  int channels;
  F32 operator()(const float* window) const { return LoadFirst(window, channels); }
};

// Puts each vector of winners together from the windows of neighbouring channels that hold them, for kPixels pixels at
// a time, so that the places of the winners are loaded once for all of them. Stores whole, aligned vectors.
template <int kPixels, typename Window>
inline void CompactPixels(const float* x, size_t x_stride, const CompactPlan& plan, size_t pixel_stride,
                          size_t vector_stride, float* out, const Window& load) {
  const int32_t* source = plan.source;
  const int32_t* permute = plan.permute;
  for (int v = 0; v < plan.vectors; ++v, out += vector_stride) {
    F32 winners[kPixels];
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) winners[p] = Zero();
    for (const int32_t* const end = plan.source + plan.end[v]; source != end; ++source, permute += kLanes) {
      const Lanes lanes = LoadLanes(permute);
      const float* const window = x + *source;
#pragma GCC unroll 8
      for (size_t p = 0; p < kPixels; ++p) winners[p] = PermuteOr(winners[p], load(window + p * x_stride), lanes);
    }
#pragma GCC unroll 8
    for (size_t p = 0; p < kPixels; ++p) Store(out + p * pixel_stride, winners[p]);
  }
}

template <typename Window>
inline void CompactRow(const float* x, size_t pixels, size_t x_stride, const CompactPlan& plan, size_t pixel_stride,
                       size_t vector_stride, float* out, const Window& load) {
  size_t p = 0;
  for (; p + 8 <= pixels; p += 8)
    CompactPixels<8>(x + p * x_stride, x_stride, plan, pixel_stride, vector_stride, out + p * pixel_stride, load);
  for (; p + 3 <= pixels; p += 3)
    CompactPixels<3>(x + p * x_stride, x_stride, plan, pixel_stride, vector_stride, out + p * pixel_stride, load);
  for (; p < pixels; ++p)
    CompactPixels<1>(x + p * x_stride, x_stride, plan, pixel_stride, vector_stride, out + p * pixel_stride, load);
}

void Compact(const float* x, size_t pixels, size_t x_stride, size_t channels, const CompactPlan& plan,
             size_t pixel_stride, size_t vector_stride, float* out) {
  if (channels >= kLanes) {
    CompactRow(x, pixels, x_stride, plan, pixel_stride, vector_stride, out, WholeWindow{});
  } else {
    CompactRow(x, pixels, x_stride, plan, pixel_stride, vector_stride, out, NarrowWindow{static_cast<int>(channels)});
  }
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_COMPACT_H_
