// SPDX-License-Identifier: Apache-2.0
#include "core/winner_mask.h"

#include <algorithm>
#include <cstddef>

#include "core/winners.h"

namespace tfsparse::core {
namespace {

// Pixels that one task masks: enough to be worth a task, few enough to share out.
constexpr int kPixelsPerTask = 64;

// Copies the winners of one row and zeroes the rest.
void MaskRow(const float* x, const int32_t* winners, int count, size_t size, float* y) {
  std::fill(y, y + size, 0.0f);
  for (int i = 0; i < count; ++i) y[winners[i]] = x[winners[i]];
}

}  // namespace

bool MaskWinners(const WinnerMaskShape& shape, const float* x, const int32_t* winners, float* y, ThreadPool& pool,
                 PhaseTimes* times) {
  const PhaseTimer timer(times, &PhaseTimes::mask);
  const bool by_channel = shape.unit == Unit::kChannel;
  const int rows = by_channel ? shape.pixels : 1;
  const int row_size = by_channel ? shape.channels : shape.pixels * shape.channels;
  const size_t size = static_cast<size_t>(row_size);
  for (int sample = 0; sample < shape.batch; ++sample, winners += shape.winners) {
    const int count = CountWinners(winners, shape.winners, row_size);
    if (count < 0) return false;
    pool.ParallelFor((rows + kPixelsPerTask - 1) / kPixelsPerTask, [&](int task, int) {
      const int end = std::min((task + 1) * kPixelsPerTask, rows);
      for (int row = task * kPixelsPerTask; row < end; ++row) {
        const size_t offset = static_cast<size_t>(row) * size;
        MaskRow(x + offset, winners, count, size, y + offset);
      }
    });
    x += static_cast<size_t>(rows) * size;
    y += static_cast<size_t>(rows) * size;
  }
  return true;
}

}  // namespace tfsparse::core
