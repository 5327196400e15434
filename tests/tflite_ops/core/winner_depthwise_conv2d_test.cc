// SPDX-License-Identifier: Apache-2.0
#include "core/winner_depthwise_conv2d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "depthwise_cases.h"

namespace tfsparse::core {
namespace {

constexpr double kTolerance = 1e-5;

std::vector<float> Actual(const DepthwiseData& data, Isa isa, int threads) {
  const DepthwiseCase& c = data.test_case;
  const WinnerDepthwiseConv2D conv(data.shape, data.Constants(), c.winners, isa, threads);
  ThreadPool pool(threads);
  const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
  GuardedFloats input(data.x);
  GuardedFloats output(std::vector<float>(data.ExpectedDepthwise().size(), kNaN));
  EXPECT_TRUE(conv.Run(c.batch, input.data(), data.winners.data(), output.data(), scratch.get(), pool, nullptr));
  return output.ToVector();
}

class WinnerDepthwiseConv2DTest : public testing::TestWithParam<std::tuple<Isa, DepthwiseCase>> {};

TEST_P(WinnerDepthwiseConv2DTest, AgreesWithReference) {
  const DepthwiseData data(std::get<1>(GetParam()));
  EXPECT_LT(RelativeError(Actual(data, std::get<0>(GetParam()), 1), data.ExpectedDepthwise()), kTolerance);
}

TEST_P(WinnerDepthwiseConv2DTest, IsTheSameForAnyNumberOfThreads) {
  const DepthwiseData data(std::get<1>(GetParam()));
  const std::vector<float> expected = Actual(data, std::get<0>(GetParam()), 1);
  EXPECT_EQ(Actual(data, std::get<0>(GetParam()), 2), expected);
  EXPECT_EQ(Actual(data, std::get<0>(GetParam()), 3), expected);
}

INSTANTIATE_TEST_SUITE_P(Cases, WinnerDepthwiseConv2DTest,
                         testing::Combine(testing::ValuesIn(UsableIsas()), testing::ValuesIn(DepthwiseCases())),
                         [](const auto& info) {
                           return std::string(IsaName(std::get<0>(info.param))) + "_" + std::get<1>(info.param).name;
                         });

class WinnerDepthwiseConv2DIsaTest : public testing::TestWithParam<Isa> {};

TEST_P(WinnerDepthwiseConv2DIsaTest, GivesLosersTheirClampedBiasWhateverTheyHold) {
  DepthwiseData data(MakeDepthwiseCase(
      "losers", [](DepthwiseCase& c) { c.batch = 2, c.channels = 37, c.winners = 20, c.clamp = {-0.5f, 0.5f}; }));
  const std::vector<float> expected = Actual(data, GetParam(), 1);
  data.SpoilLosers();
  const std::vector<float> actual = Actual(data, GetParam(), 1);
  EXPECT_EQ(actual, expected);
  for (int i = 0; i < static_cast<int>(actual.size()); ++i) {
    const int channel = i % 37;
    if (data.Wins(i / (5 * 6 * 37), channel)) continue;
    ASSERT_EQ(actual[static_cast<size_t>(i)], std::clamp(data.bias[static_cast<size_t>(channel)], -0.5f, 0.5f));
  }
}

TEST_P(WinnerDepthwiseConv2DIsaTest, ShowsNaNOfWinnersThroughTheClampWhereItIsReadOnly) {
  DepthwiseData data(MakeDepthwiseCase("nan", [](DepthwiseCase& c) { c.clamp = {0.0f, 6.0f}; }));
  data.x[8 * 6 + 3] = kNaN;
  data.SelectByReference();
  const std::vector<float> actual = Actual(data, GetParam(), 1);
  EXPECT_LT(RelativeError(actual, data.ExpectedDepthwise()), kTolerance);
  EXPECT_TRUE(std::any_of(actual.begin(), actual.end(), [](float y) { return std::isnan(y); }));
}

TEST_P(WinnerDepthwiseConv2DIsaTest, KeepsDenormals) {
  DepthwiseData data(MakeDepthwiseCase("denormals", [](DepthwiseCase& c) { c.kernel = 1, c.bias = false; }));
  for (float& x : data.x) x = x * 1e-39f;
  for (float& w : data.filter) w = 1.0f;
  EXPECT_EQ(Actual(data, GetParam(), 1), data.ExpectedDepthwise());
}

TEST_P(WinnerDepthwiseConv2DIsaTest, GivesTheClampedBiasWithoutWinners) {
  DepthwiseData data(MakeDepthwiseCase("none", [](DepthwiseCase& c) { c.clamp = {0.0f, kInfinity}; }));
  std::fill(data.winners.begin(), data.winners.end(), -1);
  EXPECT_EQ(Actual(data, GetParam(), 1), data.ExpectedDepthwise());
}

TEST_P(WinnerDepthwiseConv2DIsaTest, TakesFewerWinnersThanPlanned) {
  DepthwiseData data(MakeDepthwiseCase("fewer", [](DepthwiseCase& c) { c.channels = 40, c.winners = 30; }));
  std::fill(data.winners.begin() + 2, data.winners.end(), -1);
  EXPECT_LT(RelativeError(Actual(data, GetParam(), 1), data.ExpectedDepthwise()), kTolerance);
}

TEST_P(WinnerDepthwiseConv2DIsaTest, RefusesMalformedWinners) {
  const DepthwiseData data(MakeDepthwiseCase("malformed", [](DepthwiseCase&) {}));
  const WinnerDepthwiseConv2D conv(data.shape, data.Constants(), 4, GetParam(), 1);
  ThreadPool pool(1);
  const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
  std::vector<float> y(data.ExpectedDepthwise().size());
  for (const std::vector<int32_t>& winners : kMalformedWinners) {
    EXPECT_FALSE(conv.Run(1, data.x.data(), winners.data(), y.data(), scratch.get(), pool, nullptr));
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, WinnerDepthwiseConv2DIsaTest, testing::ValuesIn(UsableIsas()),
                         [](const auto& info) { return IsaName(info.param); });

}  // namespace
}  // namespace tfsparse::core
