// SPDX-License-Identifier: Apache-2.0
#include "core/winner_depthwise_conv2d.h"

#include <algorithm>

#include "core/math.h"
#include "core/microkernels/kernels.h"
#include "core/move_plans.h"
#include "core/winners.h"

namespace tfsparse::core {

// What one thread works with.
struct WinnerDepthwiseConv2D::Worker {
  Worker(const WinnerDepthwiseConv2D& op, ScratchCarver* carver)
      : walk(op.rows_, carver), compact(carver->Floats(op.rows_.rows_at_once() * op.shape_.out_w, op.rows_.stride())) {}

  DepthwiseRows::Walk walk;
  float* const compact;  // results
};

WinnerDepthwiseConv2D::WinnerDepthwiseConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners,
                                             Isa isa, int num_threads)
    : shape_(shape),
      kernels_(KernelsFor(isa)),
      winners_(winners),
      num_threads_(std::max(num_threads, 1)),
      rows_(shape, constants, DepthwiseRows::Base::kNone, winners, isa) {}

size_t WinnerDepthwiseConv2D::WorkerBytes() const {
  ScratchCarver carver(nullptr);
  const Worker worker(*this, &carver);
  return carver.bytes();
}

size_t WinnerDepthwiseConv2D::scratch_bytes() const {
  ScratchCarver carver(nullptr);
  const DepthwiseRows::Sample sample(rows_, &carver);
  const ExpandPlanner planner(shape_.in_c, kernels_.lanes, &carver);
  carver.Floats(num_threads_, WorkerBytes() / sizeof(float));
  return carver.bytes();
}

bool WinnerDepthwiseConv2D::Run(int batch, const float* x, const int32_t* winners, float* y, void* scratch,
                                ThreadPool& pool, PhaseTimes* times) const {
  const PhaseTimer timer(times, &PhaseTimes::gemm);
  ScratchCarver carver(scratch);
  DepthwiseRows::Sample sample(rows_, &carver);
  const ExpandPlanner planner(shape_.in_c, kernels_.lanes, &carver);
  char* const workers = static_cast<char*>(scratch) + carver.bytes();
  const int tasks = std::min(pool.num_threads(), shape_.out_h);
  const size_t channels = static_cast<size_t>(shape_.in_c);
  for (int b = 0; b < batch; ++b) {
    const int count = CountWinners(winners, winners_, shape_.in_c);
    if (count < 0) return false;
    sample.Set(rows_, x, winners, count);
    const ExpandPlan plan = planner.Make(winners, count);
    pool.ParallelFor(tasks, [&](int task, int worker) {
      RunRows(sample, plan, Share(shape_.out_h, tasks, task), y, workers + static_cast<size_t>(worker) * WorkerBytes());
    });
    x += static_cast<size_t>(shape_.in_h * shape_.in_w) * channels;
    y += static_cast<size_t>(shape_.out_h * shape_.out_w) * channels;
    winners += winners_;
  }
  return true;
}

void WinnerDepthwiseConv2D::RunRows(const DepthwiseRows::Sample& sample, const ExpandPlan& plan, Range rows, float* y,
                                    void* scratch) const {
  ScratchCarver carver(scratch);
  Worker worker(*this, &carver);
  worker.walk.Begin(sample);
  const size_t channels = static_cast<size_t>(shape_.in_c);
  const size_t row_floats = static_cast<size_t>(shape_.out_w) * channels;
  for (int row = rows.first; row < rows.last; row += rows_.rows_at_once()) {
    const Range some = {row, std::min(row + rows_.rows_at_once(), rows.last)};
    worker.walk.ComputeRows(some, worker.compact);
    kernels_.expand(worker.compact, static_cast<size_t>(some.size() * shape_.out_w), rows_.stride(), plan,
                    rows_.losers(), channels, y + static_cast<size_t>(row) * row_floats);
  }
}

}  // namespace tfsparse::core
