// SPDX-License-Identifier: Apache-2.0
#include "core/winner_compactor.h"

#include <algorithm>
#include <cassert>

#include "core/aligned_buffer.h"
#include "core/math.h"
#include "core/microkernels/kernels.h"

namespace tfsparse::core {
namespace {

constexpr int kPixelsPerTask = 128;
constexpr size_t kLineFloats = kAlignment / sizeof(float);

}  // namespace

WinnerCompactor::WinnerCompactor(int pixels, int channels, int winners, const Kernels& kernels)
    : pixels_(pixels), channels_(channels), winners_(winners), kernels_(kernels) {}

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

size_t WinnerCompactor::scratch_floats() const {
  return plan_floats() + static_cast<size_t>(pixels_) * Stride(winners_);
}

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
  pool.ParallelFor(DivideUp(pixels_, kPixelsPerTask), [&](int task, int) {
    const int first = task * kPixelsPerTask;
    const int pixels = std::min(kPixelsPerTask, pixels_ - first);
    const size_t channels = static_cast<size_t>(channels_);
    kernels_.compact(x + static_cast<size_t>(first) * channels, static_cast<size_t>(pixels), channels, plan, stride,
                     copy + static_cast<size_t>(first) * stride);
  });
  return copy;
}

}  // namespace tfsparse::core
