// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_ALIGNED_BUFFER_H_
#define TFSPARSE_CORE_ALIGNED_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace tfsparse::core {

// Alignment of packed weights and scratch memory: one cache line, and the widest vector.
inline constexpr size_t kAlignment = 64;

// The product of sizes, in floats. Throws std::bad_alloc if they exceed a quarter of the address space, as they may on
// 32 bits, where their number would wrap.
template <typename... Factors>
size_t CountFloats(Factors... factors) {
  constexpr size_t kMost = SIZE_MAX / 4 / sizeof(float);
  size_t product = 1;
  const bool wraps = (__builtin_mul_overflow(product, static_cast<size_t>(factors), &product) || ...);
  if (wraps || product > kMost) throw std::bad_alloc();
  return product;
}

constexpr size_t RoundUp(size_t value, size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// Floats from one row to the next where rows of `count` are read or written side by side: whole cache lines, and an odd
// number of them, so that the same column of neighbouring rows spreads over all sets of the first-level cache. Two
// lines stay two: a third would make the rows half as long again, which costs more than it gains.
constexpr size_t SpreadStride(size_t count) {
  constexpr size_t kLineFloats = kAlignment / sizeof(float);
  const size_t lines = RoundUp(count, kLineFloats) / kLineFloats;
  return (lines <= 2 ? lines : lines | 1) * kLineFloats;
}

struct FreeDeleter {
  void operator()(const float* data) const { std::free(const_cast<float*>(data)); }
};
using AlignedFloats = std::unique_ptr<float[], FreeDeleter>;

// Uninitialised, aligned to kAlignment, and to pages from one page up. Throws std::bad_alloc. Large arrays ask for huge
// pages: winners' weights lie scattered, and with small pages each of them needs an address translation of its own.
inline AlignedFloats AllocateFloats(size_t count) {
  constexpr size_t kPage = 4096;
  constexpr size_t kHugePage = size_t{2} << 20;
  const size_t bytes = CountFloats(count) * sizeof(float) + 1;
  const size_t alignment = bytes < kPage ? kAlignment : bytes < kHugePage ? kPage : kHugePage;
  void* data = nullptr;
  if (posix_memalign(&data, alignment, bytes) != 0) throw std::bad_alloc();
#ifdef __linux__
  if (bytes >= kHugePage) madvise(data, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
  return AlignedFloats(static_cast<float*>(data));
}

// A copy of `source` [count], which may be null for zeros, followed by zeros up to `padded` floats.
inline AlignedFloats CopyPadded(const float* source, size_t count, size_t padded) {
  AlignedFloats copy = AllocateFloats(padded);
  std::fill_n(copy.get(), padded, 0.0f);
  if (source != nullptr) std::copy_n(source, count, copy.get());
  return copy;
}

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_ALIGNED_BUFFER_H_
