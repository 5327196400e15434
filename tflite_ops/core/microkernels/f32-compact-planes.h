// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_COMPACT_PLANES_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_COMPACT_PLANES_H_

// Moving winners together, a plane per vector of them, written once against the names that every simd/f32-*.h defines.
// Include one of those first.

#include <cstddef>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// Walks the pixels in memory order, and stores whole, aligned vectors: each is put together from the windows of
// neighbouring channels that hold its winners.
template <typename LoadFunction>
inline void SplitPixels(const float* x, size_t pixels, size_t x_stride, const PlanesPlan& plan, size_t plane_stride,
                        float* out, const LoadFunction& load) {
  for (size_t p = 0; p < pixels; ++p, x += x_stride, out += kLanes) {
    const int32_t* source = plan.source;
    const int32_t* lanes = plan.permute;
    for (int v = 0; v < plan.vectors; ++v) {
      const int32_t* const end = plan.source + plan.end[v];
      F32 winners = Zero();
      for (; source != end; ++source, lanes += kLanes) winners = PermuteOr(winners, load(x + *source), lanes);
      Store(out + static_cast<size_t>(v) * plane_stride, winners);
    }
  }
}

void CompactPlanes(const float* x, size_t pixels, size_t x_stride, size_t channels, const PlanesPlan& plan,
                   size_t plane_stride, float* out) {
  if (channels >= kLanes) {
    SplitPixels(x, pixels, x_stride, plan, plane_stride, out, [](const float* window) { return Load(window); });
  } else {
    const int count = static_cast<int>(channels);
    SplitPixels(x, pixels, x_stride, plan, plane_stride, out,
                [count](const float* window) { return LoadFirst(window, count); });
  }
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_COMPACT_PLANES_H_
