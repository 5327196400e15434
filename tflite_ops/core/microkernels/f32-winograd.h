// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_WINOGRAD_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_WINOGRAD_H_

// The transforms of Winograd's F(2x2, 3x3) and F(4x4, 3x3) on either side of their products, written once against the
// names that every simd/f32-*.h defines. Include one of those first. (Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks", 2016.) Interpolation points are 0, 1, -1 and infinity, and 0, 2/3, -2/3, 3/2, -3/2
// and infinity: with 1, -1, 2 and -2 errors are three times as large. Sums at +-2/3 come multiplied by 4/9 and those at
// +-3/2 by 3/2, which leaves out two multiplications.

#include <cstddef>

#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// The transforms in one dimension, for tiles that are kTile pixels long.
template <int kTile>
struct WinogradTransform;

template <>
struct WinogradTransform<2> {
  // out = B^T in: four vectors, `stride` apart on either side.
  static void Inputs(const F32* in, F32* out, int stride) {
    const F32 d0 = in[0], d1 = in[stride], d2 = in[2 * stride], d3 = in[3 * stride];
    out[0] = Subtract(d0, d2);
    out[stride] = Add(d1, d2);
    out[2 * stride] = Subtract(d2, d1);
    out[3 * stride] = Subtract(d1, d3);
  }

  // out = A^T in: four vectors `in_stride` apart become two, `out_stride` apart.
  static void Sums(const F32* in, int in_stride, F32* out, int out_stride) {
    const F32 m1 = in[in_stride], m2 = in[2 * in_stride];
    out[0] = Add(Add(in[0], m1), m2);
    out[out_stride] = Subtract(Subtract(m1, m2), in[3 * in_stride]);
  }
};

template <>
struct WinogradTransform<4> {
  static constexpr float kLow = 2.0f / 3.0f;
  static constexpr float kHigh = 3.0f / 2.0f;
  static constexpr float kLow2 = 4.0f / 9.0f;
  static constexpr float kHigh2 = 9.0f / 4.0f;

  // out = B^T in: six vectors, `stride` apart on either side.
  static void Inputs(const F32* in, F32* out, int stride) {
    const F32 d0 = in[0], d1 = in[stride], d2 = in[2 * stride], d3 = in[3 * stride], d4 = in[4 * stride],
              d5 = in[5 * stride];
    const F32 even = MultiplyAdd(Splat(-kHigh2), d2, d4);
    const F32 odd = MultiplyAdd(Splat(-kHigh2), d1, d3);
    const F32 even2 = MultiplyAdd(Splat(-kLow2), d2, d4);
    const F32 odd2 = MultiplyAdd(Splat(-kLow2), d1, d3);
    out[0] = MultiplyAdd(Splat(-kLow2 - kHigh2), d2, Add(d0, d4));
    out[stride] = MultiplyAdd(Splat(kLow), odd, even);
    out[2 * stride] = MultiplyAdd(Splat(-kLow), odd, even);
    out[3 * stride] = MultiplyAdd(Splat(kHigh), odd2, even2);
    out[4 * stride] = MultiplyAdd(Splat(-kHigh), odd2, even2);
    out[5 * stride] = MultiplyAdd(Splat(-kLow2 - kHigh2), d3, Add(d1, d5));
  }

  // out = A^T in: six vectors `in_stride` apart become four, `out_stride` apart.
  static void Sums(const F32* in, int in_stride, F32* out, int out_stride) {
    const F32 m1 = in[in_stride], m2 = in[2 * in_stride], m3 = in[3 * in_stride], m4 = in[4 * in_stride];
    const F32 sum = Add(m1, m2);
    const F32 difference = Subtract(m1, m2);
    const F32 sum2 = Add(m3, m4);
    const F32 difference2 = Subtract(m3, m4);
    out[0] = MultiplyAdd(Splat(kHigh2), sum, MultiplyAdd(Splat(kLow), sum2, in[0]));
    out[out_stride] = MultiplyAdd(Splat(kHigh), difference, difference2);
    out[2 * out_stride] = MultiplyAdd(Splat(kHigh), sum2, sum);
    out[3 * out_stride] =
        MultiplyAdd(Splat(kHigh2), difference2, MultiplyAdd(Splat(kLow), difference, in[5 * in_stride]));
  }
};

// V = B^T d B for every channel of one tile.
template <int kTile>
void WinogradInput(const WinogradInputTile& tile) {
  constexpr int kPatch = kTile + 2;
  constexpr int kPlaces = kPatch * kPatch;
  for (size_t c = 0; c < tile.channels; c += kLanes) {
    F32 d[kPlaces];
    F32 columns[kPlaces];
#pragma GCC unroll 36
    for (int i = 0; i < kPlaces; ++i) d[i] = Load(tile.pixels[i] + c);
#pragma GCC unroll 6
    for (int i = 0; i < kPatch; ++i) WinogradTransform<kTile>::Inputs(d + i, columns + i, kPatch);
#pragma GCC unroll 6
    for (int i = 0; i < kPatch; ++i) WinogradTransform<kTile>::Inputs(columns + kPatch * i, d + kPatch * i, 1);
    float* out = tile.out + c;
#pragma GCC unroll 36
    for (int i = 0; i < kPlaces; ++i) {
      Store(out, d[i]);
      out += tile.out_stride;
    }
  }
}

template <int kTile>
inline void StoreOutputs(const WinogradOutputTile& tile, int column, const F32* sums) {
  const F32 bias = Load(tile.bias + column);
  const F32 min = Splat(tile.min);
  const F32 max = Splat(tile.max);
  const int left = tile.cols - column;
  F32 highest = Zero();
  for (int r = 0; r < tile.out_rows; ++r) {
    float* out = tile.out + r * tile.out_row_stride + column;
    for (int q = 0; q < tile.out_cols; ++q, out += tile.out_stride) {
      const F32 y = Min(max, Max(min, Add(sums[kTile * r + q], bias)));
      if (left >= kLanes) {
        Store(out, y);
      } else {
        StoreFirst(out, y, left);
      }
      highest = MaxUnsigned(highest, Abs(y));
    }
  }
  if (tile.scores == nullptr) return;
  Store(tile.scores + column, MaxUnsigned(highest, Load(tile.scores + column)));
}

// y = clamp(bias + A^T m A) for every column of one tile.
template <int kTile>
void WinogradOutput(const WinogradOutputTile& tile) {
  constexpr int kPatch = kTile + 2;
  for (int column = 0; column < tile.cols; column += kLanes) {
    F32 m[kPatch * kPatch];
    F32 columns[kTile * kPatch];
    F32 sums[kTile * kTile];
#pragma GCC unroll 36
    for (int i = 0; i < kPatch * kPatch; ++i) m[i] = Load(tile.sums + i * tile.width + column);
#pragma GCC unroll 6
    for (int i = 0; i < kPatch; ++i) WinogradTransform<kTile>::Sums(m + i, kPatch, columns + i, kPatch);
#pragma GCC unroll 4
    for (int i = 0; i < kTile; ++i) WinogradTransform<kTile>::Sums(columns + kPatch * i, 1, sums + kTile * i, 1);
    StoreOutputs<kTile>(tile, column, sums);
  }
}

template <int kTile>
constexpr WinogradKernels MakeWinogradKernels() {
  return {WinogradInput<kTile>, WinogradOutput<kTile>};
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_WINOGRAD_H_
