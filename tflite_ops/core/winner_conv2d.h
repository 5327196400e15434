// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_WINNER_CONV2D_H_
#define TFSPARSE_CORE_WINNER_CONV2D_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/conv2d/conv2d_algorithm.h"

namespace tfsparse::core {

// y = clamp(bias + convolution of x with the filter), where every channel that is no winner of its sample counts as
// zero, whatever x holds there. The cost is at most that of a dense convolution over the winners alone.
class WinnerConv2D {
 public:
  // Packs the constants, which are not read again. `shape.batch` is not read: every run says how many samples it has.
  // `winners` is k, the capacity of a row of winners. `num_threads` is that of the pool given to Run.
  // With `skip_zeros`, for which every channel must win, zeros of the input are skipped where that is faster.
  WinnerConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners, Conv2DMethod method, Isa isa,
               int num_threads, bool skip_zeros = false);

  // Memory that Run needs, in bytes. It holds nothing between calls, so operators can share it.
  size_t scratch_bytes() const { return algorithm_->scratch_bytes(); }
  size_t weight_bytes() const { return algorithm_->weight_bytes(); }

  // How the convolution is computed; where zeros are skipped, how inputs with few zeros are.
  Conv2DMethod method() const { return method_; }

  // x [batch, in_h, in_w, in_c], winners [batch, k] as WinnerSelect writes them, y [batch, out_h, out_w, out_c];
  // `scratch` is 64-byte aligned. `winners` may be null where k = in_c: every channel wins. The batch is free to change
  // from run to run. scores [batch, out_c] gets the highest |y| of each channel, for whoever ranks y next; null where
  // nobody does. Returns false, with y and scores undefined, if a row of winners is malformed.
  bool Run(int batch, const float* x, const int32_t* winners, float* y, void* scratch, ThreadPool& pool,
           PhaseTimes* times, float* scores = nullptr) const;

 private:
  const Conv2DShape shape_;
  const int winners_;
  const Conv2DMethod method_;
  std::unique_ptr<Conv2DAlgorithm> algorithm_;
  std::vector<int32_t> all_;  // every channel; empty where fewer can win
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_WINNER_CONV2D_H_
