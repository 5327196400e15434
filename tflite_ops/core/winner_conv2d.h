// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_WINNER_CONV2D_H_
#define TFSPARSE_CORE_WINNER_CONV2D_H_

#include <cstddef>
#include <cstdint>

#include "core/conv2d_shape.h"
#include "core/isa.h"
#include "core/phase_times.h"
#include "core/rgemm.h"
#include "core/thread_pool.h"

namespace tfsparse::core {

// y = clamp(bias + convolution of x with the filter), where every channel that is no winner of its sample counts as
// zero, whatever x holds there. The cost is that of a dense convolution over the winners alone.
class WinnerConv2D {
 public:
  // Packs `filter` [out_c, kernel_h, kernel_w, in_c] and `bias` [out_c] (may be null); neither is read again.
  // `shape.batch` is not read: every run says how many samples it has. `winners` is k, the capacity of a row of
  // winners. `num_threads` is that of the pool given to Run.
  WinnerConv2D(const Conv2DShape& shape, const float* filter, const float* bias, Clamp clamp, int winners, Isa isa,
               int num_threads);

  // Memory that Run needs, in bytes. It holds nothing between calls, so operators can share it.
  size_t scratch_bytes() const { return gemm_.scratch_bytes(); }

  // x [batch, in_h, in_w, in_c], winners [batch, k] as WinnerSelect writes them, y [batch, out_h, out_w, out_c];
  // `scratch` is 64-byte aligned. The batch is free to change from run to run. Returns false, with y undefined, if a
  // row of winners is malformed.
  bool Run(int batch, const float* x, const int32_t* winners, float* y, void* scratch, ThreadPool& pool,
           PhaseTimes* times) const;

 private:
  const Conv2DShape shape_;
  const int winners_;
  const ReducedGemm gemm_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_WINNER_CONV2D_H_
