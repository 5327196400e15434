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

struct Scratch {
  size_t padded;      // scores, in whole vectors
  float* magnitudes;  // [padded]
  float* values;      // [padded] of what is listed, and a vector of slack
  int32_t* numbers;   // likewise
};

Scratch Carve(size_t count, const Kernels& kernels, ScratchCarver& carver) {
  const size_t lanes = static_cast<size_t>(kernels.lanes);
  Scratch scratch = {};
  scratch.padded = RoundUp(count, lanes);
  scratch.magnitudes = carver.Floats(scratch.padded);
  scratch.values = carver.Floats(scratch.padded + lanes);
  scratch.numbers = carver.Ints(scratch.padded + lanes);
  return scratch;
}

float FromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The highest threshold that at least k of the magnitudes reach, or one that exactly k reach; the lowest above zero if
// fewer are above zero. Found bit by bit: floats without sign are ordered like their bits.
uint32_t FindThreshold(const Scratch& scratch, size_t k, const Kernels& kernels) {
  if (kernels.count_from(scratch.magnitudes, scratch.padded, FromBits(1)) <= k) return 1;
  uint32_t threshold = 0;
  for (int bit = kMagnitudeBits - 1; bit >= 0; --bit) {
    const uint32_t candidate = threshold | (1u << bit);
    const size_t above = kernels.count_from(scratch.magnitudes, scratch.padded, FromBits(candidate));
    if (above == k) return candidate;
    if (above > k) threshold = candidate;
  }
  return threshold;
}

// Drops the last of those that tie at the threshold until k are left.
void DropTies(uint32_t threshold, size_t listed, size_t k, const Scratch& scratch) {
  const auto ties = [&](size_t i) { return std::memcmp(&scratch.values[i], &threshold, sizeof threshold) == 0; };
  size_t surplus = listed - k;
  size_t write = listed;
  for (size_t i = listed; i-- > 0;) {
    if (surplus > 0 && ties(i)) {
      --surplus;
    } else {
      scratch.numbers[--write] = scratch.numbers[i];
    }
  }
  std::copy(scratch.numbers + write, scratch.numbers + listed, scratch.numbers);
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
  std::fill(scratch.magnitudes + count, scratch.magnitudes + scratch.padded, 0.0f);

  const size_t most = static_cast<size_t>(k);
  const uint32_t threshold = FindThreshold(scratch, most, kernels);
  size_t listed =
      kernels.list_from(scratch.magnitudes, scratch.padded, FromBits(threshold), scratch.values, scratch.numbers);
  if (listed > most) {
    DropTies(threshold, listed, most, scratch);
    listed = most;
  }
  std::copy(scratch.numbers, scratch.numbers + listed, winners);
  std::fill(winners + listed, winners + most, -1);
}

}  // namespace tfsparse::core
