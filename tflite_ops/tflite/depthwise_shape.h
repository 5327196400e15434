// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_DEPTHWISE_SHAPE_H_
#define TFSPARSE_TFLITE_DEPTHWISE_SHAPE_H_

#include "core/conv2d/conv2d_shape.h"
#include "tflite/node_view.h"
#include "tflite/op_options.h"

namespace tfsparse::tflite {

// The shape of a depthwise convolution of depth multiplier 1, from input 0, `x` [N, H, W, C], and the constant input
// `filter` [1, KH, KW, C]. Throws Error if they do not go together. Leaves out_c to the caller.
core::Conv2DShape CheckDepthwiseShape(const NodeView& node, int filter, const WindowOptions& window);

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_DEPTHWISE_SHAPE_H_
