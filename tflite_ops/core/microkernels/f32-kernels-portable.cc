// SPDX-License-Identifier: Apache-2.0
#include "core/simd/f32-portable.h"
// Written against the names of the header above.
#include "core/microkernels/f32-kernels.h"

namespace tfsparse::core {

// 4 x 2 vectors of sums, as many as compilers keep in 16 registers
const Kernels kPortableKernels = MakeKernels<4>(Isa::kPortable);

}  // namespace tfsparse::core
