// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/conv2d_algorithm.h"

#include "core/conv2d/direct_conv2d.h"
#include "core/conv2d/winograd_conv2d.h"

namespace tfsparse::core {

const char* MethodName(Conv2DMethod method) {
  switch (method) {
    case Conv2DMethod::kAuto:
      return "auto";
    case Conv2DMethod::kDirect:
      return "direct";
    case Conv2DMethod::kWinograd2x2:
      return "winograd_2x2";
    case Conv2DMethod::kWinograd4x4:
      return "winograd_4x4";
  }
  return "unknown";
}

int TileOf(Conv2DMethod method) {
  if (method == Conv2DMethod::kWinograd2x2) return 2;
  return method == Conv2DMethod::kWinograd4x4 ? 4 : 0;
}

std::unique_ptr<Conv2DAlgorithm> MakeConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners,
                                            Conv2DMethod method, Isa isa, int num_threads) {
  const int tile = TileOf(method);
  if (tile != 0) return std::make_unique<WinogradConv2D>(shape, constants, winners, tile, isa, num_threads);
  return std::make_unique<DirectConv2D>(shape, constants, winners, isa, num_threads);
}

}  // namespace tfsparse::core
