// SPDX-License-Identifier: Apache-2.0
#include "core/winner_separable_conv2d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <tuple>

#include "depthwise_cases.h"

namespace tfsparse::core {
namespace {

// Sums of products in another order than the oracle's, with the losers' constants added and taken away again.
constexpr double kTolerance = 1e-5;

struct SeparableData : DepthwiseData {
  explicit SeparableData(const ConvCase& c) : DepthwiseData(c) {
    weights = RandomFloats(Size(c.out_c * c.in_c), 4);
    pointwise_bias = RandomFloats(Size(c.out_c), 5);
  }

  Conv2DConstants Pointwise() const {
    return {weights.data(), test_case.bias ? pointwise_bias.data() : nullptr, test_case.clamp};
  }

  std::vector<float> Expected() const {
    const std::vector<float> between = ExpectedDepthwise();
    Conv2DShape pointwise;
    pointwise.batch = shape.batch;
    pointwise.in_h = shape.out_h;
    pointwise.in_w = shape.out_w;
    pointwise.in_c = shape.in_c;
    pointwise.out_c = shape.out_c;
    pointwise.SetPadding(Padding::kSame);
    return reference::WinnerConv2D(pointwise, between.data(), AllWin(shape.batch, shape.in_c).data(), shape.in_c,
                                   weights.data(), Pointwise().bias, test_case.clamp);
  }

  std::vector<float> Actual(Isa isa, int threads, float* scores = nullptr) const {
    const WinnerSeparableConv2D conv(shape, Constants(), Pointwise(), test_case.winners, isa, threads);
    return GuardedRun(conv, shape.batch, x, winners.data(), OutputCount(), threads, scores);
  }

  std::vector<float> weights;
  std::vector<float> pointwise_bias;
};

std::vector<ConvCase> SeparableCases() {
  std::vector<ConvCase> cases = DepthwiseCases();
  const auto add = [&](const char* name, const std::function<void(ConvCase&)>& change) {
    cases.push_back(Case(name, change));
  };
  add("one_output", [](ConvCase& c) { c.out_c = 1; });
  add("outputs_16", [](ConvCase& c) { c.out_c = 16; });
  add("outputs_17", [](ConvCase& c) { c.out_c = 17; });
  add("outputs_33", [](ConvCase& c) { c.out_c = 33; });
  add("outputs_80", [](ConvCase& c) { c.out_c = 80; });
  add("several_strips", [](ConvCase& c) { c.height = c.width = 30, c.in_c = 300, c.winners = 130; });
  add("several_strips_all_win", [](ConvCase& c) { c.height = c.width = 20, c.in_c = c.winners = 200; });
  add("several_panels", [](ConvCase& c) { c.height = 3, c.in_c = 600, c.winners = 400, c.out_c = 260; });
  add("several_of_both", [](ConvCase& c) { c.height = 20, c.width = 9, c.in_c = 500, c.winners = 400, c.out_c = 200; });
  return cases;
}

class WinnerSeparableConv2DTest : public testing::TestWithParam<std::tuple<Isa, ConvCase>> {};

TEST_P(WinnerSeparableConv2DTest, AgreesWithReference) {
  const SeparableData data(std::get<1>(GetParam()));
  EXPECT_LT(RelativeError(data.Actual(std::get<0>(GetParam()), 1), data.Expected()), kTolerance);
}

TEST_P(WinnerSeparableConv2DTest, IsTheSameForAnyNumberOfThreads) {
  const SeparableData data(std::get<1>(GetParam()));
  const std::vector<float> expected = data.Actual(std::get<0>(GetParam()), 1);
  for (const int threads : {2, 3, 7}) EXPECT_EQ(data.Actual(std::get<0>(GetParam()), threads), expected);
}

INSTANTIATE_TEST_SUITE_P(Cases, WinnerSeparableConv2DTest,
                         testing::Combine(testing::ValuesIn(UsableIsas()), testing::ValuesIn(SeparableCases())),
                         IsaAndCaseName);

TEST_P(WinnerSeparableConv2DTest, ScoresItsOutput) {
  const SeparableData data(std::get<1>(GetParam()));
  for (const int threads : {1, 2, 3, 7}) {
    std::vector<float> scores = data.UnwrittenScores();
    const std::vector<float> y = data.Actual(std::get<0>(GetParam()), threads, scores.data());
    EXPECT_EQ(scores, HighestMagnitudes(y, data.shape.batch, data.shape.out_c));
  }
}

class WinnerSeparableConv2DIsaTest : public testing::TestWithParam<Isa> {};

TEST_P(WinnerSeparableConv2DIsaTest, DoesNotLookAtLosers) {
  SeparableData data(Case("losers", [](ConvCase& c) { c.batch = 2, c.in_c = 37, c.winners = 20; }));
  const std::vector<float> expected = data.Actual(GetParam(), 1);
  data.SpoilLosers();
  EXPECT_EQ(data.Actual(GetParam(), 1), expected);
}

TEST_P(WinnerSeparableConv2DIsaTest, IsAsCloseWhereTheConstantsAreLarge) {
  SeparableData data(Case("large", [](ConvCase& c) { c.in_c = 64, c.winners = 60; }));
  for (float& b : data.bias) b *= 100.0f;
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), data.Expected()), kTolerance);
}

