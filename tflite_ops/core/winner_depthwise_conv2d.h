// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_WINNER_DEPTHWISE_CONV2D_H_
#define TFSPARSE_CORE_WINNER_DEPTHWISE_CONV2D_H_

#include <cstddef>
#include <cstdint>

#include "core/conv2d/conv2d_shape.h"
#include "core/conv2d/depthwise_rows.h"
#include "core/isa.h"
#include "core/phase_times.h"
#include "core/thread_pool.h"

namespace tfsparse::core {

// Depthwise convolution (depth multiplier 1) of x, where every channel that is no winner of its sample counts as zero,
// whatever x holds there: such a channel gives clamp(bias) at every pixel.
class WinnerDepthwiseConv2D {
 public:
  // Packs the constants, `filter` [1, kernel_h, kernel_w, in_c]; they are not read again. `shape.batch` and
  // `shape.out_c` are not read. `winners` is k, the capacity of a row of winners. `num_threads` is that of the pool
  // given to Run.
  WinnerDepthwiseConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners, Isa isa,
                        int num_threads);

  // Memory that Run needs, in bytes. It holds nothing between calls, so operators can share it.
  size_t scratch_bytes() const;

  // x [batch, in_h, in_w, in_c], winners [batch, k] as WinnerSelect writes them, y [batch, out_h, out_w, in_c];
  // `scratch` is 64-byte aligned. The batch is free to change from run to run. Returns false, with y undefined, if a
  // row of winners is malformed.
  bool Run(int batch, const float* x, const int32_t* winners, float* y, void* scratch, ThreadPool& pool,
           PhaseTimes* times) const;

 private:
  struct Worker;

  void RunRows(const DepthwiseRows::Sample& sample, const ExpandPlan& plan, Range rows, float* y, void* scratch) const;
  size_t WorkerBytes() const;

  const Conv2DShape shape_;
  const Kernels& kernels_;
  const int winners_;
  const int num_threads_;
  const DepthwiseRows rows_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_WINNER_DEPTHWISE_CONV2D_H_
