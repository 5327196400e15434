// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_COMPACTION_H_
#define TFSPARSE_CORE_COMPACTION_H_

#include <cstddef>
#include <cstdint>

#include "core/microkernels/kernels.h"
#include "core/scratch_carver.h"

namespace tfsparse::core {

// Memory of the two plans below, for any winners of `channels`.
struct PlanMemory {
  PlanMemory(int channels, int lanes, ScratchCarver* carver);

  int32_t* source;
  int32_t* target;
  int32_t* permute;
};

// How to move the `count` winners of a pixel together, and back. `winners` are as CountWinners accepts them.
CompactPlan MakeCompactPlan(const int32_t* winners, int count, int lanes, const PlanMemory& memory);
ExpandPlan MakeExpandPlan(const int32_t* winners, int count, int channels, int lanes, const PlanMemory& memory);

// Floats from one compact pixel to the next: the winners and a vector of slack, which the kernels write and read past
// them. An odd number of cache lines spreads neighbouring pixels over all sets of the first-level cache.
size_t CompactStride(int winners, int lanes);

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_COMPACTION_H_
