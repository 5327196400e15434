// SPDX-License-Identifier: Apache-2.0
#include "core/winner_conv2d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <tuple>

#include "core/reference.h"
#include "core/winner_select.h"
#include "test_data.h"

namespace tfsparse::core {
namespace {

// Sums of products in another order than the oracle's, some of them clamped to a small range. The transforms of
// Winograd's algorithm add errors of their own, most with large tiles and many channels.
constexpr double kTolerance = 1e-5;
constexpr double kLargeTileTolerance = 1.5e-5;

struct ConvCase {
  const char* name;
  int batch = 1;
  int size = 5;  // height; the width is one more
  int in_c = 8;
  int out_c = 8;
  int kernel = 3;
  int stride = 1;
  int dilation = 1;
  Padding padding = Padding::kSame;
  int winners = 4;
  bool bias = true;
  Clamp clamp = kNoClamp;
  Conv2DMethod method = Conv2DMethod::kDirect;
};

std::ostream& operator<<(std::ostream& out, const ConvCase& c) { return out << c.name; }

Conv2DShape ShapeOf(const ConvCase& c) {
  Conv2DShape shape;
  shape.batch = c.batch;
  shape.in_h = c.size;
  shape.in_w = c.size + 1;
  shape.in_c = c.in_c;
  shape.out_c = c.out_c;
  shape.kernel_h = c.kernel;
  shape.kernel_w = c.kernel;
  shape.stride_h = shape.stride_w = c.stride;
  shape.dilation_h = shape.dilation_w = c.dilation;
  shape.SetPadding(c.padding);
  return shape;
}

struct ConvData {
  explicit ConvData(const ConvCase& c) : test_case(c), shape(ShapeOf(c)) {
    x = RandomFloats(Size(shape.batch * shape.in_h * shape.in_w * shape.in_c), 1);
    filter = RandomFloats(Size(shape.out_c * shape.kernel_h * shape.kernel_w * shape.in_c), 2);
    bias = RandomFloats(Size(shape.out_c), 3);
    SelectByReference();
  }

  static size_t Size(int count) { return static_cast<size_t>(count); }

  const float* bias_or_null() const { return test_case.bias ? bias.data() : nullptr; }

  void SelectByReference() {
    const int k = test_case.winners;
    winners = reference::SelectWinners(
        {shape.batch, shape.in_h * shape.in_w, shape.in_c, k, Unit::kChannel, Score::kMax}, x.data());
  }

  std::vector<float> Expected() const {
    return reference::WinnerConv2D(shape, x.data(), winners.data(), test_case.winners, filter.data(), bias_or_null(),
                                   test_case.clamp);
  }

  std::vector<float> Actual(Isa isa, int threads, std::vector<float>* scores = nullptr) const {
    const WinnerConv2D conv(shape, {filter.data(), bias_or_null(), test_case.clamp}, test_case.winners,
                            test_case.method, isa, threads);
    ThreadPool pool(threads);
    const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
    GuardedFloats input(x);
    GuardedFloats output(std::vector<float>(Size(shape.batch * shape.out_h * shape.out_w * shape.out_c), kNaN));
    if (scores != nullptr) scores->assign(Size(shape.batch * shape.out_c), kNaN);
    EXPECT_TRUE(conv.Run(shape.batch, input.data(), winners.data(), output.data(), scratch.get(), pool, nullptr,
                         scores == nullptr ? nullptr : scores->data()));
    return output.ToVector();
  }

