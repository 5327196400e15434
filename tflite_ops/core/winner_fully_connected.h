// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_WINNER_FULLY_CONNECTED_H_
#define TFSPARSE_CORE_WINNER_FULLY_CONNECTED_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/conv2d/conv2d_shape.h"
#include "core/isa.h"
#include "core/phase_times.h"
#include "core/rgemm.h"
#include "core/shared_weights.h"
#include "core/thread_pool.h"
#include "core/winner_conv2d.h"

namespace tfsparse::core {

struct FullyConnectedShape {
  int batch;  // rows of winners
  int rows;   // vectors per sample; all of them share the sample's winners
  int taps;   // inputs = taps * channels, and winner w stands for the inputs t * channels + w
  int channels;
  int out;
};

// y = clamp(bias + weights . x), where every input that is no winner of its sample counts as zero. With one row per
// sample, which is bound by memory, the weights of inputs that are zero are not read either: zero times infinity is
// zero there.
class WinnerFullyConnected {
 public:
  // Packs `weights` [out, taps * channels] and `bias` [out] (may be null); neither is read again. `shape.batch`
  // is not read: every run says how many samples it has. `winners` is k, the capacity of a row of winners.
  // `num_threads` is that of the pool given to Run. With `skip_zeros`, for which every channel must win, zeros are
  // skipped with several rows per sample too where that is faster.
  WinnerFullyConnected(const FullyConnectedShape& shape, const float* weights, const float* bias, Clamp clamp,
                       int winners, Isa isa, int num_threads, bool skip_zeros = false);

  // Memory that Run needs, in bytes. It holds nothing between calls, so operators can share it.
  size_t scratch_bytes() const;

  // "rgemv" for one row per sample, "direct" for several.
  const char* name() const { return gemm_ != nullptr ? "direct" : "rgemv"; }

  // Memory of the packed weights, in bytes.
  size_t weight_bytes() const;

  // x [batch, rows, taps * channels], winners [batch, k] as WinnerSelect writes them, y [batch, rows, out]; `scratch`
  // is 64-byte aligned. `winners` may be null where k = channels: every channel wins, and must be with `skip_zeros`.
  // The batch is free to change from run to run. Returns false, with y undefined, if a row of winners is malformed.
  bool Run(int batch, const float* x, const int32_t* winners, float* y, void* scratch, ThreadPool& pool,
           PhaseTimes* times) const;

 private:
  void PackByInput(const float* weights, float* packed) const;
  int Row(int tap, int channel) const { return tap * tap_rows_ + channel * channel_rows_; }
  size_t ListCapacity() const;
  int ListInputs(const float* x, const int32_t* winners, int count, float* values, int32_t* index) const;
  void RunVector(const float* x, const int32_t* winners, int count, float* y, void* scratch, ThreadPool& pool,
                 PhaseTimes* times) const;

  const FullyConnectedShape shape_;
  const int winners_;
  const Clamp clamp_;
  const Kernels& kernels_;
  const size_t padded_out_;             // a row of weights_
  const int tap_rows_;                  // from a tap's row of weights_ to the next tap's
  const int channel_rows_;              // likewise for channels: a winner's taps lie side by side where others lose
  SharedFloats weights_;                // [row][padded_out], for one row per sample
  AlignedFloats bias_;                  // [padded_out]
  std::unique_ptr<ReducedGemm> gemm_;   // for several rows per sample
  std::unique_ptr<WinnerConv2D> conv_;  // likewise, where their zeros are skipped: pointwise over a row of pixels
  std::vector<int32_t> all_;            // every channel; empty where fewer can win
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_WINNER_FULLY_CONNECTED_H_
