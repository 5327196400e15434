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

// kPixels neighbouring output pixels: one load of a weight serves them all.
template <int kPixels>
void DepthwiseTile(const DepthwiseRow& row, ptrdiff_t first, float* out) {
  const float* w = row.params;
  const ptrdiff_t pixel_step = row.pixel_step;
  F32 sum[kPixels];
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) sum[p] = Load(w);
  w += kLanes;
  for (int ky = 0; ky < row.taps_h; ++ky) {
    if (row.taps[ky] == nullptr) {
      w += row.taps_w * kLanes;
      continue;
    }
    const float* a = row.taps[ky] + first * pixel_step;
    for (int kx = 0; kx < row.taps_w; ++kx) {
      const F32 b = Load(w);
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) sum[p] = MultiplyAdd(Load(a + p * pixel_step), b, sum[p]);
      a += row.tap_step;
      w += kLanes;
    }
  }
  const F32 min = Splat(row.min);
  const F32 max = Splat(row.max);
  const F32 shift = Load(w);
  const ptrdiff_t out_stride = row.out_stride;
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) {
    Store(out, Add(Min(max, Max(min, sum[p])), shift));
    out += out_stride;
  }
}

using DepthwiseTileFunction = void (*)(const DepthwiseRow&, ptrdiff_t first, float* out);

// The tiles of every size, [pixels - 1].
template <typename Pixels>
struct DepthwiseTiles;

template <int... kPixel>
struct DepthwiseTiles<std::integer_sequence<int, kPixel...>> {
  static constexpr DepthwiseTileFunction kTiles[] = {DepthwiseTile<kPixel + 1>...};
};

// Tiles that differ by a pixel at most, so that none is so short that it waits for its sums.
void Depthwise(const DepthwiseRow& row) {
  using Tiles = DepthwiseTiles<std::make_integer_sequence<int, kDepthwisePixels>>;
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

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_DEPTHWISE_H_
