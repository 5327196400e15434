// SPDX-License-Identifier: Apache-2.0
#include "core/winner_compactor.h"

#include <algorithm>
#include <cassert>

#include "core/aligned_buffer.h"
#include "core/microkernels/kernels.h"
#include "core/move_plans.h"
#include "core/scratch_carver.h"

namespace tfsparse::core {
namespace {

constexpr int kLongestRun = 128;

}  // namespace

WinnerCompactor::WinnerCompactor(const std::vector<int32_t>& pixels, int channels, int winners, const Kernels& kernels)
    : pixels_(pixels.size()), channels_(channels), winners_(winners), kernels_(kernels) {
  const int count = static_cast<int>(pixels.size());
  for (int i = 0; i < count;) {
    PixelRun run = {pixels[static_cast<size_t>(i)], 1, 1, i};
    for (++i; i < count && run.count < kLongestRun; ++i, ++run.count) {
      const int step = pixels[static_cast<size_t>(i)] - pixels[static_cast<size_t>(i - 1)];
      if (run.count == 1) run.step = step;
      if (step != run.step) break;
    }
    runs_.push_back(run);
  }
}

size_t WinnerCompactor::Stride(int count) const { return SpreadStride(static_cast<size_t>(count)); }

size_t WinnerCompactor::scratch_floats() const {
  ScratchCarver carver(nullptr);
  CompactPlanner(channels_, winners_, kernels_.lanes, &carver);
  carver.Floats(pixels_, Stride(winners_));
  return carver.bytes() / sizeof(float);
}

const float* WinnerCompactor::Run(const float* x, const int32_t* winners, int count, float* scratch,
                                  ThreadPool& pool) const {
  assert(count >= 1 && count <= winners_);
  ScratchCarver carver(scratch);
  const CompactPlan plan = CompactPlanner(channels_, winners_, kernels_.lanes, &carver).Make(winners, count);
  const size_t stride = Stride(count);
  float* const copy = carver.Floats(pixels_, stride);
  const size_t channels = static_cast<size_t>(channels_);
  pool.ParallelFor(static_cast<int>(runs_.size()), [&](int task, int) {
    const PixelRun& run = runs_[static_cast<size_t>(task)];
    kernels_.compact(x + static_cast<size_t>(run.first) * channels, static_cast<size_t>(run.count),
                     static_cast<size_t>(run.step) * channels, channels, plan, stride,
                     static_cast<size_t>(kernels_.lanes), copy + static_cast<size_t>(run.target) * stride);
  });
  return copy;
}

}  // namespace tfsparse::core
