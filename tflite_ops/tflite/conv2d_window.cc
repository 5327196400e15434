// SPDX-License-Identifier: Apache-2.0
#include "tflite/conv2d_window.h"

#include <cstdint>

#include "tflite/error.h"

namespace tfsparse::tflite {

core::Conv2DShape WindowShape(const Dims& x, const Dims& filter, const WindowOptions& window) {
  core::Conv2DShape shape;
  shape.batch = x[0];
  shape.in_h = x[1];
  shape.in_w = x[2];
  shape.in_c = x[3];
  shape.kernel_h = filter[1];
  shape.kernel_w = filter[2];
  shape.stride_h = window.stride_h;
  shape.stride_w = window.stride_w;
  shape.dilation_h = window.dilation_h;
  shape.dilation_w = window.dilation_w;

  // Strides and dilations come from the file.
  constexpr int64_t kLimit = 1 << 30;
  const int64_t reach_h = int64_t{shape.kernel_h} * shape.dilation_h + shape.in_h + shape.stride_h;
  const int64_t reach_w = int64_t{shape.kernel_w} * shape.dilation_w + shape.in_w + shape.stride_w;
  if (reach_h > kLimit || reach_w > kLimit) {
    Fail("kernel size times dilation, plus input size, plus stride, must be at most ", kLimit, ". Received: ", reach_h,
         " for the height and ", reach_w, " for the width.");
  }
  return shape;
}

void FitWindow(const Dims& x, const Dims& filter, const char* name, core::Padding padding, core::Conv2DShape* shape) {
  shape->SetPadding(padding);
  if (shape->out_h < 1 || shape->out_w < 1) {
    Fail("the ", name, " ", ToString(filter), " with its dilation must fit into input `x` ", ToString(x), ".");
  }
}

}  // namespace tfsparse::tflite