  ConvCase test_case;
  Conv2DShape shape;
  std::vector<float> x;
  std::vector<float> filter;
  std::vector<float> bias;
  std::vector<int32_t> winners;
};

ConvCase Case(const char* name, const std::function<void(ConvCase&)>& change) {
  ConvCase c;
  c.name = name;
  change(c);
  return c;
}

const ConvCase kCases[] = {
    Case("one_winner", [](ConvCase& c) { c.winners = 1; }),
    Case("all_but_one", [](ConvCase& c) { c.winners = c.in_c - 1; }),
    Case("all_win", [](ConvCase& c) { c.winners = c.in_c; }),
    Case("one_channel", [](ConvCase& c) { c.in_c = c.winners = 1; }),
    Case("odd_channels", [](ConvCase& c) { c.in_c = 37, c.winners = 19; }),
    Case("channels_of_vectors", [](ConvCase& c) { c.in_c = 64, c.winners = 32; }),
    Case("winners_beyond_lookahead", [](ConvCase& c) { c.in_c = 96, c.winners = 48; }),
    Case("one_output_channel", [](ConvCase& c) { c.out_c = 1; }),
    Case("outputs_15", [](ConvCase& c) { c.out_c = 15; }),
    Case("outputs_16", [](ConvCase& c) { c.out_c = 16; }),
    Case("outputs_17", [](ConvCase& c) { c.out_c = 17; }),
    Case("outputs_33", [](ConvCase& c) { c.out_c = 33; }),
    Case("outputs_63", [](ConvCase& c) { c.out_c = 63; }),
    Case("outputs_80", [](ConvCase& c) { c.out_c = 80; }),
    Case("pointwise", [](ConvCase& c) { c.kernel = 1, c.in_c = 24, c.winners = 7; }),
    Case("pointwise_strided", [](ConvCase& c) { c.kernel = 1, c.stride = 2; }),
    Case("kernel_2", [](ConvCase& c) { c.kernel = 2; }),
    Case("kernel_5", [](ConvCase& c) { c.kernel = 5, c.size = 9; }),
    Case("kernel_larger_than_map", [](ConvCase& c) { c.kernel = 7, c.size = 2; }),
    Case("stride_2", [](ConvCase& c) { c.stride = 2, c.size = 8; }),
    Case("stride_3_valid", [](ConvCase& c) { c.stride = 3, c.size = 11, c.padding = Padding::kValid; }),
    Case("valid", [](ConvCase& c) { c.padding = Padding::kValid; }),
    Case("dilation_2", [](ConvCase& c) { c.dilation = 2, c.size = 9; }),
    Case("dilation_3_valid", [](ConvCase& c) { c.dilation = 3, c.size = 10, c.padding = Padding::kValid; }),
    Case("one_pixel", [](ConvCase& c) { c.size = 1, c.kernel = 1; }),
    Case("map_7", [](ConvCase& c) { c.size = 7, c.in_c = 40, c.winners = 13, c.out_c = 40; }),
    Case("map_20", [](ConvCase& c) { c.size = 20, c.in_c = 20, c.winners = 9, c.out_c = 40; }),
    Case("batch_2", [](ConvCase& c) { c.batch = 2, c.in_c = 20, c.winners = 9; }),
    Case("batch_3_pointwise", [](ConvCase& c) { c.batch = 3, c.kernel = 1; }),
    Case("no_bias", [](ConvCase& c) { c.bias = false; }),
    Case("relu", [](ConvCase& c) { c.clamp = {0.0f, kInfinity}; }),
    Case("relu6", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}; }),
    Case("relu_n1_to_1", [](ConvCase& c) { c.clamp = {-1.0f, 1.0f}; }),
    Case("copied_winners", [](ConvCase& c) { c.in_c = 301, c.winners = 90, c.size = 8, c.out_c = 20; }),
    Case("copied_strided", [](ConvCase& c) { c.in_c = 512, c.winners = 101, c.stride = 2, c.size = 14; }),
    Case("copied_pointwise", [](ConvCase& c) { c.in_c = 1024, c.winners = 300, c.kernel = 1, c.out_c = 256; }),
    Case("copied_pointwise_strided",
         [](ConvCase& c) { c.in_c = 512, c.winners = 99, c.kernel = 1, c.stride = 2, c.out_c = 300; }),
    Case("copied_one_winner", [](ConvCase& c) { c.in_c = 1024, c.winners = 1, c.kernel = 1, c.out_c = 256; }),
    Case("several_panels", [](ConvCase& c) { c.in_c = 160, c.winners = 130, c.out_c = 200, c.size = 6; }),
};

