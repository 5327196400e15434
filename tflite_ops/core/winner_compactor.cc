// SPDX-License-Identifier: Apache-2.0
#include "core/winner_compactor.h"

#include <algorithm>
#include <cassert>

#include "core/aligned_buffer.h"
#include "core/math.h"
#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

constexpr int kLongestRun = 128;
constexpr size_t kLineFloats = kAlignment / sizeof(float);

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

int WinnerCompactor::groups() const { return DivideUp(channels_, kernels_.lanes); }

// An odd number of cache lines spreads neighbouring pixels over all sets of the first-level cache. The compaction
// writes up to a vector past the winners.
size_t WinnerCompactor::Stride(int count) const {
  const size_t stride = RoundUp(static_cast<size_t>(count + kernels_.lanes - 1), kLineFloats);
  return stride / kLineFloats % 2 == 0 && stride >= 4 * kLineFloats ? stride + kLineFloats : stride;
}

size_t WinnerCompactor::plan_floats() const {
  return RoundUp(static_cast<size_t>(groups() * (kernels_.lanes + 2)), kLineFloats);
}

size_t WinnerCompactor::scratch_floats() const { return plan_floats() + pixels_ * Stride(winners_); }

const float* WinnerCompactor::Run(const float* x, const int32_t* winners, int count, float* scratch,
                                  ThreadPool& pool) const {
  assert(count >= 1 && count <= winners_);
  const int lanes = kernels_.lanes;
  int32_t* const source = reinterpret_cast<int32_t*>(scratch);
  int32_t* const target = source + groups();
  int32_t* const permute = target + groups();
  int used = 0;
  for (int i = 0; i < count; ++used) {
    const int first = winners[i] / lanes * lanes;
    int32_t* const lane = permute + used * lanes;
    source[used] = first;
    target[used] = i;
    std::fill(lane, lane + lanes, 0);
    for (int n = 0; i < count && winners[i] < first + lanes; ++i) lane[n++] = winners[i] - first;
  }
  const CompactPlan plan = {used, source, target, permute};
  const size_t stride = Stride(count);
  float* const copy = scratch + plan_floats();
  const size_t channels = static_cast<size_t>(channels_);
  pool.ParallelFor(static_cast<int>(runs_.size()), [&](int task, int) {
    const PixelRun& run = runs_[static_cast<size_t>(task)];
    kernels_.compact(x + static_cast<size_t>(run.first) * channels, static_cast<size_t>(run.count),
                     static_cast<size_t>(run.step) * channels, channels, plan, stride,
                     copy + static_cast<size_t>(run.target) * stride);
  });
  return copy;
}

}  // namespace tfsparse::core
