// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_WINNER_COMPACTOR_H_
#define TFSPARSE_CORE_WINNER_COMPACTOR_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/thread_pool.h"

namespace tfsparse::core {

struct Kernels;

// Copies the winners of pixels side by side, so that products over them read consecutive memory.
class WinnerCompactor {
 public:
  // `pixels` lists what to copy, in the order of the copy. Of `channels` per pixel at most `winners` will win.
  WinnerCompactor(const std::vector<int32_t>& pixels, int channels, int winners, const Kernels& kernels);

  // Floats from one pixel of the copy to the next. At least `count` rounded up to a whole vector, so that the last
  // vector of a pixel may be read as a whole; zeros follow the winners there.
  size_t Stride(int count) const;

  // Memory that Run needs, in floats.
  size_t scratch_floats() const;

  // x [...][channels], `count` winners in ascending order, at least one. Returns the copy [pixels][Stride(count)],
  // which lies in `scratch`, aligned to 64 bytes.
  const float* Run(const float* x, const int32_t* winners, int count, float* scratch, ThreadPool& pool) const;

 private:
  // Pixels at equal distances: the work of one task.
  struct PixelRun {
    int32_t first;
    int step;
    int count;
    int target;  // where the first goes
  };

  std::vector<PixelRun> runs_;
  const size_t pixels_;
  const int channels_;
  const int winners_;
  const Kernels& kernels_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_WINNER_COMPACTOR_H_