const ConvCase kWinogradCases[] = {
    Case("one_winner", [](ConvCase& c) { c.winners = 1; }),
    Case("all_but_one", [](ConvCase& c) { c.winners = c.in_c - 1; }),
    Case("all_win", [](ConvCase& c) { c.winners = c.in_c; }),
    Case("all_of_whole_vectors_win", [](ConvCase& c) { c.in_c = c.winners = 32; }),
    Case("one_channel", [](ConvCase& c) { c.in_c = c.winners = 1; }),
    Case("one_pixel", [](ConvCase& c) { c.size = 1; }),
    Case("odd_channels", [](ConvCase& c) { c.in_c = 37, c.winners = 19; }),
    Case("one_output_channel", [](ConvCase& c) { c.out_c = 1; }),
    Case("outputs_33", [](ConvCase& c) { c.out_c = 33; }),
    Case("outputs_80", [](ConvCase& c) { c.out_c = 80; }),
    Case("valid", [](ConvCase& c) { c.padding = Padding::kValid, c.size = 9; }),
    Case("map_4", [](ConvCase& c) { c.size = 4; }),
    Case("map_14", [](ConvCase& c) { c.size = 14, c.in_c = 40, c.winners = 13, c.out_c = 40; }),
    Case("several_passes", [](ConvCase& c) { c.size = 45, c.in_c = 40, c.winners = 13, c.out_c = 40; }),
    Case("batch_2", [](ConvCase& c) { c.batch = 2, c.in_c = 20, c.winners = 9; }),
    Case("no_bias", [](ConvCase& c) { c.bias = false; }),
    Case("relu6", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}; }),
    Case("all_of_512_win", [](ConvCase& c) { c.in_c = c.winners = 512, c.size = 8, c.out_c = 20; }),
    Case("many_channels", [](ConvCase& c) { c.in_c = 301, c.winners = 90, c.size = 8, c.out_c = 20; }),
};

std::vector<ConvCase> AllCases() {
  std::vector<ConvCase> cases(std::begin(kCases), std::end(kCases));
  for (const Conv2DMethod method : {Conv2DMethod::kWinograd2x2, Conv2DMethod::kWinograd4x4}) {
    for (ConvCase c : kWinogradCases) {
      c.method = method;
      cases.push_back(c);
    }
  }
  return cases;
}

class WinnerConv2DTest : public testing::TestWithParam<std::tuple<Isa, ConvCase>> {};

TEST_P(WinnerConv2DTest, AgreesWithReference) {
  const ConvData data(std::get<1>(GetParam()));
  const bool has_large_tiles = data.test_case.method == Conv2DMethod::kWinograd4x4;
  EXPECT_LT(RelativeError(data.Actual(std::get<0>(GetParam()), 1), data.Expected()),
            has_large_tiles ? kLargeTileTolerance : kTolerance);
}

TEST_P(WinnerConv2DTest, IsTheSameForAnyNumberOfThreads) {
  const ConvData data(std::get<1>(GetParam()));
  const std::vector<float> expected = data.Actual(std::get<0>(GetParam()), 1);
  EXPECT_EQ(data.Actual(std::get<0>(GetParam()), 2), expected);
  EXPECT_EQ(data.Actual(std::get<0>(GetParam()), 3), expected);
}

INSTANTIATE_TEST_SUITE_P(Cases, WinnerConv2DTest,
                         testing::Combine(testing::ValuesIn(UsableIsas()), testing::ValuesIn(AllCases())),
                         [](const auto& info) {
                           return std::string(IsaName(std::get<0>(info.param))) + "_" +
                                  MethodName(std::get<1>(info.param).method) + "_" + std::get<1>(info.param).name;
                         });

TEST_P(WinnerConv2DTest, ScoresItsOutput) {
  const ConvData data(std::get<1>(GetParam()));
  const Isa isa = std::get<0>(GetParam());
  for (const int threads : {1, 2, 3}) {
    std::vector<float> scores;
    const std::vector<float> y = data.Actual(isa, threads, &scores);
    EXPECT_EQ(scores, HighestMagnitudes(y, data.shape.batch, data.shape.out_c));
  }
}

class WinnerConv2DIsaTest : public testing::TestWithParam<Isa> {};

TEST_P(WinnerConv2DIsaTest, TreatsLosersAsZeroWhateverTheyHold) {
  ConvData data(Case("losers", [](ConvCase& c) { c.in_c = 20, c.winners = 7; }));
  const std::vector<float> expected = data.Expected();
  const std::vector<float> odd = {kNaN, kInfinity, -kInfinity};
  for (size_t i = 0; i < data.x.size(); ++i) {
    const int channel = static_cast<int>(i % 20);
    if (!std::binary_search(data.winners.begin(), data.winners.end(), channel)) data.x[i] = odd[i % 3];
  }
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), expected), kTolerance);
}

