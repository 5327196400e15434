// SPDX-License-Identifier: Apache-2.0
#include "core/winner_fully_connected.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>
#include <vector>

#include "core/math.h"
#include "core/microkernels/kernels.h"
#include "core/winners.h"

namespace tfsparse::core {
namespace {

// Fewest weights that a thread multiplies: below, sharing out costs more than it saves.
constexpr size_t kWeightsPerTask = 32768;

// Columns of the packed weights are shared out in whole cache lines.
constexpr size_t kLineFloats = kAlignment / sizeof(float);

// Floats of the smallest page of memory that processors translate addresses of.
constexpr size_t kPageFloats = 4096 / sizeof(float);

// Row r of a sample is `taps` pixels of `channels` each.
std::vector<int32_t> MakePixelTable(const FullyConnectedShape& shape) {
  std::vector<int32_t> table;
  for (int tap = 0; tap < shape.taps; ++tap) {
    for (int row = 0; row < shape.rows; ++row) table.push_back(row * shape.taps + tap);
  }
  return table;
}

// The rows of a sample are the pixels of a map one pixel high.
Conv2DShape PointwiseShape(const FullyConnectedShape& shape) {
  Conv2DShape pointwise;
  pointwise.in_h = 1;
  pointwise.in_w = shape.rows;
  pointwise.in_c = shape.taps * shape.channels;
  pointwise.out_c = shape.out;
  pointwise.SetPadding(Padding::kValid);
  return pointwise;
}

// Columns of a row of packed weights: whole vectors, or whole pages where that takes a little more memory only. A row
// that lies across one page less needs one address translation less.
size_t PaddedColumns(int out, int lanes) {
  const size_t vectors = RoundUp(static_cast<size_t>(out), static_cast<size_t>(lanes));
  const size_t pages = RoundUp(vectors, kPageFloats);
  return pages - vectors <= vectors / 16 ? pages : vectors;
}

}  // namespace

WinnerFullyConnected::WinnerFullyConnected(const FullyConnectedShape& shape, const float* weights, const float* bias,
                                           Clamp clamp, int winners, Isa isa, int num_threads, bool skip_zeros)
    : shape_(shape),
      winners_(winners),
      clamp_(clamp),
      kernels_(KernelsFor(isa)),
      padded_out_(PaddedColumns(shape.out, kernels_.lanes)),
      tap_rows_(winners < shape.channels ? 1 : shape.channels),
      channel_rows_(winners < shape.channels ? shape.taps : 1) {
  assert(!skip_zeros || winners == shape.channels);
  if (winners == shape.channels) all_ = CountUp(winners);
  if (shape.rows == 1) {
    const size_t inputs = static_cast<size_t>(shape.taps) * static_cast<size_t>(shape.channels);
    const size_t out = static_cast<size_t>(shape.out);
    const std::string layout = "by input " + std::to_string(padded_out_) + " " + std::to_string(shape.out) + " " +
                               std::to_string(channel_rows_);
    weights_ = ShareWeights(layout, weights, inputs * out, CountFloats(inputs, padded_out_),
                            [&](float* packed) { PackByInput(weights, packed); });
    bias_ = CopyPadded(bias, out, padded_out_);
    return;
  }
  if (skip_zeros) {
    const Conv2DShape row = PointwiseShape(shape);
    conv_ = std::make_unique<WinnerConv2D>(row, Conv2DConstants{weights, bias, clamp}, row.in_c, Conv2DMethod::kAuto,
                                           isa, num_threads, true);
    return;
  }
  const ReducedGemmShape gemm = {shape.rows, shape.rows * shape.taps, shape.taps, shape.channels, shape.out, winners};
  gemm_ = std::make_unique<ReducedGemm>(gemm, MakePixelTable(shape), weights, bias, clamp, isa, num_threads);
}

// [out][in] to [row][padded_out], in squares that fit the first-level cache on both sides.
void WinnerFullyConnected::PackByInput(const float* weights, float* packed) const {
  constexpr size_t kSquare = 32;
  const size_t inputs = static_cast<size_t>(shape_.taps) * static_cast<size_t>(shape_.channels);
  const size_t out = static_cast<size_t>(shape_.out);
  for (size_t i0 = 0; i0 < inputs; i0 += kSquare) {
    const size_t i1 = std::min(i0 + kSquare, inputs);
    for (size_t n0 = 0; n0 < padded_out_; n0 += kSquare) {
      const size_t n1 = std::min(n0 + kSquare, padded_out_);
      for (size_t i = i0; i < i1; ++i) {
        const int input = static_cast<int>(i);
        float* const row =
            packed + static_cast<size_t>(Row(input / shape_.channels, input % shape_.channels)) * padded_out_;
        for (size_t n = n0; n < n1; ++n) row[n] = n < out ? weights[n * inputs + i] : 0.0f;
      }
    }
  }
}

size_t WinnerFullyConnected::scratch_bytes() const {
  if (gemm_ != nullptr) return gemm_->scratch_bytes();
  if (conv_ != nullptr) return conv_->scratch_bytes();
  return CountFloats(2 * ListCapacity() + padded_out_) * sizeof(float);
}

// A slack for what listing writes, and prefetching reads, past the last input.
size_t WinnerFullyConnected::ListCapacity() const {
  return RoundUp(CountFloats(winners_, shape_.taps) + static_cast<size_t>(std::max(kernels_.lanes, kLookahead)),
                 kLineFloats);
}

size_t WinnerFullyConnected::weight_bytes() const {
  if (gemm_ != nullptr) return gemm_->weight_bytes();
  if (conv_ != nullptr) return conv_->weight_bytes();
  return CountFloats(shape_.taps, shape_.channels, padded_out_) * sizeof(float);
}

// The inputs that count and are not zero, in the order of their rows, and kLookahead rows to fetch. NaN is not zero.
int WinnerFullyConnected::ListInputs(const float* x, const int32_t* winners, int count, float* values,
                                     int32_t* index) const {
  int listed = 0;
  if (winners == nullptr) listed = kernels_.zero_skip.list(x, shape_.taps * shape_.channels, values, index);
  const auto add = [&](int tap, int winner) {
    const float value = x[tap * shape_.channels + winner];
    values[listed] = value;
    index[listed] = Row(tap, winner);
    listed += value != 0.0f;
  };
  const int wins = winners == nullptr ? 0 : count;
  if (tap_rows_ == 1) {
    for (int i = 0; i < wins; ++i) {
      for (int tap = 0; tap < shape_.taps; ++tap) add(tap, winners[i]);
    }
  } else {
    for (int tap = 0; tap < shape_.taps; ++tap) {
      for (int i = 0; i < wins; ++i) add(tap, winners[i]);
    }
  }
  std::fill_n(index + listed, kLookahead, listed > 0 ? index[listed - 1] : 0);
  return listed;
}

void WinnerFullyConnected::RunVector(const float* x, const int32_t* winners, int count, float* y, void* scratch,
                                     ThreadPool& pool, PhaseTimes* times) const {
  const size_t list = ListCapacity();
  float* const values = static_cast<float*>(scratch);
  int32_t* const index = reinterpret_cast<int32_t*>(values + list);
  float* const sums = values + 2 * list;
  int listed = 0;
  {
    const PhaseTimer timer(times, &PhaseTimes::gather);
    listed = ListInputs(x, winners, count, values, index);
  }
  const PhaseTimer timer(times, &PhaseTimes::gemm);
  const size_t most_tasks = static_cast<size_t>(listed) * padded_out_ / kWeightsPerTask;
  const size_t tasks = std::clamp<size_t>(most_tasks, 1, static_cast<size_t>(pool.num_threads()));
  const size_t share = RoundUp((padded_out_ + tasks - 1) / tasks, kLineFloats);
  pool.ParallelFor(static_cast<int>(tasks), [&](int task, int) {
    const size_t first = std::min(static_cast<size_t>(task) * share, padded_out_);
    const size_t columns = std::min(share, padded_out_ - first);
    kernels_.rgemv(values, index, listed, weights_.get() + first, padded_out_, bias_.get() + first, columns, clamp_.min,
                   clamp_.max, sums + first);
  });
  std::copy(sums, sums + shape_.out, y);
}

bool WinnerFullyConnected::Run(int batch, const float* x, const int32_t* winners, float* y, void* scratch,
                               ThreadPool& pool, PhaseTimes* times) const {
  const size_t inputs = static_cast<size_t>(shape_.taps) * static_cast<size_t>(shape_.channels);
  for (int sample = 0; sample < batch; ++sample) {
    const int32_t* const row = winners == nullptr ? all_.data() : winners + sample * winners_;
    const int count = CountWinners(row, winners_, shape_.channels);
    if (count < 0) return false;
    if (conv_ != nullptr) {
      if (!conv_->Run(1, x, nullptr, y, scratch, pool, times)) return false;
    } else if (gemm_ != nullptr) {
      gemm_->Run(x, row, count, y, nullptr, scratch, pool, times);
    } else {
      RunVector(x, winners == nullptr ? nullptr : row, count, y, scratch, pool, times);
    }
    x += static_cast<size_t>(shape_.rows) * inputs;
    y += static_cast<size_t>(shape_.rows) * static_cast<size_t>(shape_.out);
  }
  return true;
}

}  // namespace tfsparse::core
