// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_RANK_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_RANK_H_

// Scores of channels, written once against the names that every simd/f32-*.h defines. Include one of those first.

#include <cstddef>

namespace tfsparse::core {
namespace {

using CombineFunction = F32 (*)(F32, F32);

template <CombineFunction kCombine, typename LoadFunction>
inline F32 CombineFour(const float* x, size_t stride, const LoadFunction& load) {
  const F32 first = kCombine(load(x), load(x + stride));
  const F32 second = kCombine(load(x + 2 * stride), load(x + 3 * stride));
  return kCombine(first, second);
}

// Walks the map once, in memory order. Four pixels at a time, so that the scores, which stay in the first-level cache,
// are loaded and stored once per four. The order of additions is the same on every instruction set, so rounding is too.
template <CombineFunction kCombine>
void Rank(const float* x, size_t pixels, size_t stride, size_t count, float* scores) {
  const auto load = [](const float* p) { return Abs(Load(p)); };
  const size_t whole = count - count % kLanes;
  const int rest = static_cast<int>(count - whole);
  const auto load_rest = [rest](const float* p) { return Abs(LoadFirst(p, rest)); };
  F32 last = LoadFirst(scores + whole, rest);
  size_t p = 0;
  for (; p + 4 <= pixels; p += 4, x += 4 * stride) {
    for (size_t c = 0; c < whole; c += kLanes) {
      Store(scores + c, kCombine(Load(scores + c), CombineFour<kCombine>(x + c, stride, load)));
    }
    if (rest > 0) last = kCombine(last, CombineFour<kCombine>(x + whole, stride, load_rest));
  }
  for (; p < pixels; ++p, x += stride) {
    for (size_t c = 0; c < whole; c += kLanes) Store(scores + c, kCombine(Load(scores + c), load(x + c)));
    if (rest > 0) last = kCombine(last, load_rest(x + whole));
  }
  if (rest > 0) StoreFirst(scores + whole, last, rest);
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_RANK_H_
