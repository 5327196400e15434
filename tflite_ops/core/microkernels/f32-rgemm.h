// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_RGEMM_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_RGEMM_H_

// The reduced matrix product, written once against the names that every simd/f32-*.h defines. Include one of those
// first: it decides the instruction set.

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// What follows the index list; see RgemmKernels.
enum class Follow { kNothing, kWeights, kActivations, kBoth };

constexpr bool FollowsWeights(Follow follow) { return follow == Follow::kWeights || follow == Follow::kBoth; }
constexpr bool FollowsActivations(Follow follow) { return follow == Follow::kActivations || follow == Follow::kBoth; }

template <int kRows, int kVectors>
inline void StoreTile(const RgemmTile& tile, F32 (&sum)[kRows][kVectors]) {
  const F32 min = Splat(tile.min);
  const F32 max = Splat(tile.max);
  const bool whole = tile.cols == kVectors * kLanes;
  float* out = tile.out;
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const F32 y = Min(max, Max(min, sum[r][v]));
      const int left = tile.cols - v * kLanes;
      if (whole || left >= kLanes) {
        Store(out + v * kLanes, y);
      } else if (left > 0) {
        StoreFirst(out + v * kLanes, y, left);
      }
    }
    out += tile.out_stride;
  }
}

// kRows x (kVectors * kLanes) sums stay in registers over all taps and winners, so every output is one chain of
// additions in a fixed order: results do not depend on how rows are cut into tiles.
template <Follow kFollow, int kRows, int kVectors>
void Tile(const RgemmTile& tile) {
  constexpr int kWidth = kVectors * kLanes;
  assert(tile.rows == kRows && tile.width == kWidth && tile.cols <= kWidth);
  F32 sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sum[r][v] = Load(tile.bias + v * kLanes);
  }
  const float* w = tile.w;
  float* panel = tile.panel;
  const int32_t* pixels = tile.pixels;
  const size_t winners = static_cast<size_t>(tile.winners);
  for (int tap = 0; tap < tile.taps; ++tap) {
    const float* a[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) a[r] = pixels[r] < 0 ? tile.zeros : tile.a + pixels[r] * tile.a_stride;
    pixels += tile.pixels_stride;
    for (size_t i = 0; i < winners; ++i) {
      const float* row = w;
      if constexpr (FollowsWeights(kFollow)) {
        row += static_cast<size_t>(tile.index[i]) * kWidth;
        const float* ahead = w + static_cast<size_t>(tile.index[i + kLookahead]) * kWidth;
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) Prefetch(ahead + v * kLanes);
      } else {
        w += kWidth;
      }
      F32 b[kVectors];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        b[v] = Load(row + v * kLanes);
        if constexpr (FollowsWeights(kFollow)) Store(panel + v * kLanes, b[v]);
      }
      if constexpr (FollowsWeights(kFollow)) panel += kWidth;
      const size_t column = FollowsActivations(kFollow) ? static_cast<size_t>(tile.index[i]) : i;
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const F32 x = Splat(a[r][column]);
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) sum[r][v] = MultiplyAdd(x, b[v], sum[r][v]);
      }
    }
    if constexpr (FollowsWeights(kFollow)) w += tile.w_rows * kWidth;
  }
  StoreTile<kRows, kVectors>(tile, sum);
}

// Runs the kernel for exactly tile.rows <= kRows rows, so that a short tile costs what its rows cost.
template <Follow kFollow, int kRows>
void Rgemm(const RgemmTile& tile) {
  if (tile.rows < kRows) {
    if constexpr (kRows > 1) Rgemm<kFollow, kRows - 1>(tile);
  } else if (tile.width == kLanes) {
    Tile<kFollow, kRows, 1>(tile);
  } else {
    Tile<kFollow, kRows, 2>(tile);
  }
}

template <int kRows>
constexpr RgemmKernels MakeRgemmKernels() {
  return {Rgemm<Follow::kNothing, kRows>, Rgemm<Follow::kWeights, kRows>, Rgemm<Follow::kActivations, kRows>,
          Rgemm<Follow::kBoth, kRows>};
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_RGEMM_H_
