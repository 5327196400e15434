// SPDX-License-Identifier: Apache-2.0
#include "core/simd/f32-avx2.h"
// Written against the names of the header above.
#include "core/microkernels/f32-kernels.h"

namespace tfsparse::core {

// Tiles: 12 sums, 2 weights and 1 activation in 16 registers. Rows: 64 columns, so that a slice of weights for many
// channels fits the first-level cache.
const Kernels kAvx2Kernels = MakeKernels<6, 8>(Isa::kAvx2);

}  // namespace tfsparse::core
