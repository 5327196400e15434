// SPDX-License-Identifier: Apache-2.0
#include "tflite/slow_path_notice.h"

#include <algorithm>

namespace tfsparse::tflite {

const char* SlowPathNotice::Take(const std::vector<core::Isa>& usable) {
  const auto is_portable = [](core::Isa isa) { return isa == core::Isa::kPortable; };
  if (!std::all_of(usable.begin(), usable.end(), is_portable) || taken_.exchange(true)) return nullptr;
  return "tfsparse: this processor has neither AVX2 with FMA nor NEON, so the portable kernels run, which are much "
         "slower. TFSPARSE_ISA=portable turns this notice off.";
}

}  // namespace tfsparse::tflite
