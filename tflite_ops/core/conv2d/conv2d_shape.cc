// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/conv2d_shape.h"

#include <algorithm>

#include "core/math.h"

namespace tfsparse::core {
namespace {

void SetPaddingAlong(Padding padding, int in, int kernel, int stride, int dilation, int* out, int* pad) {
  const int extent = (kernel - 1) * dilation + 1;
  if (padding == Padding::kSame) {
    *out = DivideUp(in, stride);
    *pad = std::max((*out - 1) * stride + extent - in, 0) / 2;
  } else {
    *out = in < extent ? 0 : (in - extent) / stride + 1;
    *pad = 0;
  }
}

}  // namespace

void Conv2DShape::SetPadding(Padding padding) {
  SetPaddingAlong(padding, in_h, kernel_h, stride_h, dilation_h, &out_h, &pad_top);
  SetPaddingAlong(padding, in_w, kernel_w, stride_w, dilation_w, &out_w, &pad_left);
}

}  // namespace tfsparse::core
