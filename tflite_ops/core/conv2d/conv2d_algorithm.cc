// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/conv2d_algorithm.h"

#include "core/conv2d/direct_conv2d.h"

namespace tfsparse::core {

const char* MethodName(Conv2DMethod method) {
  switch (method) {
    case Conv2DMethod::kAuto:
      return "auto";
    case Conv2DMethod::kDirect:
      return "direct";
    case Conv2DMethod::kWinograd:
      return "winograd";
  }
  return "unknown";
}

Conv2DMethod ChooseMethod(const Conv2DShape&, int, Conv2DMethod) { return Conv2DMethod::kDirect; }

std::unique_ptr<Conv2DAlgorithm> MakeConv2D(const Conv2DShape& shape, const Conv2DConstants& constants, int winners,
                                            Conv2DMethod, Isa isa, int num_threads) {
  return std::make_unique<DirectConv2D>(shape, constants, winners, isa, num_threads);
}

}  // namespace tfsparse::core
