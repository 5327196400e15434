// SPDX-License-Identifier: Apache-2.0
#include "core/microkernels/kernels.h"

#include <cassert>

namespace tfsparse::core {

const Kernels& KernelsFor(Isa isa) {
  assert(IsaIsUsable(isa));
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return kAvx512Kernels;
  if (isa == Isa::kAvx2) return kAvx2Kernels;
#elif defined(__aarch64__)
  if (isa == Isa::kNeon) return kNeonKernels;
#endif
  (void)isa;
  return kPortableKernels;
}

}  // namespace tfsparse::core
