// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MICROKERNELS_F32_NONZEROS_H_
#define TFSPARSE_CORE_MICROKERNELS_F32_NONZEROS_H_

// Counting and listing what is not zero, written once against the names that every simd/f32-*.h defines. Include one of
// those first.

#include <cstddef>
#include <cstdint>

namespace tfsparse::core {
namespace {

size_t CountNonZeros(const float* x, size_t count) {
  size_t found = 0;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) found += static_cast<size_t>(CountLanes(NonZeroLanes(Load(x + i))));
  if (i < count) {
    found += static_cast<size_t>(CountLanes(NonZeroLanes(LoadFirst(x + i, static_cast<int>(count - i)))));
  }
  return found;
}

int ListNonZeros(const float* x, int count, float* values, int32_t* numbers) {
  int listed = 0;
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) listed += StoreNonZeros(Load(x + i), i, values + listed, numbers + listed);
  if (i < count) listed += StoreNonZeros(LoadFirst(x + i, count - i), i, values + listed, numbers + listed);
  return listed;
}

}  // namespace
}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MICROKERNELS_F32_NONZEROS_H_
