// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/direct_conv2d.h"

#include <vector>

namespace tfsparse::core {
namespace {

// [kernel_h * kernel_w][out_h * out_w]: the input pixel that each tap of each output pixel reads, -1 in the padding.
std::vector<int32_t> MakePixelTable(const Conv2DShape& shape) {
  std::vector<int32_t> table;
  table.reserve(static_cast<size_t>(shape.kernel_h * shape.kernel_w) * static_cast<size_t>(shape.out_h * shape.out_w));
  for (int ky = 0; ky < shape.kernel_h; ++ky) {
    for (int kx = 0; kx < shape.kernel_w; ++kx) {
      for (int oy = 0; oy < shape.out_h; ++oy) {
        for (int ox = 0; ox < shape.out_w; ++ox) {
          const int y = oy * shape.stride_h + ky * shape.dilation_h - shape.pad_top;
          const int x = ox * shape.stride_w + kx * shape.dilation_w - shape.pad_left;
          const bool inside = y >= 0 && y < shape.in_h && x >= 0 && x < shape.in_w;
          table.push_back(inside ? y * shape.in_w + x : -1);
        }
      }
    }
  }
  return table;
}

ReducedGemmShape GemmShape(const Conv2DShape& shape, int winners) {
  return {shape.out_h * shape.out_w,
          shape.in_h * shape.in_w,
          shape.kernel_h * shape.kernel_w,
          shape.in_c,
          shape.out_c,
          winners};
}

}  // namespace

DirectConv2D::DirectConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners, Isa isa,
                           int num_threads)
    : gemm_(GemmShape(shape, winners), MakePixelTable(shape), constants.filter, constants.bias, constants.clamp, isa,
            num_threads) {}

void DirectConv2D::Run(const float* x, const int32_t* winners, int count, float* y, float* scores, void* scratch,
                       ThreadPool& pool, PhaseTimes* times) const {
  gemm_.Run(x, winners, count, y, scores, scratch, pool, times);
}

}  // namespace tfsparse::core
