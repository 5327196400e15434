// SPDX-License-Identifier: Apache-2.0
#include "core/simd/f32-avx512.h"
// Written against the names of the header above.
#include "core/microkernels/f32-kernels.h"

namespace tfsparse::core {

// 28 sums, 2 weights and 1 activation in 32 registers
const Kernels kAvx512Kernels = MakeKernels<14>(Isa::kAvx512);

}  // namespace tfsparse::core
