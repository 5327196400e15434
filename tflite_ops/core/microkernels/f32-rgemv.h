// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_RGEMV_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_RGEMV_H_

// The reduced matrix-vector product, written once against the names that every simd/f32-*.h defines. Include one of
// those first.

#include <cstddef>
#include <cstdint>

namespace tfsparse::core {
namespace {

template <int kRows>
inline void AddRows(const float* values, const int32_t* index, const float* w, size_t stride, size_t count, float* y) {
  const float* row[kRows];
  F32 x[kRows];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    row[r] = w + static_cast<size_t>(index[r]) * stride;
    x[r] = Splat(values[r]);
  }
  for (size_t n = 0; n < count; n += kLanes) {
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
  int i = 0;
  for (; i + 8 <= winners; i += 8) AddRows<8>(values + i, index + i, w, stride, count, y);
  for (; i < winners; ++i) AddRows<1>(values + i, index + i, w, stride, count, y);
  const F32 low = Splat(min);
  const F32 high = Splat(max);
  for (size_t n = 0; n < count; n += kLanes) Store(y + n, Min(high, Max(low, Load(y + n))));
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_RGEMV_H_
