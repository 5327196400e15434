// SPDX-License-Identifier: Apache-2.0
#include "core/simd/f32-neon.h"
// Written against the names of the header above.
#include "core/microkernels/f32-kernels.h"

namespace tfsparse::core {

// Tiles: 24 sums, 2 weights and a few activations in 32 registers. Rows: 64 columns, so that a slice of weights for
// many channels fits the first-level cache.
const Kernels kNeonKernels = MakeKernels<12, 16>(Isa::kNeon);

}  // namespace tfsparse::core
