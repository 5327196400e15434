// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_WINNER_SELECT_H_
#define TFSPARSE_CORE_WINNER_SELECT_H_

#include <cstddef>
#include <cstdint>

#include "core/isa.h"
#include "core/phase_times.h"
#include "core/thread_pool.h"

namespace tfsparse::core {

struct Kernels;

enum class Score { kMax, kMean };       // of |x| over the pixels of a channel
enum class Unit { kChannel, kNeuron };  // what wins or loses: a channel, or a single activation

struct WinnerSelectShape {
  int batch;
  int pixels;    // all dimensions between the first and the last, multiplied
  int channels;  // the last dimension
  int winners;   // k: 1 <= k <= channels (unit channel) or pixels * channels (unit neuron)
  Unit unit;
  Score score;  // read for unit channel only
};

// Finds the winners of x [batch, pixels, channels]: per sample the k highest scores, ties to the lower index, NaN above
// everything. Winners whose score is zero are dropped, since they add nothing to any product; but where k is the number
// of channels, maps of several pixels are not read at all, and all channels win.
class WinnerSelect {
 public:
  WinnerSelect(const WinnerSelectShape& shape, Isa isa);

  size_t scratch_bytes() const;

  // Writes winners [batch, k]: per sample indices in ascending order, then -1. `scratch` is 64-byte aligned.
  void Run(const float* x, int32_t* winners, void* scratch, ThreadPool& pool, PhaseTimes* times) const;

 private:
  void Rank(const float* x, float* scores, ThreadPool& pool) const;

  const WinnerSelectShape shape_;
  const Kernels& kernels_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_WINNER_SELECT_H_
