// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_MOVE_PLANS_H_
#define TFSPARSE_CORE_MOVE_PLANS_H_

#include <cstdint>

#include "core/microkernels/kernels.h"
#include "core/scratch_carver.h"

namespace tfsparse::core {

// How to move the winners of a pixel together.
class CompactPlanner {
 public:
  // For at most `winners` of `channels`. Carves the memory of the plan.
  CompactPlanner(int channels, int winners, int lanes, ScratchCarver* carver);

  // `count` winners as CountWinners accepts them. The plan stays until the next one is made.
  CompactPlan Make(const int32_t* winners, int count) const;

 private:
  const int channels_;
  const int lanes_;
  int32_t* const end_;
  int32_t* const source_;
  int32_t* const permute_;
};

// How to move compact winners back to their places.
class ExpandPlanner {
 public:
  ExpandPlanner(int channels, int lanes, ScratchCarver* carver);

  // As that of CompactPlanner.
  ExpandPlan Make(const int32_t* winners, int count) const;

 private:
  const int channels_;
  const int lanes_;
  int32_t* const source_;
  int32_t* const permute_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_MOVE_PLANS_H_
