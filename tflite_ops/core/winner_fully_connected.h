// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_WINNER_FULLY_CONNECTED_H_
#define TFSPARSE_CORE_WINNER_FULLY_CONNECTED_H_

#include <cstddef>
#include <cstdint>

#include "core/conv2d_shape.h"
#include "core/isa.h"
#include "core/phase_times.h"
#include "core/thread_pool.h"

namespace tfsparse::core {

struct FullyConnectedShape {
  int batch;  // rows of winners
  int rows;   // vectors per sample; all of them share the sample's winners
  int taps;   // inputs = taps * channels, and winner w stands for the inputs t * channels + w
  int channels;
  int out;
};

// y = clamp(bias + weights . x), where every input that is no winner of its sample counts as zero.
class WinnerFullyConnected {
 public:
  // Packs `weights` [out, taps * channels] and `bias` [out] (may be null); neither is read again. `winners` is k, the
  // capacity of a row of winners. `num_threads` is that of the pool given to Run.
  WinnerFullyConnected(const FullyConnectedShape& shape, const float* weights, const float* bias, Clamp clamp,
                       int winners, Isa isa, int num_threads);

  // Memory that Run needs, in bytes. It holds nothing between calls, so operators can share it.
  size_t scratch_bytes() const;

  // x [batch, rows, taps * channels], winners [batch, k] as WinnerSelect writes them, y [batch, rows, out]; `scratch`
  // is 64-byte aligned. Returns false, with y undefined, if a row of winners is malformed.
  bool Run(const float* x, const int32_t* winners, float* y, void* scratch, ThreadPool& pool, PhaseTimes* times) const;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_WINNER_FULLY_CONNECTED_H_
