// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_DEPTHWISE_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_DEPTHWISE_H_

// Depthwise convolution of compact winners, written once against the names that every simd/f32-*.h defines. Include one
// of those first.

#include <cassert>
#include <cstddef>
#include <utility>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// A vector of channels of kPixels output pixels at a time: one load of a weight serves them all, and their sums are
// enough independent chains to hide the latency of the multiply-add. The result is stored whole, so up to kLanes - 1
// floats past the last channel are read and written.
template <int kPixels>
void Depthwise(const DepthwiseTile& tile) {
  assert(tile.pixels == kPixels);
  const F32 min = Splat(tile.min);
  const F32 max = Splat(tile.max);
  const ptrdiff_t pixel_step = tile.pixel_step;
  for (ptrdiff_t c = 0; c < tile.channels; c += kLanes) {
    const float* w = tile.params + c;
    F32 sum[kPixels];
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p) sum[p] = Load(w);
    w += tile.params_stride;
    for (int ky = 0; ky < tile.taps_h; ++ky) {
      if (tile.rows[ky] == nullptr) {
        w += tile.taps_w * tile.params_stride;
        continue;
      }
      const float* a = tile.rows[ky] + c;
      for (int kx = 0; kx < tile.taps_w; ++kx) {
        const F32 b = Load(w);
#pragma GCC unroll 16
        for (int p = 0; p < kPixels; ++p) sum[p] = MultiplyAdd(Load(a + p * pixel_step), b, sum[p]);
        a += tile.tap_step;
        w += tile.params_stride;
      }
    }
    const F32 shift = Load(w);
    float* out = tile.out + c;
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p) {
      Store(out, Add(Min(max, Max(min, sum[p])), shift));
      out += tile.out_stride;
    }
  }
}

template <typename Pixels>
struct DepthwiseTable;

template <int... kPixel>
struct DepthwiseTable<std::integer_sequence<int, kPixel...>> {
  static constexpr DepthwiseKernel kTiles[] = {Depthwise<kPixel + 1>...};
};

constexpr const DepthwiseKernel* MakeDepthwiseKernels() {
  return DepthwiseTable<std::make_integer_sequence<int, kDepthwisePixels>>::kTiles;
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_DEPTHWISE_H_
