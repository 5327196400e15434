// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_SELECT_H_
#define TFSPARSE_CORE_SELECT_H_

#include <cstddef>
#include <cstdint>

namespace tfsparse::core {

struct Kernels;

// Memory that SelectHighest needs, in bytes.
size_t SelectScratchBytes(size_t count, const Kernels& kernels);

// Writes the indices of the k highest |scores| in ascending order, then -1 up to k entries; 1 <= k <= count. Ties go to
// the lower index, NaN is above infinity, zeros never win. `scratch` is aligned to kAlignment.
void SelectHighest(const float* scores, size_t count, int k, const Kernels& kernels, int32_t* winners, void* scratch);

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_SELECT_H_
