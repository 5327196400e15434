// SPDX-License-Identifier: Apache-2.0
#include "core/winner_conv2d.h"

#include <utility>
#include <vector>

#include "core/winners.h"

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

WinnerConv2D::WinnerConv2D(const Conv2DShape& shape, const float* filter, const float* bias, Clamp clamp, int winners,
                           Isa isa, int num_threads)
    : shape_(shape),
      winners_(winners),
      gemm_(GemmShape(shape, winners), MakePixelTable(shape), filter, bias, clamp, isa, num_threads) {}

bool WinnerConv2D::Run(int batch, const float* x, const int32_t* winners, float* y, void* scratch, ThreadPool& pool,
                       PhaseTimes* times) const {
  for (int sample = 0; sample < batch; ++sample) {
    const int count = CountWinners(winners, winners_, shape_.in_c);
    if (count < 0) return false;
    gemm_.Run(x, winners, count, y, scratch, pool, times);
    x += static_cast<size_t>(shape_.in_h * shape_.in_w) * static_cast<size_t>(shape_.in_c);
    y += static_cast<size_t>(shape_.out_h * shape_.out_w) * static_cast<size_t>(shape_.out_c);
    winners += winners_;
  }
  return true;
}

}  // namespace tfsparse::core
