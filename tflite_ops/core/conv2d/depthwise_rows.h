// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_CONV2D_DEPTHWISE_ROWS_H_
#define TFSPARSE_CORE_CONV2D_DEPTHWISE_ROWS_H_

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "core/conv2d/conv2d_algorithm.h"
#include "core/conv2d/conv2d_shape.h"
#include "core/isa.h"
#include "core/math.h"
#include "core/move_plans.h"
#include "core/scratch_carver.h"

namespace tfsparse::core {

// Depthwise convolution (depth multiplier 1) of the winners' channels alone, a few output rows at a time. Results are
// compact: [row][out_w][stride()], of which the first `count` of each pixel are the winners'.
//
// Every input row is read once, in memory order, and its winners moved together: a plane per vector of them, and in it
// a ring of the input rows that the output rows at hand reach over. Planes fit into a first-level cache, where the
// convolution goes through one after the other. Their padding columns are zeros; rows in the padding are skipped.
class DepthwiseRows {
 public:
  // What is subtracted from a result: nothing, or clamp(bias), which is what a loser gives.
  enum class Base { kNone, kLoser };

  // Packs the constants, `filter` [1, kernel_h, kernel_w, in_c]; they are not read again. Reads all of `shape` but
  // batch and out_c. `winners` is the most that a sample can have.
  DepthwiseRows(const Conv2DShape& shape, const Conv2DConstants& constants, Base base, int winners, Isa isa);

  // clamp(bias) of each channel, padded to whole vectors.
  const float* losers() const { return losers_.get(); }

  // Floats from one pixel of results to the next: whole vectors, and another one that may be read too.
  size_t stride() const { return stride_; }

  // Output rows that are best computed together.
  int rows_at_once() const { return rows_at_once_; }

  // One sample with its winners, ready for any number of walks at once.
  struct Sample {
    Sample(const DepthwiseRows& rows, ScratchCarver* carver);

    // x [in_h, in_w, in_c]; `count` winners as CountWinners accepts them, perhaps none.
    void Set(const DepthwiseRows& rows, const float* x, const int32_t* winners, int count);

    const CompactPlanner planner;
    float* const params;  // [vector][bias, taps, shift][lanes] of the winners
    const float* x = nullptr;
    int count = 0;
    CompactPlan plan = {};
  };

  // Computes rows of a sample in ascending order.
  class Walk {
   public:
    Walk(const DepthwiseRows& rows, ScratchCarver* carver);

    void Begin(const Sample& sample);

    // At most rows_at_once() rows into `out`, aligned to kAlignment. Writes nothing where there are no winners.
    void ComputeRows(Range rows, float* out);

   private:
    void CompactInputUpTo(int row);
    void ComputeRow(int vector, int row, float* out);

    const DepthwiseRows& rows_;
    float* const ring_;         // [vector][ring_rows][ring_w][lanes]
    const float** const taps_;  // [kernel_h]
    const Sample* sample_ = nullptr;
    int next_ = 0;  // input row to make compact
  };

 private:
  size_t row_floats() const;    // of a plane
  size_t plane_floats() const;  // of the ring
  size_t param_floats() const;  // of a vector

  const Conv2DShape shape_;
  const Kernels& kernels_;
  const Clamp clamp_;
  const int vectors_;
  const size_t stride_;
  const int ring_w_;    // pixels of a row of the ring
  const int copied_w_;  // of which so many are the input's
  const int rows_at_once_;
  const int ring_rows_;
  AlignedFloats params_;  // [bias, taps, shift][in_c]
  AlignedFloats losers_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_CONV2D_DEPTHWISE_ROWS_H_
