// SPDX-License-Identifier: Apache-2.0
#include "tflite/depthwise_shape.h"

#include <cstdint>

#include "tflite/conv2d_window.h"
#include "tflite/error.h"

namespace tfsparse::tflite {
namespace {

// The kernel keeps up to a whole padded map, with a few vectors more for each pixel.
void CheckMap(const core::Conv2DShape& shape) {
  constexpr int64_t kMap = 1 << 30;
  constexpr int64_t kMore = 64;
  const int64_t reach_w = int64_t{shape.kernel_w} * shape.dilation_w + shape.in_w + shape.stride_w;
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
  core::Conv2DShape shape = WindowShape(x, taps, window);
  CheckMap(shape);
  FitWindow(x, taps, "depthwise filter", window.padding, &shape);
  return shape;
}

}  // namespace tfsparse::tflite
