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

  float* Floats(size_t count) {
    float* const part = memory_ == nullptr ? nullptr : memory_ + used_;
    used_ += RoundUp(count, kAlignment / sizeof(float));
    return part;
  }
  int32_t* Ints(size_t count) { return reinterpret_cast<int32_t*>(Floats(count)); }

  size_t bytes() const { return used_ * sizeof(float); }

 private:
  static_assert(sizeof(int32_t) == sizeof(float));

  float* const memory_;
  size_t used_ = 0;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_SCRATCH_CARVER_H_
