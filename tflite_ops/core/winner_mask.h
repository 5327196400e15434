// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_WINNER_MASK_H_
#define TFSPARSE_CORE_WINNER_MASK_H_

#include <cstdint>

#include "core/phase_times.h"
#include "core/thread_pool.h"
#include "core/winner_select.h"

namespace tfsparse::core {

struct WinnerMaskShape {
  int batch;
  int pixels;    // all dimensions between the first and the last, multiplied
  int channels;  // the last dimension
  int winners;   // capacity of a row of winners
  Unit unit;
};

// Writes y = x with the losers set to zero, whatever they hold (NaN too). x, y [batch, pixels, channels]; winners
// [batch, k] as WinnerSelect writes them. Returns false if a row of winners is malformed.
bool MaskWinners(const WinnerMaskShape& shape, const float* x, const int32_t* winners, float* y, ThreadPool& pool,
                 PhaseTimes* times);

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_WINNER_MASK_H_
