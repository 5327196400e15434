// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MATH_H_
#define TFSPARSE_CORE_MATH_H_

#include <cstdint>
#include <numeric>
#include <vector>

namespace tfsparse::core {

constexpr int DivideUp(int value, int divisor) { return (value + divisor - 1) / divisor; }

// First item of share `index` when `total` items are parted into `shares` nearly equal ones.
constexpr int ShareBegin(int total, int shares, int index) { return static_cast<int>(int64_t{total} * index / shares); }

// Items [first, last).
struct Range {
  int first;
  int last;

  constexpr int size() const { return last - first; }
};

constexpr Range Share(int total, int shares, int index) {
  return {ShareBegin(total, shares, index), ShareBegin(total, shares, index + 1)};
}

// 0, 1, ... count - 1.
inline std::vector<int32_t> CountUp(int count) {
  std::vector<int32_t> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MATH_H_