TEST_P(WinnerConv2DIsaTest, ShowsNaNOfWinnersThroughTheClamp) {
  ConvData data(Case("nan", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}; }));
  data.x[8 * 6 + 3] = kNaN;
  data.SelectByReference();
  const std::vector<float> actual = data.Actual(GetParam(), 1);
  EXPECT_LT(RelativeError(actual, data.Expected()), kTolerance);
  EXPECT_TRUE(std::any_of(actual.begin(), actual.end(), [](float y) { return std::isnan(y); }));
}

TEST_P(WinnerConv2DIsaTest, ScoresNaNAboveEverything) {
  for (const Conv2DMethod method : {Conv2DMethod::kDirect, Conv2DMethod::kWinograd2x2, Conv2DMethod::kWinograd4x4}) {
    ConvData data(Case("nan", [&](ConvCase& c) { c.method = method, c.out_c = 40; }));
    data.x[8 * 6 + 3] = kNaN;
    data.SelectByReference();
    std::vector<float> scores;
    data.Actual(GetParam(), 1, &scores);
    EXPECT_TRUE(std::all_of(scores.begin(), scores.end(), [](float score) { return std::isnan(score); }));
  }
}

TEST_P(WinnerConv2DIsaTest, KeepsDenormals) {
  ConvData data(Case("denormals", [](ConvCase& c) { c.kernel = 1, c.in_c = 4, c.winners = 2, c.bias = false; }));
  for (float& x : data.x) x = x * 1e-39f;
  for (float& w : data.filter) w = 1.0f;
  const std::vector<float> actual = data.Actual(GetParam(), 1);
  EXPECT_LT(RelativeError(actual, data.Expected()), 1e-5);
  EXPECT_TRUE(std::any_of(actual.begin(), actual.end(), [](float y) { return y != 0.0f; }));
}

TEST_P(WinnerConv2DIsaTest, GivesTheClampedBiasWithoutWinners) {
  ConvData data(Case("none", [](ConvCase& c) { c.clamp = {0.0f, kInfinity}; }));
  std::fill(data.winners.begin(), data.winners.end(), -1);
  EXPECT_EQ(data.Actual(GetParam(), 1), data.Expected());
}

TEST_P(WinnerConv2DIsaTest, TakesFewerWinnersThanPlanned) {
  ConvData data(Case("fewer", [](ConvCase& c) { c.in_c = 40, c.winners = 30, c.out_c = 70; }));
  std::fill(data.winners.begin() + 2, data.winners.end(), -1);
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), data.Expected()), kTolerance);
}

TEST_P(WinnerConv2DIsaTest, RefusesMalformedWinners) {
  const ConvData data(Case("malformed", [](ConvCase&) {}));
  const WinnerConv2D conv(data.shape, {data.filter.data(), nullptr, kNoClamp}, 4, Conv2DMethod::kAuto, GetParam(), 1);
  ThreadPool pool(1);
  const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
  std::vector<float> y(static_cast<size_t>(data.shape.out_h * data.shape.out_w * data.shape.out_c));
  for (const std::vector<int32_t>& winners : std::vector<std::vector<int32_t>>{
           {0, 1, 2, 8}, {-2, 0, 1, 2}, {1, 1, 2, 3}, {3, 2, 1, 0}, {0, -1, 1, -1}, {0, 1, 2, INT32_MIN}}) {
    EXPECT_FALSE(conv.Run(data.shape.batch, data.x.data(), winners.data(), y.data(), scratch.get(), pool, nullptr));
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, WinnerConv2DIsaTest, testing::ValuesIn(UsableIsas()),
                         [](const auto& info) { return IsaName(info.param); });

TEST(WinnerConv2DTimesTest, FillsItsPhasesOnly) {
  const ConvData data(Case("times", [](ConvCase& c) { c.in_c = 1024, c.out_c = 256, c.kernel = 1, c.size = 30; }));
  const WinnerConv2D conv(data.shape, {data.filter.data(), nullptr, kNoClamp}, 4, Conv2DMethod::kDirect, Isa::kPortable,
                          1);
  ThreadPool pool(1);
  const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
  std::vector<float> y(static_cast<size_t>(data.shape.out_h * data.shape.out_w * data.shape.out_c));
  PhaseTimes times;
  ASSERT_TRUE(conv.Run(data.shape.batch, data.x.data(), data.winners.data(), y.data(), scratch.get(), pool, &times));
  EXPECT_GT(times.gather, 0);
  EXPECT_GT(times.gemm, 0);
  EXPECT_EQ(times.rank + times.select + times.mask, 0);
}

}  // namespace
}  // namespace tfsparse::core
