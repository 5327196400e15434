// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_CONV2D_WINDOW_H_
#define TFSPARSE_TFLITE_CONV2D_WINDOW_H_

#include "core/conv2d/conv2d_shape.h"
#include "tflite/node_view.h"
#include "tflite/op_options.h"

namespace tfsparse::tflite {

// The shape of a convolution of x [N, H, W, C] with a filter [., KH, KW, .], without padding, output size or out_c.
// Throws Error if sizes derived from the window would leave an int.
core::Conv2DShape WindowShape(const Dims& x, const Dims& filter, const WindowOptions& window);

// Fills in padding and output size. Throws Error, which calls the filter `name`, if the filter does not fit into x.
void FitWindow(const Dims& x, const Dims& filter, const char* name, core::Padding padding, core::Conv2DShape* shape);

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_CONV2D_WINDOW_H_
