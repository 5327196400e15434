// SPDX-License-Identifier: Apache-2.0
#include "core/simd/f32-avx2.h"
// Written against the names of the header above.
#include "core/microkernels/f32-kernels.h"

namespace tfsparse::core {

// 12 sums, 2 weights and 1 activation in 16 registers
const Kernels kAvx2Kernels = MakeKernels<6>(Isa::kAvx2);

}  // namespace tfsparse::core
