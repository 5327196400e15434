// SPDX-License-Identifier: Apache-2.0
#include "core/simd/f32-neon.h"
// Written against the names of the header above.
#include "core/microkernels/f32-kernels.h"

namespace tfsparse::core {

#if defined(__aarch64__)
// Tiles: 24 sums, 2 weights and a few activations in 32 registers. Rows: 64 columns, so that a slice of weights for
// many channels fits the first-level cache.
const Kernels kNeonKernels = MakeKernels<12, 16>(Isa::kNeon);
#else
// Tiles: 12 sums, 2 weights and 1 activation in 16 registers. Rows: 48 columns.
const Kernels kNeonKernels = MakeKernels<6, 12>(Isa::kNeon);
#endif

}  // namespace tfsparse::core
