// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TESTS_CORE_DEPTHWISE_CASES_H_
#define TFSPARSE_TESTS_CORE_DEPTHWISE_CASES_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <ostream>
#include <vector>

#include "core/conv2d/conv2d_algorithm.h"
#include "core/conv2d/conv2d_shape.h"
#include "core/reference.h"
#include "core/winner_select.h"
#include "test_data.h"

// What the tests of depthwise convolutions share: their cases and the data of one.
namespace tfsparse::core {

struct DepthwiseCase {
  const char* name;
  int batch = 1;
  int height = 5;
  int width = 6;
  int channels = 8;
  int kernel = 3;
  int stride = 1;
  int dilation = 1;
  Padding padding = Padding::kSame;
  int winners = 4;
  bool bias = true;
  Clamp clamp = kNoClamp;
  int out_c = 8;  // of the pointwise convolution behind it
};

inline std::ostream& operator<<(std::ostream& out, const DepthwiseCase& c) { return out << c.name; }

inline DepthwiseCase MakeDepthwiseCase(const char* name, const std::function<void(DepthwiseCase&)>& change) {
  DepthwiseCase c;
  c.name = name;
  change(c);
  return c;
}

inline std::vector<DepthwiseCase> DepthwiseCases() {
  const auto make = MakeDepthwiseCase;
  return {
      make("one_winner", [](DepthwiseCase& c) { c.winners = 1; }),
      make("all_but_one", [](DepthwiseCase& c) { c.winners = c.channels - 1; }),
      make("all_win", [](DepthwiseCase& c) { c.winners = c.channels; }),
      make("one_channel", [](DepthwiseCase& c) { c.channels = c.winners = 1; }),
      make("odd_channels", [](DepthwiseCase& c) { c.channels = 37, c.winners = 19; }),
      make("channels_of_vectors", [](DepthwiseCase& c) { c.channels = 64, c.winners = 32; }),
      make("many_channels", [](DepthwiseCase& c) { c.channels = 301, c.winners = 150; }),
      make("kernel_1", [](DepthwiseCase& c) { c.kernel = 1; }),
      make("kernel_2", [](DepthwiseCase& c) { c.kernel = 2; }),
      make("kernel_5", [](DepthwiseCase& c) { c.kernel = 5, c.height = 9; }),
      make("kernel_larger_than_map", [](DepthwiseCase& c) { c.kernel = 7, c.height = 2, c.width = 3; }),
      make("stride_2", [](DepthwiseCase& c) { c.stride = 2, c.height = 8; }),
      make("stride_2_valid", [](DepthwiseCase& c) { c.stride = 2, c.height = 8, c.padding = Padding::kValid; }),
      make("stride_past_kernel", [](DepthwiseCase& c) { c.stride = 4, c.height = 14, c.kernel = 2; }),
      make("valid", [](DepthwiseCase& c) { c.padding = Padding::kValid; }),
      make("dilation_2", [](DepthwiseCase& c) { c.dilation = 2, c.height = 9; }),
      make("dilation_3_stride_2", [](DepthwiseCase& c) { c.dilation = 3, c.stride = 2, c.height = 12; }),
      make("dilation_past_map", [](DepthwiseCase& c) { c.dilation = 9; }),
      make("dilation_3_valid",
           [](DepthwiseCase& c) { c.dilation = 3, c.height = c.width = 10, c.padding = Padding::kValid; }),
      make("one_pixel", [](DepthwiseCase& c) { c.height = c.width = 1; }),
      make("one_row", [](DepthwiseCase& c) { c.height = 1, c.width = 40; }),
      make("one_column", [](DepthwiseCase& c) { c.height = 40, c.width = 1; }),
      make("map_7", [](DepthwiseCase& c) { c.height = c.width = 7, c.channels = 40, c.winners = 13, c.out_c = 40; }),
      make("map_17", [](DepthwiseCase& c) { c.height = c.width = 17, c.channels = 20, c.winners = 9; }),
      make("batch_3", [](DepthwiseCase& c) { c.batch = 3, c.channels = 20, c.winners = 9; }),
      make("no_bias", [](DepthwiseCase& c) { c.bias = false; }),
      make("relu", [](DepthwiseCase& c) { c.clamp = {0.0f, kInfinity}; }),
      make("relu6", [](DepthwiseCase& c) { c.clamp = {0.0f, 6.0f}; }),
      make("relu_n1_to_1", [](DepthwiseCase& c) { c.clamp = {-1.0f, 1.0f}; }),
  };
}

struct DepthwiseData {
  explicit DepthwiseData(const DepthwiseCase& c) : test_case(c) {
    shape.batch = c.batch;
    shape.in_h = c.height;
    shape.in_w = c.width;
    shape.in_c = c.channels;
    shape.out_c = c.out_c;
    shape.kernel_h = shape.kernel_w = c.kernel;
    shape.stride_h = shape.stride_w = c.stride;
    shape.dilation_h = shape.dilation_w = c.dilation;
    shape.SetPadding(c.padding);
    x = RandomFloats(Size(c.batch * c.height * c.width * c.channels), 1);
    filter = RandomFloats(Size(c.kernel * c.kernel * c.channels), 2);
    bias = RandomFloats(Size(c.channels), 3);
    SelectByReference();
  }

  static size_t Size(int count) { return static_cast<size_t>(count); }

  const float* bias_or_null() const { return test_case.bias ? bias.data() : nullptr; }

  Conv2DConstants Constants() const { return {filter.data(), bias_or_null(), test_case.clamp}; }

  void SelectByReference() {
    const int k = test_case.winners;
    winners = reference::SelectWinners(
        {shape.batch, shape.in_h * shape.in_w, shape.in_c, k, Unit::kChannel, Score::kMax}, x.data());
  }

  bool Wins(int sample, int channel) const {
    const auto row = winners.begin() + sample * test_case.winners;
    return std::find(row, row + test_case.winners, channel) != row + test_case.winners;
  }

  // What losers hold is not looked at.
  void SpoilLosers() {
    const std::vector<float> odd = {kNaN, kInfinity, -kInfinity};
    const int sample_size = shape.in_h * shape.in_w * shape.in_c;
    for (int i = 0; i < static_cast<int>(x.size()); ++i) {
      if (!Wins(i / sample_size, i % shape.in_c)) x[Size(i)] = odd[Size(i % 3)];
    }
  }

  std::vector<float> ExpectedDepthwise() const {
    return reference::WinnerDepthwiseConv2D(shape, x.data(), winners.data(), test_case.winners, filter.data(),
                                            bias_or_null(), test_case.clamp);
  }

  DepthwiseCase test_case;
  Conv2DShape shape;
  std::vector<float> x;
  std::vector<float> filter;
  std::vector<float> bias;
  std::vector<int32_t> winners;
};

// Rows of winners of eight channels that no operator accepts.
inline const std::vector<int32_t> kMalformedWinners[] = {{0, 1, 2, 8}, {-2, 0, 1, 2},  {1, 1, 2, 3},
                                                         {3, 2, 1, 0}, {0, -1, 1, -1}, {0, 1, 2, INT32_MIN}};

}  // namespace tfsparse::core

#endif  // TFSPARSE_TESTS_CORE_DEPTHWISE_CASES_H_
