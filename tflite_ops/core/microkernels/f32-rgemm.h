// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_RGEMM_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_RGEMM_H_

// The reduced matrix product, written once against the names that every simd/f32-*.h defines. Include one of those
// first: it decides the instruction set.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// Rows of packed weights start at multiples of their size, so one that is shorter than a cache line lies in one.
constexpr int kLineFloats = 16;

// What follows the index list; see RgemmKernels.
enum class Follow { kNothing, kWeights, kActivations, kBoth };

constexpr bool FollowsWeights(Follow follow) { return follow == Follow::kWeights || follow == Follow::kBoth; }
constexpr bool FollowsActivations(Follow follow) { return follow == Follow::kActivations || follow == Follow::kBoth; }

// Inlined always: a sum whose address leaves the kernel would live in memory.
template <bool kWhole, int kRows, int kVectors>
inline __attribute__((always_inline)) void StoreTile(const RgemmTiles& tiles, F32 (&sum)[kRows][kVectors], float* out) {
  const F32 min = Splat(tiles.min);
  const F32 max = Splat(tiles.max);
  const ptrdiff_t out_stride = tiles.out_stride;
  float* const scores = tiles.scores;
  F32 highest[kVectors];
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) highest[v] = Zero();
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const F32 y = Min(max, Max(min, sum[r][v]));
      const int left = tiles.cols - v * kLanes;
      if (kWhole || left >= kLanes) {
        Store(out + v * kLanes, y);
      } else if (left > 0) {
        StoreFirst(out + v * kLanes, y, left);
      }
      if (scores != nullptr) highest[v] = MaxUnsigned(highest[v], Abs(y));
    }
    out += out_stride;
  }
  if (scores == nullptr) return;
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    Store(scores + v * kLanes, MaxUnsigned(highest[v], Load(scores + v * kLanes)));
  }
}

// So many row pointers fit into general registers beside the rest of what the loop needs. Compilers would put the
// others into vector registers, and the way back from there is behind all multiply-adds that wait.
constexpr int kHeldPointers = kGeneralRegisters - 8;

// Has a pointer read from the stack where it is used.
inline __attribute__((always_inline)) void LeaveOnStack(const float*& pointer) { asm volatile("" : "+m"(pointer)); }

// kRows x (kVectors * kLanes) sums stay in registers over all taps and winners, so every output is one chain of
// additions in a fixed order: results do not depend on how rows are cut into tiles.
//
// With kFetch it also asks memory for the rows of weights that will be gathered next.
template <Follow kFollow, bool kFetch, int kRows, int kVectors>
inline __attribute__((always_inline)) void Tile(const RgemmTiles& tiles, const int32_t* pixels, const float* far,
                                                float* out) {
  constexpr int kWidth = kVectors * kLanes;
  F32 sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sum[r][v] = Load(tiles.bias + v * kLanes);
  }
  const size_t winners = static_cast<size_t>(tiles.winners);
  const int32_t* const index = tiles.index;
  const float* w = tiles.w;
  float* panel = tiles.panel;
  for (int tap = 0; tap < tiles.taps; ++tap, pixels += tiles.pixels_stride) {
    const float* a[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) a[r] = pixels[r] < 0 ? tiles.zeros : tiles.a + pixels[r] * tiles.a_stride;
    for (size_t i = 0; i < winners; ++i) {
      // Read once: the compiler cannot know that storing to the panel leaves the list as it is.
      const size_t winner = kFollow == Follow::kNothing ? i : static_cast<size_t>(index[i]);
      const float* row = w;
      if constexpr (FollowsWeights(kFollow)) {
        row += winner * kWidth;
        const float* ahead = w + static_cast<size_t>(index[i + kLookahead]) * kWidth;
#pragma GCC unroll 2
        for (int n = 0; n < kWidth; n += kLineFloats) Prefetch(ahead + n);
      } else {
        w += kWidth;
      }
      if constexpr (kFetch) {
        const float* next = far + static_cast<size_t>(index[i]) * kWidth;
#pragma GCC unroll 2
        for (int n = 0; n < kWidth; n += kLineFloats) PrefetchFar(next + n);
      }
      F32 b[kVectors];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        b[v] = Load(row + v * kLanes);
        if constexpr (FollowsWeights(kFollow)) Store(panel + v * kLanes, b[v]);
      }
      if constexpr (FollowsWeights(kFollow)) panel += kWidth;
      const size_t column = FollowsActivations(kFollow) ? winner : i;
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        if (kRows > kHeldPointers) LeaveOnStack(a[r]);
        const float x = a[r][column];
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) sum[r][v] = MultiplyAdd(x, b[v], sum[r][v]);
      }
    }
    if constexpr (FollowsWeights(kFollow)) w += tiles.w_rows * kWidth;
    if constexpr (kFetch) far += tiles.w_rows * kWidth;
  }
  if (tiles.cols == kWidth) {
    StoreTile<true>(tiles, sum, out);
  } else {
    StoreTile<false>(tiles, sum, out);
  }
}

template <Follow kFollow, int kRows, int kVectors>
void Tiles(const RgemmTiles& tiles) {
  assert(tiles.rows == kRows && tiles.width == kVectors * kLanes && tiles.cols <= kVectors * kLanes);
  const int32_t* pixels = tiles.pixels;
  float* out = tiles.out;
  int left = tiles.count;
  if (tiles.w_far != nullptr) {
    Tile<kFollow, true, kRows, kVectors>(tiles, pixels, tiles.w_far, out);
    pixels += kRows;
    out += kRows * tiles.out_stride;
    --left;
  }
  for (; left > 0; --left) {
    Tile<kFollow, false, kRows, kVectors>(tiles, pixels, nullptr, out);
    pixels += kRows;
    out += kRows * tiles.out_stride;
  }
}

// The kernels of every size of tile up to kMaxRows, in the order that RgemmKernels states.
template <Follow kFollow, typename Rows>
struct TileTable;

template <Follow kFollow, int... kRow>
struct TileTable<kFollow, std::integer_sequence<int, kRow...>> {
  static constexpr RgemmKernel kTiles[][2] = {{Tiles<kFollow, kRow + 1, 1>, Tiles<kFollow, kRow + 1, 2>}...};
};

template <int kMaxRows>
constexpr RgemmKernels MakeRgemmKernels() {
  using Rows = std::make_integer_sequence<int, kMaxRows>;
  return {TileTable<Follow::kNothing, Rows>::kTiles, TileTable<Follow::kWeights, Rows>::kTiles,
          TileTable<Follow::kActivations, Rows>::kTiles, TileTable<Follow::kBoth, Rows>::kTiles};
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_RGEMM_H_
