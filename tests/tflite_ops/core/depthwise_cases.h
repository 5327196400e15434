// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TESTS_CORE_DEPTHWISE_CASES_H_
#define TFSPARSE_TESTS_CORE_DEPTHWISE_CASES_H_

#include <vector>

#include "conv2d_cases.h"

// What the tests of depthwise convolutions share. `out_c` of a case is that of the pointwise convolution behind it.
namespace tfsparse::core {

inline std::vector<ConvCase> DepthwiseCases() {
  return {
      Case("one_winner", [](ConvCase& c) { c.winners = 1; }),
      Case("all_but_one", [](ConvCase& c) { c.winners = c.in_c - 1; }),
      Case("all_win", [](ConvCase& c) { c.winners = c.in_c; }),
      Case("one_channel", [](ConvCase& c) { c.in_c = c.winners = 1; }),
      Case("odd_channels", [](ConvCase& c) { c.in_c = 37, c.winners = 19; }),
      Case("channels_of_vectors", [](ConvCase& c) { c.in_c = 64, c.winners = 32; }),
      Case("many_channels", [](ConvCase& c) { c.in_c = 301, c.winners = 150; }),
      Case("kernel_1", [](ConvCase& c) { c.SetKernel(1); }),
      Case("kernel_2", [](ConvCase& c) { c.SetKernel(2); }),
      Case("kernel_5", [](ConvCase& c) { c.SetKernel(5), c.height = 9; }),
      Case("kernel_larger_than_map", [](ConvCase& c) { c.SetKernel(7), c.height = 2, c.width = 3; }),
      Case("stride_2", [](ConvCase& c) { c.stride = 2, c.height = 8; }),
      Case("stride_2_valid", [](ConvCase& c) { c.stride = 2, c.height = 8, c.padding = Padding::kValid; }),
      Case("stride_past_kernel", [](ConvCase& c) { c.stride = 4, c.height = 14, c.SetKernel(2); }),
      Case("valid", [](ConvCase& c) { c.padding = Padding::kValid; }),
      Case("dilation_2", [](ConvCase& c) { c.dilation = 2, c.height = 9; }),
      Case("dilation_3_stride_2", [](ConvCase& c) { c.dilation = 3, c.stride = 2, c.height = 12; }),
      Case("dilation_past_map", [](ConvCase& c) { c.dilation = 9; }),
      Case("dilation_3_valid",
           [](ConvCase& c) { c.dilation = 3, c.height = c.width = 10, c.padding = Padding::kValid; }),
      Case("one_pixel", [](ConvCase& c) { c.height = c.width = 1; }),
      Case("one_row", [](ConvCase& c) { c.height = 1, c.width = 40; }),
      Case("one_column", [](ConvCase& c) { c.height = 40, c.width = 1; }),
      Case("map_7", [](ConvCase& c) { c.height = c.width = 7, c.in_c = 40, c.winners = 13, c.out_c = 40; }),
      Case("map_17", [](ConvCase& c) { c.height = c.width = 17, c.in_c = 20, c.winners = 9; }),
      Case("batch_3", [](ConvCase& c) { c.batch = 3, c.in_c = 20, c.winners = 9; }),
      Case("no_bias", [](ConvCase& c) { c.bias = false; }),
      Case("relu", [](ConvCase& c) { c.clamp = {0.0f, kInfinity}; }),
      Case("relu6", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}; }),
      Case("relu_n1_to_1", [](ConvCase& c) { c.clamp = {-1.0f, 1.0f}; }),
  };
}

struct DepthwiseData : ConvTensors {
  explicit DepthwiseData(const ConvCase& c) : ConvTensors(c, c.kernel_h * c.kernel_w * c.in_c, c.in_c) {}

  std::vector<float> ExpectedDepthwise() const {
    return reference::WinnerDepthwiseConv2D(shape, x.data(), winners.data(), test_case.winners, filter.data(),
                                            Constants().bias, test_case.clamp);
  }
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_TESTS_CORE_DEPTHWISE_CASES_H_
