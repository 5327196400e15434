// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TESTS_CORE_TEST_DATA_H_
#define TFSPARSE_TESTS_CORE_TEST_DATA_H_

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/conv2d/conv2d_shape.h"
#include "core/isa.h"
#include "core/thread_pool.h"

namespace tfsparse::core {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
inline constexpr Clamp kNoClamp = {-kInfinity, kInfinity};

inline std::vector<float> RandomFloats(size_t count, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> distribution;
  std::vector<float> values(count);
  for (float& value : values) value = distribution(generator);
  return values;
}

// Whether arithmetic takes numbers below the smallest normal one for zero, as vectors of 32-bit Arm processors do.
inline bool FlushesDenormals([[maybe_unused]] Isa isa) {
#if defined(__arm__)
  return isa == Isa::kNeon;
#else
  return false;
#endif
}

// A copy of `values` that ends where readable memory ends: reading one float past it is a crash.
class GuardedFloats {
 public:
  explicit GuardedFloats(const std::vector<float>& values) : count_(values.size()) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t bytes = RoundUp(count_ * sizeof(float), page);
    mapped_ = bytes + page;
    base_ = static_cast<char*>(mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(base_ + bytes, page, PROT_NONE);
    data_ = reinterpret_cast<float*>(base_ + bytes) - count_;
    std::memcpy(data_, values.data(), count_ * sizeof(float));
  }
  ~GuardedFloats() { munmap(base_, mapped_); }
  GuardedFloats(const GuardedFloats&) = delete;
  GuardedFloats& operator=(const GuardedFloats&) = delete;

  float* data() { return data_; }
  std::vector<float> ToVector() const { return std::vector<float>(data_, data_ + count_); }

 private:
  size_t count_;
  size_t mapped_;
  char* base_;
  float* data_;
};

// Scratch memory of exactly `bytes`, full of NaN: an operator that reads what it has not written shows it.
inline AlignedFloats DirtyScratch(size_t bytes) {
  const size_t count = bytes / sizeof(float);
  AlignedFloats scratch = AllocateFloats(count);
  for (size_t i = 0; i < count; ++i) scratch[i] = kNaN;
  return scratch;
}

// The `count` floats that `op` writes with `threads` threads, for which it was made. They end where writable memory
// ends, its input ends where readable memory ends, and its scratch memory is dirty. `scores` is where it takes one.
template <typename Operator, typename... Scores>
std::vector<float> GuardedRun(const Operator& op, int batch, const std::vector<float>& x, const int32_t* winners,
                              int count, int threads, Scores*... scores) {
  ThreadPool pool(threads);
  const AlignedFloats scratch = DirtyScratch(op.scratch_bytes());
  GuardedFloats input(x);
  GuardedFloats output(std::vector<float>(static_cast<size_t>(count), kNaN));
  EXPECT_TRUE(op.Run(batch, input.data(), winners, output.data(), scratch.get(), pool, nullptr, scores...));
  return output.ToVector();
}

// That one sample x is refused with each of these rows of winners; what would be written are `count` floats.
template <typename Operator>
void ExpectRefused(const Operator& op, const std::vector<float>& x,
                   const std::vector<std::vector<int32_t>>& rows_of_winners, int count) {
  ThreadPool pool(1);
  const AlignedFloats scratch = DirtyScratch(op.scratch_bytes());
  std::vector<float> y(static_cast<size_t>(count));
  for (const std::vector<int32_t>& winners : rows_of_winners) {
    EXPECT_FALSE(op.Run(1, x.data(), winners.data(), y.data(), scratch.get(), pool, nullptr));
  }
}

// Rows of winners in which every channel wins.
inline std::vector<int32_t> AllWin(int batch, int channels) {
  std::vector<int32_t> winners(static_cast<size_t>(batch * channels));
  for (size_t i = 0; i < winners.size(); ++i) winners[i] = static_cast<int32_t>(i % static_cast<size_t>(channels));
  return winners;
}

inline bool AnyIsNaN(const std::vector<float>& values) {
  return std::any_of(values.begin(), values.end(), [](float value) { return std::isnan(value); });
}

// scores [batch, channels] of y [batch, ..., channels]: the highest |y| of each channel.
inline std::vector<float> HighestMagnitudes(const std::vector<float>& y, int batch, int channels) {
  const size_t stride = static_cast<size_t>(channels);
  const size_t sample = y.size() / static_cast<size_t>(batch);
  std::vector<float> scores(static_cast<size_t>(batch) * stride, 0.0f);
  for (size_t i = 0; i < y.size(); ++i) {
    float& score = scores[i / sample * stride + i % stride];
    score = std::fmax(score, std::fabs(y[i]));
  }
  return scores;
}

// The largest difference relative to the largest magnitude; infinite where NaN or infinity stand in one alone.
inline double RelativeError(const std::vector<float>& actual, const std::vector<float>& expected) {
  if (actual.size() != expected.size()) return kInfinity;
  double difference = 0.0;
  double magnitude = 1e-30;
  for (size_t i = 0; i < actual.size(); ++i) {
    if (std::isnan(actual[i]) != std::isnan(expected[i])) return kInfinity;
    if (std::isnan(expected[i]) || actual[i] == expected[i]) continue;
    difference = std::fmax(difference, std::fabs(static_cast<double>(actual[i]) - expected[i]));
    if (std::isfinite(expected[i])) magnitude = std::fmax(magnitude, std::fabs(expected[i]));
  }
  return difference / magnitude;
}

}  // namespace tfsparse::core

#endif  // TFSPARSE_TESTS_CORE_TEST_DATA_H_
