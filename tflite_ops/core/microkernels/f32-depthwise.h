// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_DEPTHWISE_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_DEPTHWISE_H_

// Depthwise convolution of planes of compact winners, written once against the names that every simd/f32-*.h defines.
// Include one of those first.

#include <cstddef>
#include <utility>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// Pixels of the largest tile: as many sums as hide the latency of a multiply-add.
constexpr int kDepthwisePixels = 8;

// A row of taps of any number, stride and dilation.
struct AnyTaps {
  template <int kPixels>
  static inline void Add(const DepthwiseRow& row, const float* a, const float* w, F32 (&sum)[kPixels]) {
    const ptrdiff_t pixel_step = row.pixel_step;
    for (int kx = 0; kx < row.taps_w; ++kx, a += row.tap_step, w += kLanes) {
      const F32 b = Load(w);
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) sum[p] = MultiplyAdd(Load(a + p * pixel_step), b, sum[p]);
    }
  }
};

// Three taps, not dilated, which most networks have: each input pixel is loaded once for all the sums that it adds to.
template <int kStride>
struct ThreeTaps {
  template <int kPixels>
  static inline void Add(const DepthwiseRow&, const float* a, const float* w, F32 (&sum)[kPixels]) {
    const F32 b[3] = {Load(w), Load(w + kLanes), Load(w + 2 * kLanes)};
#pragma GCC unroll 32
    for (int j = 0; j < (kPixels - 1) * kStride + 3; ++j) {
      const F32 x = Load(a + j * kLanes);
#pragma GCC unroll 3
      for (int kx = 2; kx >= 0; --kx) {
        const int p = (j - kx) / kStride;
        if (j >= kx && (j - kx) % kStride == 0 && p < kPixels) sum[p] = MultiplyAdd(x, b[kx], sum[p]);
      }
    }
  }
};

// kPixels neighbouring output pixels.
template <typename Taps, int kPixels>
void DepthwiseTile(const DepthwiseRow& row, ptrdiff_t first, float* out) {
  const float* w = row.w;
  F32 sum[kPixels];
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) sum[p] = Load(row.bias);
  const ptrdiff_t row_step = row.taps_w * kLanes;
  for (int ky = 0; ky < row.taps_h; ++ky, w += row_step) {
    Taps::Add(row, row.taps[ky] + first * row.pixel_step, w, sum);
  }
  const F32 min = Splat(row.min);
  const F32 max = Splat(row.max);
  const F32 shift = Load(row.shift);
  const ptrdiff_t out_stride = row.out_stride;
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) {
    Store(out, Add(Min(max, Max(min, sum[p])), shift));
    out += out_stride;
  }
}

using DepthwiseTileFunction = void (*)(const DepthwiseRow&, ptrdiff_t first, float* out);

// The tiles of every size, [pixels - 1].
template <typename Taps, typename Pixels>
struct DepthwiseTiles;

template <typename Taps, int... kPixel>
struct DepthwiseTiles<Taps, std::integer_sequence<int, kPixel...>> {
  static constexpr DepthwiseTileFunction kTiles[] = {DepthwiseTile<Taps, kPixel + 1>...};
};

// Tiles that differ by a pixel at most, so that none is so short that it waits for its sums.
template <typename Taps>
inline void DepthwiseInTiles(const DepthwiseRow& row) {
  using Tiles = DepthwiseTiles<Taps, std::make_integer_sequence<int, kDepthwisePixels>>;
  const int tiles = (row.pixels + kDepthwisePixels - 1) / kDepthwisePixels;
  const int shorter = row.pixels / tiles;
  const int longer = row.pixels % tiles;  // tiles with a pixel more
  ptrdiff_t first = 0;
  for (int t = 0; t < tiles; ++t) {
    const int pixels = shorter + (t < longer ? 1 : 0);
    Tiles::kTiles[pixels - 1](row, first, row.out + first * row.out_stride);
    first += pixels;
  }
}

void Depthwise(const DepthwiseRow& row) {
  const bool three = row.taps_w == 3 && row.tap_step == kLanes;
  if (three && row.pixel_step == kLanes) {
    DepthwiseInTiles<ThreeTaps<1>>(row);
  } else if (three && row.pixel_step == 2 * kLanes) {
    DepthwiseInTiles<ThreeTaps<2>>(row);
  } else {
    DepthwiseInTiles<AnyTaps>(row);
  }
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_DEPTHWISE_H_
