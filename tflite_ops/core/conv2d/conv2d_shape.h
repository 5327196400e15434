// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_CONV2D_CONV2D_SHAPE_H_
#define TFSPARSE_CORE_CONV2D_CONV2D_SHAPE_H_

namespace tfsparse::core {

enum class Padding { kSame, kValid };

// Sizes of a 2-D convolution, NHWC. Fill in the upper part, then call SetPadding for the rest.
struct Conv2DShape {
  int batch = 1;
  int in_h = 0;
  int in_w = 0;
  int in_c = 0;
  int out_c = 0;
  int kernel_h = 1;
  int kernel_w = 1;
  int stride_h = 1;
  int stride_w = 1;
  int dilation_h = 1;
  int dilation_w = 1;

  int out_h = 0;
  int out_w = 0;
  int pad_top = 0;
  int pad_left = 0;

  // Computes the output size and the leading padding by TFLite's rule: where the total padding is odd, the extra row or
  // column is at the end. An output size of zero or less means that the kernel does not fit.
  void SetPadding(Padding padding);
};

// Bounds of an activation function that clamps: relu is {0, infinity}.
struct Clamp {
  float min;
  float max;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_CONV2D_CONV2D_SHAPE_H_
