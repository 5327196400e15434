// SPDX-License-Identifier: Apache-2.0
#include "core/compaction.h"

#include <algorithm>

#include "core/aligned_buffer.h"

namespace tfsparse::core {

PlanMemory::PlanMemory(int channels, int lanes, ScratchCarver* carver) {
  const size_t vectors = static_cast<size_t>((channels + lanes - 1) / lanes);
  source = carver->Ints(vectors);
  target = carver->Ints(vectors);
  permute = carver->Ints(vectors * static_cast<size_t>(lanes));
}

CompactPlan MakeCompactPlan(const int32_t* winners, int count, int lanes, const PlanMemory& memory) {
  int groups = 0;
  for (int i = 0; i < count; ++groups) {
    const int source = winners[i] / lanes * lanes;
    int32_t* const permute = memory.permute + groups * lanes;
    memory.source[groups] = source;
    memory.target[groups] = i;
    std::fill(permute, permute + lanes, 0);
    for (int lane = 0; i < count && winners[i] < source + lanes; ++i) permute[lane++] = winners[i] - source;
  }
  return {groups, memory.source, memory.target, memory.permute};
}

ExpandPlan MakeExpandPlan(const int32_t* winners, int count, int channels, int lanes, const PlanMemory& memory) {
  int i = 0;
  for (int first = 0; first < channels; first += lanes) {
    int32_t* const permute = memory.permute + first;
    std::fill(permute, permute + lanes, -1);
    const int begin = i;
    for (; i < count && winners[i] < first + lanes; ++i) permute[winners[i] - first] = i - begin;
    memory.source[first / lanes] = begin;
  }
  return {memory.source, memory.permute};
}

size_t CompactStride(int winners, int lanes) {
  constexpr size_t kLine = kAlignment / sizeof(float);
  const size_t lines = RoundUp(static_cast<size_t>(winners + lanes), kLine) / kLine;
  return (lines % 2 == 0 && lines >= 4 ? lines + 1 : lines) * kLine;
}

}  // namespace tfsparse::core
