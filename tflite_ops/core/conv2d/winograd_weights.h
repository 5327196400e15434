// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_CONV2D_WINOGRAD_WEIGHTS_H_
#define TFSPARSE_CORE_CONV2D_WINOGRAD_WEIGHTS_H_

namespace tfsparse::core {

// places = G g G^T: what one input channel of one filter, `taps` [3][3], is in Winograd's F(tile x tile, 3x3). `tile`
// is 2 or 4; `places` has (tile + 2)^2 elements. Computed in double.
void TransformFilter(const float* taps, int tile, float* places);

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_CONV2D_WINOGRAD_WEIGHTS_H_
