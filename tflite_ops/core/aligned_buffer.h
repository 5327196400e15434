// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_ALIGNED_BUFFER_H_
#define TFSPARSE_CORE_ALIGNED_BUFFER_H_

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace tfsparse::core {

// Alignment of packed weights and scratch memory: one cache line, and the widest vector.
inline constexpr size_t kAlignment = 64;

constexpr size_t RoundUp(size_t value, size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

struct FreeDeleter {
  void operator()(float* data) const { std::free(data); }
};
using AlignedFloats = std::unique_ptr<float[], FreeDeleter>;

// Uninitialised, aligned to kAlignment. Throws std::bad_alloc.
inline AlignedFloats AllocateFloats(size_t count) {
  void* data = std::aligned_alloc(kAlignment, RoundUp(count * sizeof(float) + 1, kAlignment));
  if (data == nullptr) throw std::bad_alloc();
  return AlignedFloats(static_cast<float*>(data));
}

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_ALIGNED_BUFFER_H_
