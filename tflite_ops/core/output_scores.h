// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_OUTPUT_SCORES_H_
#define TFSPARSE_CORE_OUTPUT_SCORES_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "core/aligned_buffer.h"
#include "core/scratch_carver.h"

namespace tfsparse::core {

// The highest |y| of each output channel, raised by kernels while they write y, so that whoever ranks y next need not
// read it. Tasks that write the same channels each raise a row of their own; the highest of all rows is the score.
class OutputScores {
 public:
  // `rows` is the number of tasks that may write the same channel at once. Each row has room for whole blocks of
  // `block` channels.
  OutputScores(int channels, int block, int rows, ScratchCarver& carver)
      : channels_(static_cast<size_t>(channels)),
        padded_(RoundUp(channels_, static_cast<size_t>(block))),
        rows_(static_cast<size_t>(rows)),
        scores_(carver.Floats(rows_, padded_)) {}

  // To be called before the kernels run.
  void Clear() { std::fill(scores_, scores_ + rows_ * padded_, 0.0f); }

  // Where the task of this row raises the scores of the channels from `channel` on.
  float* At(int row, int channel) { return scores_ + static_cast<size_t>(row) * padded_ + channel; }

  // Writes scores [channels].
  void Write(float* scores) const {
    std::copy(scores_, scores_ + channels_, scores);
    for (size_t row = 1; row < rows_; ++row) {
      for (size_t c = 0; c < channels_; ++c) scores[c] = Higher(scores[c], scores_[row * padded_ + c]);
    }
  }

 private:
  // Floats without sign are ordered like their bits, NaN above infinity.
  static float Higher(float a, float b) { return std::isnan(a) || a >= b ? a : b; }

  const size_t channels_;
  const size_t padded_;
  const size_t rows_;
  float* const scores_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_OUTPUT_SCORES_H_
