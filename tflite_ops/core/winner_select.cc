// SPDX-License-Identifier: Apache-2.0
#include "core/winner_select.h"

#include <algorithm>
#include <numeric>

#include "core/aligned_buffer.h"
#include "core/microkernels/kernels.h"
#include "core/select.h"

namespace tfsparse::core {
namespace {

// Fewest channels and values that a thread ranks: below, sharing out costs more than it saves.
constexpr size_t kChannelsPerTask = 16;
constexpr size_t kValuesPerTask = 32768;

}  // namespace

WinnerSelect::WinnerSelect(const WinnerSelectShape& shape, Isa isa) : shape_(shape), kernels_(KernelsFor(isa)) {}

size_t WinnerSelect::scratch_bytes() const {
  const size_t channels = static_cast<size_t>(shape_.channels);
  if (shape_.unit == Unit::kNeuron) return SelectScratchBytes(CountFloats(channels, shape_.pixels), kernels_);
  return RoundUp(channels * sizeof(float), kAlignment) + SelectScratchBytes(channels, kernels_);
}

void WinnerSelect::Rank(const float* x, float* scores, ThreadPool& pool) const {
  const size_t pixels = static_cast<size_t>(shape_.pixels);
  const size_t channels = static_cast<size_t>(shape_.channels);
  const auto rank = shape_.score == Score::kMax ? kernels_.rank_max : kernels_.rank_sum;
  // Threads share out channels, never pixels: the order of additions stays the same.
  const size_t most_tasks = std::min(channels / kChannelsPerTask, pixels * channels / kValuesPerTask);
  const size_t tasks = std::clamp<size_t>(most_tasks, 1, static_cast<size_t>(pool.num_threads()));
  const size_t share = RoundUp((channels + tasks - 1) / tasks, kChannelsPerTask);
  pool.ParallelFor(static_cast<int>(tasks), [&](int task, int) {
    const size_t first = std::min(static_cast<size_t>(task) * share, channels);
    const size_t count = std::min(share, channels - first);
    std::fill_n(scores + first, count, 0.0f);
    if (count > 0) rank(x + first, pixels, channels, count, scores + first);
  });
}

void WinnerSelect::Run(const float* x, int32_t* winners, void* scratch, ThreadPool& pool, PhaseTimes* times) const {
  const size_t channels = static_cast<size_t>(shape_.channels);
  const size_t values = channels * static_cast<size_t>(shape_.pixels);
  float* const scores = static_cast<float*>(scratch);
  for (int sample = 0; sample < shape_.batch; ++sample, x += values, winners += shape_.winners) {
    if (shape_.unit == Unit::kNeuron || shape_.pixels == 1) {  // the values are the scores
      const PhaseTimer timer(times, &PhaseTimes::select);
      SelectHighest(x, values, shape_.winners, kernels_, winners, scratch);
      continue;
    }
    // Where every channel may win, reading a whole map would cost more than a channel of zeros can save.
    if (shape_.winners == shape_.channels) {
      std::iota(winners, winners + channels, 0);
      continue;
    }
    {
      const PhaseTimer timer(times, &PhaseTimes::rank);
      Rank(x, scores, pool);
    }
    const PhaseTimer timer(times, &PhaseTimes::select);
    void* const rest = scores + RoundUp(channels * sizeof(float), kAlignment) / sizeof(float);
    SelectHighest(scores, channels, shape_.winners, kernels_, winners, rest);
  }
}

}  // namespace tfsparse::core
