// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_SCRATCH_CARVER_H_
#define TFSPARSE_CORE_SCRATCH_CARVER_H_

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"

namespace tfsparse::core {

// Parts one block of memory into aligned arrays. With no block to part, it counts what would be needed: the same code
// says how much scratch memory an operator needs and where its parts lie.
class ScratchCarver {
 public:
  explicit ScratchCarver(void* memory) : memory_(static_cast<float*>(memory)) {}

  // An array of so many times so many ...; throws std::bad_alloc if memory cannot hold it.
  template <typename... Factors>
  float* Floats(Factors... factors) {
    float* const part = memory_ == nullptr ? nullptr : memory_ + used_;
    used_ = CountFloats(used_ + RoundUp(CountFloats(factors...), kAlignment / sizeof(float)));
    return part;
  }
  template <typename... Factors>
  int32_t* Ints(Factors... factors) {
    return reinterpret_cast<int32_t*>(Floats(factors...));
  }

  size_t bytes() const { return used_ * sizeof(float); }

 private:
  static_assert(sizeof(int32_t) == sizeof(float));

  float* const memory_;
  size_t used_ = 0;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_SCRATCH_CARVER_H_
