// SPDX-License-Identifier: Apache-2.0
#include "core/winner_separable_conv2d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <tuple>

#include "depthwise_cases.h"

namespace tfsparse::core {
namespace {

// Sums of products in another order than the oracle's, with the losers' constants added and taken away again.
constexpr double kTolerance = 1e-5;

struct SeparableData : DepthwiseData {
  explicit SeparableData(const DepthwiseCase& c) : DepthwiseData(c) {
    weights = RandomFloats(Size(c.out_c * c.channels), 4);
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
    std::vector<int32_t> all(Size(shape.batch * shape.in_c));
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int32_t>(i) % shape.in_c;
    return reference::WinnerConv2D(pointwise, between.data(), all.data(), shape.in_c, weights.data(), Pointwise().bias,
                                   test_case.clamp);
  }

  std::vector<float> Actual(Isa isa, int threads, std::vector<float>* scores = nullptr) const {
    const WinnerSeparableConv2D conv(shape, Constants(), Pointwise(), test_case.winners, isa, threads);
    ThreadPool pool(threads);
    const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
    GuardedFloats input(x);
    GuardedFloats output(std::vector<float>(Size(shape.batch * shape.out_h * shape.out_w * shape.out_c), kNaN));
    if (scores != nullptr) scores->assign(Size(shape.batch * shape.out_c), kNaN);
    EXPECT_TRUE(conv.Run(shape.batch, input.data(), winners.data(), output.data(), scratch.get(), pool, nullptr,
                         scores == nullptr ? nullptr : scores->data()));
    return output.ToVector();
  }

  std::vector<float> weights;
  std::vector<float> pointwise_bias;
};

std::vector<DepthwiseCase> SeparableCases() {
  std::vector<DepthwiseCase> cases = DepthwiseCases();
  const auto add = [&](const char* name, const std::function<void(DepthwiseCase&)>& change) {
    cases.push_back(MakeDepthwiseCase(name, change));
  };
  add("one_output", [](DepthwiseCase& c) { c.out_c = 1; });
  add("outputs_16", [](DepthwiseCase& c) { c.out_c = 16; });
  add("outputs_17", [](DepthwiseCase& c) { c.out_c = 17; });
  add("outputs_33", [](DepthwiseCase& c) { c.out_c = 33; });
  add("outputs_80", [](DepthwiseCase& c) { c.out_c = 80; });
  add("several_strips", [](DepthwiseCase& c) { c.height = c.width = 30, c.channels = 300, c.winners = 130; });
  add("several_strips_all_win", [](DepthwiseCase& c) { c.height = c.width = 20, c.channels = c.winners = 200; });
  add("several_panels", [](DepthwiseCase& c) { c.height = 3, c.channels = 600, c.winners = 400, c.out_c = 260; });
  add("several_of_both",
      [](DepthwiseCase& c) { c.height = 20, c.width = 9, c.channels = 500, c.winners = 400, c.out_c = 200; });
  return cases;
}

class WinnerSeparableConv2DTest : public testing::TestWithParam<std::tuple<Isa, DepthwiseCase>> {};

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
                         [](const auto& info) {
                           return std::string(IsaName(std::get<0>(info.param))) + "_" + std::get<1>(info.param).name;
                         });

TEST_P(WinnerSeparableConv2DTest, ScoresItsOutput) {
  const SeparableData data(std::get<1>(GetParam()));
  for (const int threads : {1, 2, 3, 7}) {
    std::vector<float> scores;
    const std::vector<float> y = data.Actual(std::get<0>(GetParam()), threads, &scores);
    EXPECT_EQ(scores, HighestMagnitudes(y, data.shape.batch, data.shape.out_c));
  }
}

class WinnerSeparableConv2DIsaTest : public testing::TestWithParam<Isa> {};

TEST_P(WinnerSeparableConv2DIsaTest, DoesNotLookAtLosers) {
  SeparableData data(
      MakeDepthwiseCase("losers", [](DepthwiseCase& c) { c.batch = 2, c.channels = 37, c.winners = 20; }));
  const std::vector<float> expected = data.Actual(GetParam(), 1);
  data.SpoilLosers();
  EXPECT_EQ(data.Actual(GetParam(), 1), expected);
}

TEST_P(WinnerSeparableConv2DIsaTest, IsAsCloseWhereTheConstantsAreLarge) {
  SeparableData data(MakeDepthwiseCase("large", [](DepthwiseCase& c) { c.channels = 64, c.winners = 60; }));
  for (float& b : data.bias) b *= 100.0f;
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), data.Expected()), kTolerance);
}

TEST_P(WinnerSeparableConv2DIsaTest, ShowsNaNOfWinnersThroughBothClamps) {
  SeparableData data(MakeDepthwiseCase("nan", [](DepthwiseCase& c) { c.clamp = {0.0f, 6.0f}; }));
  data.x[8 * 6 + 3] = kNaN;
  data.SelectByReference();
  const std::vector<float> actual = data.Actual(GetParam(), 1);
  EXPECT_LT(RelativeError(actual, data.Expected()), kTolerance);
  EXPECT_TRUE(std::any_of(actual.begin(), actual.end(), [](float y) { return std::isnan(y); }));
}

TEST_P(WinnerSeparableConv2DIsaTest, ScoresNaNAboveEverything) {
  SeparableData data(MakeDepthwiseCase("nan", [](DepthwiseCase& c) { c.out_c = 40; }));
  data.x[8 * 6 + 3] = kNaN;
  data.SelectByReference();
  std::vector<float> scores;
  data.Actual(GetParam(), 1, &scores);
  EXPECT_TRUE(std::all_of(scores.begin(), scores.end(), [](float score) { return std::isnan(score); }));
}

TEST_P(WinnerSeparableConv2DIsaTest, GivesTheConstantsPartWithoutWinners) {
  SeparableData data(MakeDepthwiseCase("none", [](DepthwiseCase& c) { c.clamp = {0.0f, kInfinity}, c.out_c = 50; }));
  std::fill(data.winners.begin(), data.winners.end(), -1);
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), data.Expected()), kTolerance);
}

TEST_P(WinnerSeparableConv2DIsaTest, TakesFewerWinnersThanPlanned) {
  SeparableData data(
      MakeDepthwiseCase("fewer", [](DepthwiseCase& c) { c.channels = 40, c.winners = 30, c.out_c = 70; }));
  std::fill(data.winners.begin() + 2, data.winners.end(), -1);
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), data.Expected()), kTolerance);
}

TEST_P(WinnerSeparableConv2DIsaTest, RefusesMalformedWinners) {
  const SeparableData data(MakeDepthwiseCase("malformed", [](DepthwiseCase&) {}));
  const WinnerSeparableConv2D conv(data.shape, data.Constants(), data.Pointwise(), 4, GetParam(), 1);
  ThreadPool pool(1);
  const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
  std::vector<float> y(data.Expected().size());
  for (const std::vector<int32_t>& winners : kMalformedWinners) {
    EXPECT_FALSE(conv.Run(1, data.x.data(), winners.data(), y.data(), scratch.get(), pool, nullptr));
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, WinnerSeparableConv2DIsaTest, testing::ValuesIn(UsableIsas()),
                         [](const auto& info) { return IsaName(info.param); });

TEST(WinnerSeparableConv2DTimesTest, FillsItsPhaseOnly) {
  const SeparableData data(MakeDepthwiseCase("times", [](DepthwiseCase& c) { c.height = c.width = 30; }));
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