TEST_P(WinnerSeparableConv2DIsaTest, ShowsNaNOfWinnersThroughBothClamps) {
  SeparableData data(Case("nan", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}; }));
  data.x[8 * 6 + 3] = kNaN;
  data.SelectByReference();
  const std::vector<float> actual = data.Actual(GetParam(), 1);
  EXPECT_LT(RelativeError(actual, data.Expected()), kTolerance);
  EXPECT_TRUE(AnyIsNaN(actual));
}

TEST_P(WinnerSeparableConv2DIsaTest, ScoresNaNAboveEverything) {
  SeparableData data(Case("nan", [](ConvCase& c) { c.out_c = 40; }));
  data.x[8 * 6 + 3] = kNaN;
  data.SelectByReference();
  std::vector<float> scores = data.UnwrittenScores();
  data.Actual(GetParam(), 1, scores.data());
  EXPECT_TRUE(std::all_of(scores.begin(), scores.end(), [](float score) { return std::isnan(score); }));
}

TEST_P(WinnerSeparableConv2DIsaTest, GivesTheConstantsPartWithoutWinners) {
  SeparableData data(Case("none", [](ConvCase& c) { c.clamp = {0.0f, kInfinity}, c.out_c = 50; }));
  data.KeepWinners(0);
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), data.Expected()), kTolerance);
}

TEST_P(WinnerSeparableConv2DIsaTest, TakesFewerWinnersThanPlanned) {
  SeparableData data(Case("fewer", [](ConvCase& c) { c.in_c = 40, c.winners = 30, c.out_c = 70; }));
  data.KeepWinners(2);
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), data.Expected()), kTolerance);
}

TEST_P(WinnerSeparableConv2DIsaTest, RefusesMalformedWinners) {
  const SeparableData data(Case("malformed", [](ConvCase&) {}));
  const WinnerSeparableConv2D conv(data.shape, data.Constants(), data.Pointwise(), 4, GetParam(), 1);
  ExpectRefused(conv, data.x, kMalformedWinners, data.OutputCount());
}

INSTANTIATE_TEST_SUITE_P(Isas, WinnerSeparableConv2DIsaTest, testing::ValuesIn(UsableIsas()),
                         [](const auto& info) { return IsaName(info.param); });

TEST(WinnerSeparableConv2DTimesTest, FillsItsPhaseOnly) {
  const SeparableData data(Case("times", [](ConvCase& c) { c.height = c.width = 30; }));
  const WinnerSeparableConv2D conv(data.shape, data.Constants(), data.Pointwise(), 4, Isa::kPortable, 1);
  ThreadPool pool(1);
  const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
  std::vector<float> y(data.Expected().size());
  PhaseTimes times;
  ASSERT_TRUE(conv.Run(1, data.x.data(), data.winners.data(), y.data(), scratch.get(), pool, &times));
  EXPECT_GT(times.gemm, 0);
  EXPECT_EQ(times.rank + times.select + times.gather + times.mask, 0);
}

}  // namespace
}  // namespace tfsparse::core
