// SPDX-License-Identifier: Apache-2.0
#include "core/move_plans.h"

#include <algorithm>

#include "core/math.h"

namespace tfsparse::core {
namespace {

// Windows that the vectors of a plan need at most: one that begins in each vector of channels, one more for each vector
// of winners that ends within it, and the last, which is moved to where it ends with the channels.
size_t MaxWindows(int channels, int winners, int lanes) {
  return static_cast<size_t>(DivideUp(channels, lanes) + DivideUp(winners, lanes));
}

}  // namespace

CompactPlanner::CompactPlanner(int channels, int winners, int lanes, ScratchCarver* carver)
    : channels_(channels),
      lanes_(lanes),
      end_(carver->Ints(DivideUp(winners, lanes))),
      source_(carver->Ints(MaxWindows(channels, winners, lanes))),
      permute_(carver->Ints(MaxWindows(channels, winners, lanes), lanes)) {}

// A window begins at the first winner that is not in one yet, unless it would then end past the channels.
CompactPlan CompactPlanner::Make(const int32_t* winners, int count) const {
  int windows = 0;
  int vectors = 0;
  for (int first = 0; first < count; first += lanes_) {
    const int last = std::min(first + lanes_, count);
    for (int i = first; i < last; ++windows) {
      const int source = std::max(std::min(winners[i], channels_ - lanes_), 0);
      int32_t* const permute = permute_ + windows * lanes_;
      source_[windows] = source;
      std::fill(permute, permute + lanes_, -1);
      for (; i < last && winners[i] < source + lanes_; ++i) permute[i - first] = winners[i] - source;
    }
    end_[vectors++] = windows;
  }
  return {vectors, end_, source_, permute_};
}

ExpandPlanner::ExpandPlanner(int channels, int lanes, ScratchCarver* carver)
    : channels_(channels),
      lanes_(lanes),
      source_(carver->Ints(DivideUp(channels, lanes))),
      permute_(carver->Ints(DivideUp(channels, lanes), lanes)) {}

ExpandPlan ExpandPlanner::Make(const int32_t* winners, int count) const {
  int i = 0;
  for (int first = 0; first < channels_; first += lanes_) {
    int32_t* const permute = permute_ + first;
    std::fill(permute, permute + lanes_, -1);
    const int begin = i;
    for (; i < count && winners[i] < first + lanes_; ++i) permute[winners[i] - first] = i - begin;
    source_[first / lanes_] = begin;
  }
  return {source_, permute_};
}

}  // namespace tfsparse::core
