// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TESTS_CORE_CONV2D_CASES_H_
#define TFSPARSE_TESTS_CORE_CONV2D_CASES_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "core/conv2d/conv2d_algorithm.h"
#include "core/conv2d/conv2d_shape.h"
#include "core/isa.h"
#include "core/reference.h"
#include "core/winner_select.h"
#include "test_data.h"

// What the tests of all convolutions share: a case, made from a small one by a change, and its data.
namespace tfsparse::core {

struct ConvCase {
  std::string name;
  int batch = 1;
  int height = 5;
  int width = 6;
  int in_c = 8;
  int out_c = 8;
  int kernel_h = 3;
  int kernel_w = 3;
  int stride = 1;
  int dilation = 1;
  Padding padding = Padding::kSame;
  int winners = 4;
  bool bias = true;
  Clamp clamp = kNoClamp;
  Conv2DMethod method = Conv2DMethod::kDirect;

  // Not square, so that height and width cannot stand for each other.
  void SetMap(int size) { height = size, width = size + 1; }
  void SetKernel(int size) { kernel_h = kernel_w = size; }
};

inline std::ostream& operator<<(std::ostream& out, const ConvCase& c) { return out << c.name; }

inline ConvCase Case(const char* name, const std::function<void(ConvCase&)>& change) {
  ConvCase c;
  c.name = name;
  change(c);
  return c;
}

// "avx2_stride_2".
inline std::string IsaAndCaseName(const testing::TestParamInfo<std::tuple<Isa, ConvCase>>& info) {
  return std::string(IsaName(std::get<0>(info.param))) + "_" + std::get<1>(info.param).name;
}

inline Conv2DShape ShapeOf(const ConvCase& c) {
  Conv2DShape shape;
  shape.batch = c.batch;
  shape.in_h = c.height;
  shape.in_w = c.width;
  shape.in_c = c.in_c;
  shape.out_c = c.out_c;
  shape.kernel_h = c.kernel_h;
  shape.kernel_w = c.kernel_w;
  shape.stride_h = shape.stride_w = c.stride;
  shape.dilation_h = shape.dilation_w = c.dilation;
  shape.SetPadding(c.padding);
  return shape;
}

// Input, winners and constants of a convolution of any kind.
struct ConvTensors {
  ConvTensors(const ConvCase& c, int filter_count, int bias_count) : test_case(c), shape(ShapeOf(c)) {
    x = RandomFloats(Size(shape.batch * shape.in_h * shape.in_w * shape.in_c), 1);
    filter = RandomFloats(Size(filter_count), 2);
    bias = RandomFloats(Size(bias_count), 3);
    SelectByReference();
  }

  static size_t Size(int count) { return static_cast<size_t>(count); }

  Conv2DConstants Constants() const { return {filter.data(), test_case.bias ? bias.data() : nullptr, test_case.clamp}; }

  // Of y [batch, out_h, out_w, out_c].
  int OutputCount() const { return shape.batch * shape.out_h * shape.out_w * shape.out_c; }

  // Memory for scores [batch, out_c], full of NaN.
  std::vector<float> UnwrittenScores() const { return std::vector<float>(Size(shape.batch * shape.out_c), kNaN); }

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
    const float odd[] = {kNaN, kInfinity, -kInfinity};
    const int sample_size = shape.in_h * shape.in_w * shape.in_c;
    for (int i = 0; i < static_cast<int>(x.size()); ++i) {
      if (!Wins(i / sample_size, i % shape.in_c)) x[Size(i)] = odd[i % 3];
    }
  }

  // Only the first `count` entries of the rows of winners are winners.
  void KeepWinners(int count) { std::fill(winners.begin() + count, winners.end(), -1); }

  // Products of denormals with ones.
  void MakeDenormal() {
    for (float& value : x) value *= 1e-39f;
    for (float& weight : filter) weight = 1.0f;
  }

  ConvCase test_case;
  Conv2DShape shape;
  std::vector<float> x;
  std::vector<float> filter;
  std::vector<float> bias;
  std::vector<int32_t> winners;
};

struct ConvData : ConvTensors {
  explicit ConvData(const ConvCase& c) : ConvTensors(c, c.out_c * c.kernel_h * c.kernel_w * c.in_c, c.out_c) {}

  std::vector<float> Expected() const {
    return reference::WinnerConv2D(shape, x.data(), winners.data(), test_case.winners, filter.data(), Constants().bias,
                                   test_case.clamp);
  }
};

// Rows of four winners of eight channels that no operator accepts.
inline const std::vector<std::vector<int32_t>> kMalformedWinners = {{0, 1, 2, 8}, {-2, 0, 1, 2},  {1, 1, 2, 3},
                                                                    {3, 2, 1, 0}, {0, -1, 1, -1}, {0, 1, 2, INT32_MIN}};

}  // namespace tfsparse::core

#endif  // TFSPARSE_TESTS_CORE_CONV2D_CASES_H_
