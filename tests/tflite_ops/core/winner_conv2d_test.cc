// SPDX-License-Identifier: Apache-2.0
#include "core/winner_conv2d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "conv2d_cases.h"

namespace tfsparse::core {
namespace {

// Sums of products in another order than the oracle's, some of them clamped to a small range. The transforms of
// Winograd's algorithm add errors of their own, most with large tiles and many channels.
constexpr double kTolerance = 1e-5;

struct WinnerConvData : ConvData {
  using ConvData::ConvData;

  std::vector<float> Actual(Isa isa, int threads, float* scores = nullptr) const {
    const WinnerConv2D conv(shape, Constants(), test_case.winners, test_case.method, isa, threads);
    return GuardedRun(conv, shape.batch, x, winners.data(), OutputCount(), threads, scores);
  }
};

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
    Case("pointwise", [](ConvCase& c) { c.SetKernel(1), c.in_c = 24, c.winners = 7; }),
    Case("pointwise_strided", [](ConvCase& c) { c.SetKernel(1), c.stride = 2; }),
    Case("kernel_2", [](ConvCase& c) { c.SetKernel(2); }),
    Case("kernel_5", [](ConvCase& c) { c.SetKernel(5), c.SetMap(9); }),
    Case("kernel_larger_than_map", [](ConvCase& c) { c.SetKernel(7), c.SetMap(2); }),
    Case("stride_2", [](ConvCase& c) { c.stride = 2, c.SetMap(8); }),
    Case("stride_3_valid", [](ConvCase& c) { c.stride = 3, c.SetMap(11), c.padding = Padding::kValid; }),
    Case("valid", [](ConvCase& c) { c.padding = Padding::kValid; }),
    Case("dilation_2", [](ConvCase& c) { c.dilation = 2, c.SetMap(9); }),
    Case("dilation_3_valid", [](ConvCase& c) { c.dilation = 3, c.SetMap(10), c.padding = Padding::kValid; }),
    Case("one_pixel", [](ConvCase& c) { c.SetMap(1), c.SetKernel(1); }),
    Case("map_7", [](ConvCase& c) { c.SetMap(7), c.in_c = 40, c.winners = 13, c.out_c = 40; }),
    Case("map_20", [](ConvCase& c) { c.SetMap(20), c.in_c = 20, c.winners = 9, c.out_c = 40; }),
    Case("batch_2", [](ConvCase& c) { c.batch = 2, c.in_c = 20, c.winners = 9; }),
    Case("batch_3_pointwise", [](ConvCase& c) { c.batch = 3, c.SetKernel(1); }),
    Case("no_bias", [](ConvCase& c) { c.bias = false; }),
    Case("relu", [](ConvCase& c) { c.clamp = {0.0f, kInfinity}; }),
    Case("relu6", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}; }),
    Case("relu_n1_to_1", [](ConvCase& c) { c.clamp = {-1.0f, 1.0f}; }),
    Case("copied_winners", [](ConvCase& c) { c.in_c = 301, c.winners = 90, c.SetMap(8), c.out_c = 20; }),
    Case("copied_strided", [](ConvCase& c) { c.in_c = 512, c.winners = 101, c.stride = 2, c.SetMap(14); }),
    Case("copied_pointwise", [](ConvCase& c) { c.in_c = 1024, c.winners = 300, c.SetKernel(1), c.out_c = 256; }),
    Case("copied_pointwise_strided",
         [](ConvCase& c) { c.in_c = 512, c.winners = 99, c.SetKernel(1), c.stride = 2, c.out_c = 300; }),
    Case("copied_one_winner", [](ConvCase& c) { c.in_c = 1024, c.winners = 1, c.SetKernel(1), c.out_c = 256; }),
    Case("several_panels", [](ConvCase& c) { c.in_c = 160, c.winners = 130, c.out_c = 200, c.SetMap(6); }),
};

