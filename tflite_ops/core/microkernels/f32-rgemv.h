// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_RGEMV_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_RGEMV_H_

// The reduced matrix-vector product, written once against the names that every simd/f32-*.h defines. Include one of
// those first.

#include <cstddef>
#include <cstdint>

namespace tfsparse::core {
namespace {

constexpr int kRowsAtOnce = 8;

// Columns that are multiplied at once: two cache lines of each row. x86 processors fetch the second line of such a pair
// by themselves, and each prefetch of our own takes the place of a load.
constexpr size_t kColumnsAtOnce = 32;

// `ahead` lists the rows to fetch meanwhile.
template <int kRows>
inline void AddRows(const float* values, const int32_t* index, const int32_t* ahead, const float* w, size_t stride,
                    size_t count, float* y) {
  constexpr int kVectors = kColumnsAtOnce / kLanes;
  const float* row[kRows];
  const float* next[kRows];
  F32 x[kRows];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    row[r] = w + static_cast<size_t>(index[r]) * stride;
    next[r] = w + static_cast<size_t>(ahead[r]) * stride;
    x[r] = Splat(values[r]);
  }
  size_t n = 0;
  for (; n + kColumnsAtOnce <= count; n += kColumnsAtOnce) {
    F32 sums[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sums[v] = Load(y + n + v * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) sums[v] = MultiplyAdd(x[r], Load(row[r] + n + v * kLanes), sums[v]);
    }
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) Store(y + n + v * kLanes, sums[v]);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) PrefetchFar(next[r] + n);
  }
  for (; n < count; n += kLanes) {
    F32 sum = Load(y + n);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) sum = MultiplyAdd(x[r], Load(row[r] + n), sum);
    Store(y + n, sum);
  }
}

// Streams whole rows of w, eight at a time: rows are long, so memory sees a few sequential streams, and the sums, which
// stay in the first-level cache, are loaded and stored once per eight.
void Rgemv(const float* values, const int32_t* index, int winners, const float* w, size_t stride, const float* bias,
           size_t count, float min, float max, float* y) {
  for (size_t n = 0; n < count; n += kLanes) Store(y + n, Load(bias + n));
  for (size_t n = 0; n < count; n += kColumnsAtOnce) {
    for (int r = 0; r < kRowsAtOnce; ++r) PrefetchFar(w + static_cast<size_t>(index[r]) * stride + n);
  }
  int i = 0;
  for (; i + kRowsAtOnce <= winners; i += kRowsAtOnce) {
    AddRows<kRowsAtOnce>(values + i, index + i, index + i + kRowsAtOnce, w, stride, count, y);
  }
  if (winners - i >= 4) {
    AddRows<4>(values + i, index + i, index + i + 4, w, stride, count, y);
    i += 4;
  }
  for (; i < winners; ++i) AddRows<1>(values + i, index + i, index + i + 1, w, stride, count, y);
  const F32 low = Splat(min);
  const F32 high = Splat(max);
  for (size_t n = 0; n < count; n += kLanes) Store(y + n, Min(high, Max(low, Load(y + n))));
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_RGEMV_H_
