// SPDX-License-Identifier: Apache-2.0
#include "core/simd/f32-portable.h"
// Written against the names of the header above.
#include "core/microkernels/f32-kernels.h"

namespace tfsparse::core {

// Tiles: 4 x 2 vectors of sums, as many as compilers keep in 16 registers. Rows: 8 vectors likewise.
const Kernels kPortableKernels = MakeKernels<4, 8>(Isa::kPortable);

}  // namespace tfsparse::core
