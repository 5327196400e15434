// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_SLOW_PATH_NOTICE_H_
#define TFSPARSE_TFLITE_SLOW_PATH_NOTICE_H_

#include <atomic>
#include <vector>

#include "core/isa.h"

namespace tfsparse::tflite {

// Tells users once that their processor has no instruction set that there are fast kernels for.
class SlowPathNotice {
 public:
  // The text, for the first caller whose `usable` instruction sets are the portable one alone; null for all others.
  const char* Take(const std::vector<core::Isa>& usable);

 private:
  std::atomic<bool> taken_{false};
};

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_SLOW_PATH_NOTICE_H_
