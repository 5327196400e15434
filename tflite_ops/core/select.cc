// SPDX-License-Identifier: Apache-2.0
#include "core/select.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "core/aligned_buffer.h"
#include "core/microkernels/kernels.h"
#include "core/scratch_carver.h"

namespace tfsparse::core {
namespace {

constexpr int kMagnitudeBits = 31;
constexpr uint32_t kAboveZero = 1;  // the bits of the lowest number above zero

// Long lists are cut short by a bound taken from a sample, which is right up to this many standard deviations.
constexpr size_t kSampleSize = 256;
constexpr size_t kFewestSampled = 4 * kSampleSize;
constexpr float kSampleDeviations = 3.0f;

struct Scratch {
  float* magnitudes;   // of the scores, and later of the winners
  float* candidates;   // magnitudes of those that may win
  int32_t* numbers;    // which scores they are
  int32_t* positions;  // which of them win
};

// Whole vectors, and one more that listing may write.
Scratch Carve(size_t count, const Kernels& kernels, ScratchCarver& carver) {
  const size_t lanes = static_cast<size_t>(kernels.lanes);
  const size_t floats = RoundUp(count, lanes) + lanes;
  return {carver.Floats(floats), carver.Floats(floats), carver.Ints(floats), carver.Ints(floats)};
}

float FromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// Zeros up to whole vectors; returns how many values there are then.
size_t PadWithZeros(float* values, size_t count, const Kernels& kernels) {
  const size_t padded = RoundUp(count, static_cast<size_t>(kernels.lanes));
  std::fill(values + count, values + padded, 0.0f);
  return padded;
}

// The highest threshold that at least k of the magnitudes reach, or one that exactly k reach; `least` if fewer reach
// that. Found bit by bit: floats without sign are ordered like their bits.
uint32_t FindThreshold(const float* magnitudes, size_t padded, size_t k, uint32_t least, const Kernels& kernels) {
  uint32_t threshold = 0;
  for (int bit = kMagnitudeBits - 1; bit >= 0; --bit) {
    const uint32_t candidate = threshold | (1u << bit);
    const size_t above = candidate <= least ? k + 1 : kernels.count_from(magnitudes, padded, FromBits(candidate));
    if (above == k) return candidate;
    if (above > k) threshold = candidate;
  }
  return threshold;
}

// A threshold that k of the magnitudes reach in all likelihood, and not many more. The sample is taken in odd steps,
// for lists in which a power of two repeats.
uint32_t GuessThreshold(const Scratch& scratch, size_t count, size_t k, const Kernels& kernels) {
  if (count < kFewestSampled) return kAboveZero;
  const float share = static_cast<float>(k) / static_cast<float>(count);
  const float expected = share * kSampleSize;
  const size_t rank = 1 + static_cast<size_t>(expected + kSampleDeviations * std::sqrt(expected * (1.0f - share)));
  if (rank >= kSampleSize) return kAboveZero;
  const size_t step = (count / kSampleSize - 1) | 1;
  float* const sample = scratch.candidates;
  for (size_t i = 0; i < kSampleSize; ++i) sample[i] = scratch.magnitudes[i * step];
  return FindThreshold(sample, kSampleSize, rank, kAboveZero, kernels);
}

// Drops the last of the winners that tie at the threshold until k are left.
void DropTies(uint32_t threshold, size_t listed, size_t k, const Scratch& scratch) {
  const auto ties = [&](size_t i) { return std::memcmp(&scratch.magnitudes[i], &threshold, sizeof threshold) == 0; };
  size_t surplus = listed - k;
  size_t write = listed;
  for (size_t i = listed; i-- > 0;) {
    if (surplus > 0 && ties(i)) {
      --surplus;
    } else {
      scratch.positions[--write] = scratch.positions[i];
    }
  }
  std::copy(scratch.positions + write, scratch.positions + listed, scratch.positions);
}

// Writes the numbers of the k highest candidates, all of which reach `least`.
void KeepHighest(size_t candidates, size_t k, uint32_t least, const Scratch& scratch, const Kernels& kernels,
                 int32_t* winners) {
  const size_t padded = PadWithZeros(scratch.candidates, candidates, kernels);
  const uint32_t threshold = FindThreshold(scratch.candidates, padded, k, least, kernels);
  const size_t kept =
      kernels.list_from(scratch.candidates, padded, FromBits(threshold), scratch.magnitudes, scratch.positions);
  if (kept > k) DropTies(threshold, kept, k, scratch);
  for (size_t i = 0; i < k; ++i) winners[i] = scratch.numbers[scratch.positions[i]];
}

}  // namespace

size_t SelectScratchBytes(size_t count, const Kernels& kernels) {
  ScratchCarver carver(nullptr);
  Carve(count, kernels, carver);
  return carver.bytes();
}

void SelectHighest(const float* scores, size_t count, int k, const Kernels& kernels, int32_t* winners, void* memory) {
  assert(k >= 1 && static_cast<size_t>(k) <= count);
  ScratchCarver carver(memory);
  const Scratch scratch = Carve(count, kernels, carver);
  for (size_t i = 0; i < count; ++i) scratch.magnitudes[i] = std::fabs(scores[i]);
  const size_t padded = PadWithZeros(scratch.magnitudes, count, kernels);
  const auto list = [&](uint32_t least) {
    return kernels.list_from(scratch.magnitudes, padded, FromBits(least), scratch.candidates, scratch.numbers);
  };

  const size_t most = static_cast<size_t>(k);
  uint32_t least = GuessThreshold(scratch, count, most, kernels);
  size_t listed = list(least);
  if (listed < most && least > kAboveZero) listed = list(least = kAboveZero);
  if (listed > most) return KeepHighest(listed, most, least, scratch, kernels, winners);
  std::copy(scratch.numbers, scratch.numbers + listed, winners);
  std::fill(winners + listed, winners + most, -1);
}

}  // namespace tfsparse::core