const ConvCase kWinogradCases[] = {
    Case("one_winner", [](ConvCase& c) { c.winners = 1; }),
    Case("all_but_one", [](ConvCase& c) { c.winners = c.in_c - 1; }),
    Case("all_win", [](ConvCase& c) { c.winners = c.in_c; }),
    Case("all_of_whole_vectors_win", [](ConvCase& c) { c.in_c = c.winners = 32; }),
    Case("one_channel", [](ConvCase& c) { c.in_c = c.winners = 1; }),
    Case("one_pixel", [](ConvCase& c) { c.SetMap(1); }),
    Case("odd_channels", [](ConvCase& c) { c.in_c = 37, c.winners = 19; }),
    Case("one_output_channel", [](ConvCase& c) { c.out_c = 1; }),
    Case("outputs_33", [](ConvCase& c) { c.out_c = 33; }),
    Case("outputs_80", [](ConvCase& c) { c.out_c = 80; }),
    Case("valid", [](ConvCase& c) { c.padding = Padding::kValid, c.SetMap(9); }),
    Case("map_4", [](ConvCase& c) { c.SetMap(4); }),
    Case("map_14", [](ConvCase& c) { c.SetMap(14), c.in_c = 40, c.winners = 13, c.out_c = 40; }),
    Case("several_passes", [](ConvCase& c) { c.SetMap(45), c.in_c = 40, c.winners = 13, c.out_c = 40; }),
    // With two threads the last pass has a single tile, with portable and with AVX2 kernels.
    Case("last_pass_of_one_tile", [](ConvCase& c) { c.SetMap(129), c.in_c = 9, c.winners = 4, c.out_c = 8; }),
    Case("last_pass_of_one_tile_16", [](ConvCase& c) { c.SetMap(193), c.in_c = 9, c.winners = 4, c.out_c = 16; }),
    Case("batch_2", [](ConvCase& c) { c.batch = 2, c.in_c = 20, c.winners = 9; }),
    Case("no_bias", [](ConvCase& c) { c.bias = false; }),
    Case("relu6", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}; }),
    Case("all_of_512_win", [](ConvCase& c) { c.in_c = c.winners = 512, c.SetMap(8), c.out_c = 20; }),
    Case("many_channels", [](ConvCase& c) { c.in_c = 301, c.winners = 90, c.SetMap(8), c.out_c = 20; }),
};

std::vector<ConvCase> AllCases() {
  std::vector<ConvCase> cases(std::begin(kCases), std::end(kCases));
  for (const Conv2DMethod method : {Conv2DMethod::kWinograd2x2, Conv2DMethod::kWinograd4x4}) {
    for (ConvCase c : kWinogradCases) {
      c.method = method;
      c.name = std::string(MethodName(method)) + "_" + c.name;
      cases.push_back(c);
    }
  }
  return cases;
}

class WinnerConv2DTest : public testing::TestWithParam<std::tuple<Isa, ConvCase>> {};

TEST_P(WinnerConv2DTest, AgreesWithReference) {
  const WinnerConvData data(std::get<1>(GetParam()));
  EXPECT_LT(RelativeError(data.Actual(std::get<0>(GetParam()), 1), data.Expected()), kTolerance);
}

TEST_P(WinnerConv2DTest, IsTheSameForAnyNumberOfThreads) {
  const WinnerConvData data(std::get<1>(GetParam()));
  const std::vector<float> expected = data.Actual(std::get<0>(GetParam()), 1);
  EXPECT_EQ(data.Actual(std::get<0>(GetParam()), 2), expected);
  EXPECT_EQ(data.Actual(std::get<0>(GetParam()), 3), expected);
}

INSTANTIATE_TEST_SUITE_P(Cases, WinnerConv2DTest,
                         testing::Combine(testing::ValuesIn(UsableIsas()), testing::ValuesIn(AllCases())),
                         IsaAndCaseName);

TEST_P(WinnerConv2DTest, ScoresItsOutput) {
  const WinnerConvData data(std::get<1>(GetParam()));
  const Isa isa = std::get<0>(GetParam());
  for (const int threads : {1, 2, 3}) {
    std::vector<float> scores = data.UnwrittenScores();
    const std::vector<float> y = data.Actual(isa, threads, scores.data());
    EXPECT_EQ(scores, HighestMagnitudes(y, data.shape.batch, data.shape.out_c));
  }
}

