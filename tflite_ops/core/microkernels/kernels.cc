// SPDX-License-Identifier: Apache-2.0
#include "core/microkernels/kernels.h"

#include <cassert>

namespace tfsparse::core {

std::vector<const Kernels*> AllKernels() {
#if defined(__x86_64__)
  return {&kPortableKernels, &kAvx2Kernels, &kAvx512Kernels};
#elif defined(__aarch64__) || defined(__arm__)
  return {&kPortableKernels, &kNeonKernels};
#else
  return {&kPortableKernels};
#endif
}

const Kernels& KernelsFor(Isa isa) {
  assert(IsaIsUsable(isa));
  for (const Kernels* kernels : AllKernels()) {
    if (kernels->isa == isa) return *kernels;
  }
  return kPortableKernels;
}

}  // namespace tfsparse::core
