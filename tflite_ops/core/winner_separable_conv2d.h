// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_WINNER_SEPARABLE_CONV2D_H_
#define TFSPARSE_CORE_WINNER_SEPARABLE_CONV2D_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/conv2d/conv2d_algorithm.h"
#include "core/conv2d/conv2d_shape.h"
#include "core/conv2d/depthwise_rows.h"
#include "core/isa.h"
#include "core/math.h"
#include "core/packed_columns.h"
#include "core/phase_times.h"
#include "core/thread_pool.h"

namespace tfsparse::core {

// A depthwise convolution (depth multiplier 1) and the pointwise one (1x1, stride 1) that alone reads it. Channels of x
// that are no winners of their sample count as zero, whatever x holds there; behind the depthwise convolution they are
// the constants l = clamp(bias), so that with d its results
//
//   sum over all channels of d * w = sum over the winners of (d - l) * w + sum over all channels of l * w,
//
// of which the last part does not depend on x. Both convolutions thus cost what they cost over the winners alone. The
// results of the first stay in a second-level cache, a few rows at a time, until the second has read them.
class WinnerSeparableConv2D {
 public:
  // `shape` is that of the depthwise convolution, but for out_c, the outputs of the pointwise one. The constants,
  // `depthwise.filter` [1, kernel_h, kernel_w, in_c] and `pointwise.filter` [out_c, 1, 1, in_c], are packed and not
  // read again. `winners` is k, the capacity of a row of winners. `num_threads` is that of the pool given to Run.
  WinnerSeparableConv2D(const Conv2DShape& shape, const Conv2DConstants& depthwise, const Conv2DConstants& pointwise,
                        int winners, Isa isa, int num_threads);

  // Memory that Run needs, in bytes. It holds nothing between calls, so operators can share it.
  size_t scratch_bytes() const;
  size_t weight_bytes() const { return weights_.bytes(); }  // of the pointwise convolution

  // x [batch, in_h, in_w, in_c], winners [batch, k] as WinnerSelect writes them, y [batch, out_h, out_w, out_c];
  // `scratch` is 64-byte aligned. The batch is free to change from run to run. scores [batch, out_c] gets the highest
  // |y| of each channel, for whoever ranks y next; null where nobody does. Returns false, with y and scores undefined,
  // if a row of winners is malformed.
  bool Run(int batch, const float* x, const int32_t* winners, float* y, void* scratch, ThreadPool& pool,
           PhaseTimes* times, float* scores = nullptr) const;

 private:
  struct Grid;
  struct Shared;
  struct Worker;
  struct Part;

  Grid ChooseGrid() const;
  size_t WorkerBytes() const;
  void RunPart(const Part& part, void* scratch) const;
  void ComputeDepthwise(Range rows, Worker* worker) const;
  void MultiplyRows(const Part& part, Range rows, const float* depthwise, float* panels) const;
  void MultiplyBlocks(const Part& part, Range blocks, int pixels, const float* depthwise, bool gather, float* panels,
                      float* y) const;

  const Conv2DShape shape_;
  const Kernels& kernels_;
  const int winners_;
  const int num_threads_;
  const Clamp clamp_;
  const DepthwiseRows rows_;
  const PackedColumns weights_;
  const int rows_at_once_;  // whose depthwise results are kept
  const std::vector<int32_t> pixels_;
  AlignedFloats bias_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_WINNER_SEPARABLE_CONV2D_H_
