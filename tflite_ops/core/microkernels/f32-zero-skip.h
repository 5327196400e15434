// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_ZERO_SKIP_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_ZERO_SKIP_H_

// The product of lists of non-zeros with a slice of weights, written once against the names that every simd/f32-*.h
// defines. Include one of those first.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/microkernels/f32-nonzeros.h"
#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

// The sums of a pixel stay in registers over its list; every non-zero reads one row of the slice, which the first-level
// cache holds. So a multiply-add costs one load, as many as a processor can do.
template <int kVectors>
void ZeroSkip(const ZeroSkipRun& run) {
  constexpr int kWidth = kVectors * kLanes;
  assert(run.width == kWidth);
  const float* const values = run.values;
  const int32_t* const channels = run.channels;
  const int32_t* begin = run.begin;
  float* sums = run.sums;
  for (int i = 0; i < run.pixels; ++i, begin += run.step, sums += kWidth) {
    F32 sum[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sum[v] = Load(sums + v * kLanes);
    const int32_t end = begin[1];
    for (int32_t j = begin[0]; j < end; ++j) {
      const F32 x = Splat(values[j]);
      const float* const row = run.w + static_cast<ptrdiff_t>(channels[j]) * kWidth;
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sum[v] = MultiplyAdd(x, Load(row + v * kLanes), sum[v]);
    }
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) Store(sums + v * kLanes, sum[v]);
  }
}

void ClampRows(const float* sums, int rows, int width, int cols, float min, float max, float* y, ptrdiff_t y_stride) {
  const F32 low = Splat(min);
  const F32 high = Splat(max);
  for (int r = 0; r < rows; ++r, sums += width, y += y_stride) {
    int n = 0;
    for (; n + kLanes <= cols; n += kLanes) Store(y + n, Min(high, Max(low, Load(sums + n))));
    if (n < cols) StoreFirst(y + n, Min(high, Max(low, Load(sums + n))), cols - n);
  }
}

// The kernels of every width up to kMaxVectors, in the order that ZeroSkipKernels states.
template <typename Vectors>
struct ZeroSkipTable;

template <int... kVector>
struct ZeroSkipTable<std::integer_sequence<int, kVector...>> {
  static constexpr ZeroSkipKernel kKernels[] = {ZeroSkip<kVector + 1>...};
};

template <int kMaxVectors>
constexpr ZeroSkipKernels MakeZeroSkipKernels() {
  using Vectors = std::make_integer_sequence<int, kMaxVectors>;
  return {CountNonZeros, ListNonZeros, ZeroSkipTable<Vectors>::kKernels, kMaxVectors, ClampRows};
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_ZERO_SKIP_H_
