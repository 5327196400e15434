// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_CONV2D_DEPTHWISE_ROWS_H_
#define TFSPARSE_CORE_CONV2D_DEPTHWISE_ROWS_H_

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "core/compaction.h"
#include "core/conv2d/conv2d_shape.h"
#include "core/isa.h"
#include "core/scratch_carver.h"

namespace tfsparse::core {

// Depthwise convolution (depth multiplier 1) of the winners' channels alone, one output row at a time. A row of results
// is compact: [out_w][stride()], of which the first `count` of each pixel are the winners'.
//
// Input rows are made compact once each, into a ring that holds as many as the filter spans; their padding columns are
// zeros, and rows in the padding are skipped. So the convolution runs dense over contiguous memory that stays in the
// first caches.
class DepthwiseRows {
 public:
  // What is subtracted from a result: nothing, or clamp(bias), which is what a loser gives.
  enum class Base { kNone, kLoser };

  // Packs `filter` [kernel_h, kernel_w, in_c] and `bias` [in_c] (may be null); neither is read again. Reads all of
  // `shape` but batch and out_c. `winners` is the most that a sample can have.
  DepthwiseRows(const Conv2DShape& shape, const float* filter, const float* bias, Clamp clamp, Base base, int winners,
                Isa isa);

  // clamp(bias) of each channel, padded to whole vectors.
  const float* losers() const { return losers_.get(); }

  size_t stride() const { return stride_; }

  // One sample with its winners, ready for any number of walks at once.
  struct Sample {
    Sample(const DepthwiseRows& rows, ScratchCarver* carver);

    // x [in_h, in_w, in_c]; `count` winners as CountWinners accepts them, perhaps none.
    void Set(const DepthwiseRows& rows, const float* x, const int32_t* winners, int count);

    const PlanMemory plan_memory;
    float* const params;  // bias, filter and shift of the winners
    const float* x = nullptr;
    int count = 0;
    CompactPlan plan = {};
  };

  // Computes rows of a sample in ascending order.
  class Walk {
   public:
    Walk(const DepthwiseRows& rows, ScratchCarver* carver);

    void Begin(const Sample& sample);
    void ComputeRow(int row, float* out);

   private:
    void CompactInputUpTo(int row);

    const DepthwiseRows& rows_;
    float* const ring_;
    const float** const taps_;
    const Sample* sample_ = nullptr;
    int next_ = 0;  // input row to make compact
  };

 private:
  float* InRing(float* ring, int row) const;

  const Conv2DShape shape_;
  const Kernels& kernels_;
  const Clamp clamp_;
  const size_t stride_;
  const int ring_rows_;
  const int ring_w_;    // pixels of a row of the ring
  const int copied_w_;  // of which so many are the input's
  AlignedFloats params_;
  AlignedFloats losers_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_CONV2D_DEPTHWISE_ROWS_H_
