// SPDX-License-Identifier: Apache-2.0
#include "core/winner_depthwise_conv2d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "depthwise_cases.h"

namespace tfsparse::core {
namespace {

constexpr double kTolerance = 1e-5;

std::vector<float> Actual(const DepthwiseData& data, Isa isa, int threads) {
  const Conv2DShape& shape = data.shape;
  const WinnerDepthwiseConv2D conv(shape, data.Constants(), data.test_case.winners, isa, threads);
  return GuardedRun(conv, shape.batch, data.x, data.winners.data(),
                    shape.batch * shape.out_h * shape.out_w * shape.in_c, threads);
}

class WinnerDepthwiseConv2DTest : public testing::TestWithParam<std::tuple<Isa, ConvCase>> {};

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
                         IsaAndCaseName);

class WinnerDepthwiseConv2DIsaTest : public testing::TestWithParam<Isa> {};

TEST_P(WinnerDepthwiseConv2DIsaTest, GivesLosersTheirClampedBiasWhateverTheyHold) {
  DepthwiseData data(
      Case("losers", [](ConvCase& c) { c.batch = 2, c.in_c = 37, c.winners = 20, c.clamp = {-0.5f, 0.5f}; }));
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
  DepthwiseData data(Case("nan", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}; }));
  data.x[8 * 6 + 3] = kNaN;
  data.SelectByReference();
  const std::vector<float> actual = Actual(data, GetParam(), 1);
  EXPECT_LT(RelativeError(actual, data.ExpectedDepthwise()), kTolerance);
  EXPECT_TRUE(AnyIsNaN(actual));
}

TEST_P(WinnerDepthwiseConv2DIsaTest, KeepsDenormalsWhereArithmeticDoes) {
  DepthwiseData data(Case("denormals", [](ConvCase& c) { c.SetKernel(1), c.bias = false; }));
  data.MakeDenormal();
  std::vector<float> expected = data.ExpectedDepthwise();
  if (FlushesDenormals(GetParam())) std::fill(expected.begin(), expected.end(), 0.0f);
  EXPECT_EQ(Actual(data, GetParam(), 1), expected);
}

TEST_P(WinnerDepthwiseConv2DIsaTest, GivesTheClampedBiasWithoutWinners) {
  DepthwiseData data(Case("none", [](ConvCase& c) { c.clamp = {0.0f, kInfinity}; }));
  data.KeepWinners(0);
  EXPECT_EQ(Actual(data, GetParam(), 1), data.ExpectedDepthwise());
}

TEST_P(WinnerDepthwiseConv2DIsaTest, TakesFewerWinnersThanPlanned) {
  DepthwiseData data(Case("fewer", [](ConvCase& c) { c.in_c = 40, c.winners = 30; }));
  data.KeepWinners(2);
  EXPECT_LT(RelativeError(Actual(data, GetParam(), 1), data.ExpectedDepthwise()), kTolerance);
}

TEST_P(WinnerDepthwiseConv2DIsaTest, RefusesMalformedWinners) {
  const DepthwiseData data(Case("malformed", [](ConvCase&) {}));
  const WinnerDepthwiseConv2D conv(data.shape, data.Constants(), 4, GetParam(), 1);
  ExpectRefused(conv, data.x, kMalformedWinners, data.shape.out_h * data.shape.out_w * data.shape.in_c);
}

INSTANTIATE_TEST_SUITE_P(Isas, WinnerDepthwiseConv2DIsaTest, testing::ValuesIn(UsableIsas()),
                         [](const auto& info) { return IsaName(info.param); });

}  // namespace
}  // namespace tfsparse::core
