// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_SELECT_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_SELECT_H_

// Counting and listing the scores from a threshold on, written once against the names that every simd/f32-*.h defines.
// Include one of those first. Floats without sign are ordered like their bits, NaN above infinity.

#include <cstddef>
#include <cstdint>

namespace tfsparse::core {
namespace {

size_t CountFrom(const float* magnitudes, size_t count, float threshold) {
  const F32 bound = Splat(threshold);
  size_t found = 0;
  for (size_t i = 0; i < count; i += kLanes) {
    found += static_cast<size_t>(CountLanes(NonZeroLanes(KeepFrom(bound, Load(magnitudes + i)))));
  }
  return found;
}

size_t ListFrom(const float* magnitudes, size_t count, float threshold, float* values, int32_t* numbers) {
  const F32 bound = Splat(threshold);
  size_t listed = 0;
  for (size_t i = 0; i < count; i += kLanes) {
    const F32 kept = KeepFrom(bound, Load(magnitudes + i));
    listed += static_cast<size_t>(StoreNonZeros(kept, static_cast<int32_t>(i), values + listed, numbers + listed));
  }
  return listed;
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_SELECT_H_