class WinnerConv2DIsaTest : public testing::TestWithParam<Isa> {};

TEST_P(WinnerConv2DIsaTest, TreatsLosersAsZeroWhateverTheyHold) {
  WinnerConvData data(Case("losers", [](ConvCase& c) { c.in_c = 20, c.winners = 7; }));
  const std::vector<float> expected = data.Expected();
  data.SpoilLosers();
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), expected), kTolerance);
}

TEST_P(WinnerConv2DIsaTest, ShowsNaNOfWinnersThroughTheClamp) {
  WinnerConvData data(Case("nan", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}; }));
  data.x[8 * 6 + 3] = kNaN;
  data.SelectByReference();
  const std::vector<float> actual = data.Actual(GetParam(), 1);
  EXPECT_LT(RelativeError(actual, data.Expected()), kTolerance);
  EXPECT_TRUE(AnyIsNaN(actual));
}

TEST_P(WinnerConv2DIsaTest, ScoresNaNAboveEverything) {
  for (const Conv2DMethod method : {Conv2DMethod::kDirect, Conv2DMethod::kWinograd2x2, Conv2DMethod::kWinograd4x4}) {
    WinnerConvData data(Case("nan", [&](ConvCase& c) { c.method = method, c.out_c = 40; }));
    data.x[8 * 6 + 3] = kNaN;
    data.SelectByReference();
    std::vector<float> scores = data.UnwrittenScores();
    data.Actual(GetParam(), 1, scores.data());
    EXPECT_TRUE(std::all_of(scores.begin(), scores.end(), [](float score) { return std::isnan(score); }));
  }
}

TEST_P(WinnerConv2DIsaTest, KeepsDenormalsWhereArithmeticDoes) {
  WinnerConvData data(
      Case("denormals", [](ConvCase& c) { c.SetKernel(1), c.in_c = 4, c.winners = 2, c.bias = false; }));
  data.MakeDenormal();
  const std::vector<float> actual = data.Actual(GetParam(), 1);
  EXPECT_LT(RelativeError(actual, data.Expected()), 1e-5);
  const bool kept = std::any_of(actual.begin(), actual.end(), [](float y) { return y != 0.0f; });
  EXPECT_EQ(kept, !FlushesDenormals(GetParam()));
}

TEST_P(WinnerConv2DIsaTest, GivesTheClampedBiasWithoutWinners) {
  WinnerConvData data(Case("none", [](ConvCase& c) { c.clamp = {0.0f, kInfinity}; }));
  data.KeepWinners(0);
  EXPECT_EQ(data.Actual(GetParam(), 1), data.Expected());
}

TEST_P(WinnerConv2DIsaTest, TakesFewerWinnersThanPlanned) {
  WinnerConvData data(Case("fewer", [](ConvCase& c) { c.in_c = 40, c.winners = 30, c.out_c = 70; }));
  data.KeepWinners(2);
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), data.Expected()), kTolerance);
}

TEST_P(WinnerConv2DIsaTest, RefusesMalformedWinners) {
  const WinnerConvData data(Case("malformed", [](ConvCase&) {}));
  const WinnerConv2D conv(data.shape, {data.filter.data(), nullptr, kNoClamp}, 4, Conv2DMethod::kAuto, GetParam(), 1);
  ExpectRefused(conv, data.x, kMalformedWinners, data.OutputCount());
}

INSTANTIATE_TEST_SUITE_P(Isas, WinnerConv2DIsaTest, testing::ValuesIn(UsableIsas()),
                         [](const auto& info) { return IsaName(info.param); });

TEST(WinnerConv2DTimesTest, FillsItsPhasesOnly) {
  const WinnerConvData data(
      Case("times", [](ConvCase& c) { c.in_c = 1024, c.out_c = 256, c.SetKernel(1), c.SetMap(30); }));
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
