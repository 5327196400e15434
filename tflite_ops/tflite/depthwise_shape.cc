// SPDX-License-Identifier: Apache-2.0
#include "tflite/depthwise_shape.h"

#include <cstdint>

#include "tflite/error.h"

namespace tfsparse::tflite {
namespace {

// Strides and dilations come from the file; sizes derived from them must stay within an int, and the kernel keeps up to
// a whole padded map, with a few vectors more for each pixel.
void CheckReach(const core::Conv2DShape& shape) {
  constexpr int64_t kSide = 1 << 30;
  constexpr int64_t kMap = 1 << 30;
  constexpr int64_t kMore = 64;
  const int64_t reach_h = int64_t{shape.kernel_h} * shape.dilation_h + shape.in_h + shape.stride_h;
  const int64_t reach_w = int64_t{shape.kernel_w} * shape.dilation_w + shape.in_w + shape.stride_w;
  if (reach_h > kSide || reach_w > kSide) {
    Fail("kernel size times dilation, plus input size, plus stride, must be at most ", kSide, ". Received: ", reach_h,
         " for the height and ", reach_w, " for the width.");
  }
  if (reach_w > kMap / shape.in_h / (shape.in_c + kMore)) {
    Fail("input height, times channels plus ", kMore,
         ", times the width that the filter reaches over, must be at most ", kMap, ". Received: ", shape.in_h, " * ",
         shape.in_c + kMore, " * ", reach_w, ".");
  }
}

}  // namespace

core::Conv2DShape CheckDepthwiseShape(const NodeView& node, int filter, const WindowOptions& window) {
  const Dims x = node.FloatDims(0, "x");
  if (x.size() != 4) Fail("input `x` must be [batch, height, width, channels]. Received: ", ToString(x), ".");
  const Dims taps = node.ConstantDims(filter, "depthwise filter");
  if (taps.size() != 4 || taps[0] != 1 || taps[3] != x[3]) {
    Fail("input `depthwise filter` must be [1, height, width, ", x[3], "]. Received: ", ToString(taps), ".");
  }
  core::Conv2DShape shape;
  shape.batch = x[0];
  shape.in_h = x[1];
  shape.in_w = x[2];
  shape.in_c = x[3];
  shape.kernel_h = taps[1];
  shape.kernel_w = taps[2];
  shape.stride_h = window.stride_h;
  shape.stride_w = window.stride_w;
  shape.dilation_h = window.dilation_h;
  shape.dilation_w = window.dilation_w;
  CheckReach(shape);
  shape.SetPadding(window.padding);
  if (shape.out_h < 1 || shape.out_w < 1) {
    Fail("the depthwise filter ", ToString(taps), " with its dilation must fit into input `x` ", ToString(x), ".");
  }
  return shape;
}

}  // namespace tfsparse::tflite
