// SPDX-License-Identifier: Apache-2.0
#include "core/simd/f32-avx512.h"
// Written against the names of the header above.
#include "core/microkernels/f32-kernels.h"

namespace tfsparse::core {

// Tiles: 28 sums, 2 weights and 1 activation in 32 registers. Rows: 64 columns, so that a slice of weights for many
// channels fits the first-level cache.
const Kernels kAvx512Kernels = MakeKernels<14, 4>(Isa::kAvx512);

}  // namespace tfsparse::core
