// SPDX-License-Identifier: Apache-2.0
#include "core/winner_conv2d.h"

#include <cassert>

#include "core/conv2d/choose_method.h"
#include "core/conv2d/zero_skip_conv2d.h"
#include "core/math.h"
#include "core/winners.h"

namespace tfsparse::core {

WinnerConv2D::WinnerConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners, Conv2DMethod method,
                           Isa isa, int num_threads, bool skip_zeros)
    : shape_(shape), winners_(winners), method_(ChooseMethod(shape, winners, method)) {
  assert(!skip_zeros || winners == shape.in_c);
  if (skip_zeros) {
    const double break_even = ZeroSkipConv2D::BreakEven(shape, method_, isa);
    algorithm_ = std::make_unique<ZeroSkipConv2D>(shape, constants, method_, break_even, isa, num_threads);
  } else {
    algorithm_ = MakeConv2D(shape, constants, winners, method_, isa, num_threads);
  }
  if (winners == shape.in_c) all_ = CountUp(winners);
}

bool WinnerConv2D::Run(int batch, const float* x, const int32_t* winners, float* y, void* scratch, ThreadPool& pool,
                       PhaseTimes* times, float* scores) const {
  for (int sample = 0; sample < batch; ++sample) {
    const int32_t* const row = winners == nullptr ? all_.data() : winners + sample * winners_;
    const int count = CountWinners(row, winners_, shape_.in_c);
    if (count < 0) return false;
    algorithm_->Run(x, row, count, y, scores, scratch, pool, times);
    if (scores != nullptr) scores += shape_.out_c;
    x += static_cast<size_t>(shape_.in_h * shape_.in_w) * static_cast<size_t>(shape_.in_c);
    y += static_cast<size_t>(shape_.out_h * shape_.out_w) * static_cast<size_t>(shape_.out_c);
  }
  return true;
}

}  // namespace tfsparse::core
