// SPDX-License-Identifier: Apache-2.0
#include "core/select.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace tfsparse::core {
namespace {

// Floats without sign are ordered like their bits, NaN above infinity: the selection works on integers alone.
constexpr uint32_t kMagnitude = 0x7fffffffu;
constexpr int kMagnitudeBits = 31;

// The first digit of a key: the exponent and 3 bits of the mantissa.
constexpr int kDigitBits = 11;
constexpr int kDigitShift = kMagnitudeBits - kDigitBits;
constexpr size_t kDigits = size_t{1} << kDigitBits;

// Below this many keys the histogram costs more than it saves.
constexpr size_t kHistogramFrom = 256;

int32_t CountFrom(const uint32_t* keys, size_t count, uint32_t threshold) {
  int32_t above = 0;
  // Signed, as vector units compare: keys have 31 bits.
  for (size_t i = 0; i < count; ++i) above += static_cast<int32_t>(keys[i]) >= static_cast<int32_t>(threshold);
  return above;
}

// The k-th highest of the keys, which all agree in the bits from `bits` up: found bit by bit, as the largest number
// that at least k keys reach.
uint32_t KthHighestByBits(const uint32_t* keys, size_t count, int32_t k, int bits) {
  uint32_t threshold = count == 0 ? 0 : keys[0] >> bits << bits;
  for (int bit = bits - 1; bit >= 0; --bit) {
    const uint32_t candidate = threshold | (1u << bit);
    if (CountFrom(keys, count, candidate) >= k) threshold = candidate;
  }
  return threshold;
}

// The k-th highest of many keys: a histogram of their first digits leaves the few that share its digit.
uint32_t KthHighest(const uint32_t* keys, size_t count, int32_t k, uint32_t* rest) {
  if (count < kHistogramFrom) return KthHighestByBits(keys, count, k, kMagnitudeBits);
  int32_t histogram[kDigits] = {};
  for (size_t i = 0; i < count; ++i) ++histogram[keys[i] >> kDigitShift];
  uint32_t digit = *std::max_element(keys, keys + count) >> kDigitShift;
  while (histogram[digit] < k) k -= histogram[digit--];
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    rest[kept] = keys[i];
    kept += keys[i] >> kDigitShift == digit;
  }
  return KthHighestByBits(rest, kept, k, kDigitShift);
}

// Just past the index of the last key that wins by a tie, if `ties` of those equal to the threshold win.
size_t EndOfTies(const uint32_t* keys, size_t count, uint32_t threshold, int32_t ties) {
  size_t end = 0;
  for (; end < count && ties > 0; ++end) ties -= keys[end] == threshold;
  return end;
}

// Lists the indices in [first, last) of keys from the threshold on, without a branch that data decides.
int32_t* ListFrom(const uint32_t* keys, size_t first, size_t last, uint32_t threshold, int32_t* out,
                  const int32_t* out_end) {
  for (size_t i = first; i < last && out != out_end; ++i) {
    *out = static_cast<int32_t>(i);
    out += keys[i] >= threshold;
  }
  return out;
}

}  // namespace

size_t SelectScratchBytes(size_t count) {
  const size_t rest = count < kHistogramFrom ? 0 : count + 1;
  return (count + rest) * sizeof(uint32_t);
}

void SelectHighest(const float* scores, size_t count, int k, int32_t* winners, void* scratch) {
  assert(k >= 1 && static_cast<size_t>(k) <= count);
  uint32_t* const keys = static_cast<uint32_t*>(scratch);
  std::memcpy(keys, scores, count * sizeof(uint32_t));
  for (size_t i = 0; i < count; ++i) keys[i] &= kMagnitude;
  // A threshold of zero means fewer than k keys above zero: all of those win.
  const uint32_t threshold = std::max(KthHighest(keys, count, k, keys + count), uint32_t{1});
  const size_t ties_end = EndOfTies(keys, count, threshold, k - CountFrom(keys, count, threshold + 1));
  int32_t* const end = winners + k;
  winners = ListFrom(keys, 0, ties_end, threshold, winners, end);
  winners = ListFrom(keys, ties_end, count, threshold + 1, winners, end);
  std::fill(winners, end, -1);
}

}  // namespace tfsparse::core
