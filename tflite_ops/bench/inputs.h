// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_BENCH_INPUTS_H_
#define TFSPARSE_BENCH_INPUTS_H_

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace tfsparse::core {

inline std::vector<float> RandomFloats(int count) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> distribution(0.0f, 1.0f);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = distribution(generator);
  return values;
}

inline int WinnerCount(double rate, int channels) {
  return std::max(1, static_cast<int>(std::floor(rate * channels + 0.5)));
}

}  // namespace tfsparse::core

#endif  // TFSPARSE_BENCH_INPUTS_H_
