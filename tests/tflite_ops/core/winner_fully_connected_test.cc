// SPDX-License-Identifier: Apache-2.0
#include "core/winner_fully_connected.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "core/reference.h"
#include "core/winner_select.h"
#include "test_data.h"

namespace tfsparse::core {
namespace {

// Sums of products in another order than the oracle's, some of them clamped to a small range.
constexpr double kTolerance = 1e-5;

struct FcCase {
  FullyConnectedShape shape;
  int winners;
  Clamp clamp = kNoClamp;
  bool bias = true;
};

struct FcData {
  explicit FcData(const FcCase& c) : test_case(c) {
    const FullyConnectedShape& s = c.shape;
    const int inputs = s.taps * s.channels;
    x = RandomFloats(static_cast<size_t>(s.batch * s.rows * inputs), 1);
    weights = RandomFloats(static_cast<size_t>(s.out * inputs), 2);
    bias = RandomFloats(static_cast<size_t>(s.out), 3);
    winners = reference::SelectWinners({s.batch, s.rows * s.taps, s.channels, c.winners, Unit::kChannel, Score::kMax},
                                       x.data());
  }

  const float* bias_or_null() const { return test_case.bias ? bias.data() : nullptr; }

  std::vector<float> Expected() const {
    return reference::WinnerFullyConnected(test_case.shape, x.data(), winners.data(), test_case.winners, weights.data(),
                                           bias_or_null(), test_case.clamp);
  }

  std::vector<float> Actual(Isa isa, int threads) const {
    const FullyConnectedShape& s = test_case.shape;
    const WinnerFullyConnected fc(s, weights.data(), bias_or_null(), test_case.clamp, test_case.winners, isa, threads);
    return GuardedRun(fc, s.batch, x, winners.data(), s.batch * s.rows * s.out, threads);
  }

  // Without a list of winners: every input counts.
  std::vector<float> Dense(Isa isa, int threads, bool skip_zeros) const {
    const FullyConnectedShape& s = test_case.shape;
    const WinnerFullyConnected fc(s, weights.data(), bias_or_null(), test_case.clamp, s.channels, isa, threads,
                                  skip_zeros);
    return GuardedRun(fc, s.batch, x, nullptr, s.batch * s.rows * s.out, threads);
  }

  FcCase test_case;
  std::vector<float> x;
  std::vector<float> weights;
  std::vector<float> bias;
  std::vector<int32_t> winners;
};

const FcCase kCases[] = {
    // {batch, rows, taps, channels, out}, winners
    {{1, 1, 1, 1, 1}, 1},
    {{1, 1, 1, 300, 100}, 19},
    {{1, 1, 1, 300, 10}, 300},
    {{1, 1, 1, 300, 129}, 1},
    {{1, 1, 1, 37, 17}, 36},
    {{1, 1, 36, 64, 384}, 21},
    {{2, 1, 9, 20, 33}, 7},
    {{1, 1, 1, 2000, 300}, 1000},
    {{1, 1, 3, 20, 1000}, 9},
    {{1, 1, 3, 20, 1001}, 20},
    {{1, 2, 1, 40, 30}, 11},
    {{1, 15, 1, 40, 30}, 11},
    {{2, 20, 1, 64, 70}, 32},
    {{2, 5, 4, 24, 16}, 24},
    {{1, 3, 6, 600, 40}, 250},
    {{1, 1, 1, 300, 100}, 60, {0.0f, kInfinity}},
    {{1, 1, 1, 300, 100}, 60, {0.0f, 6.0f}, false},
    {{1, 4, 1, 300, 100}, 60, {-1.0f, 1.0f}, false},
};

class WinnerFullyConnectedTest : public testing::TestWithParam<std::tuple<Isa, FcCase>> {};

TEST_P(WinnerFullyConnectedTest, AgreesWithReference) {
  const auto& [isa, test_case] = GetParam();
  const FcData data(test_case);
  EXPECT_LT(RelativeError(data.Actual(isa, 1), data.Expected()), kTolerance);
}

TEST_P(WinnerFullyConnectedTest, IsTheSameForAnyNumberOfThreads) {
  const auto& [isa, test_case] = GetParam();
  const FcData data(test_case);
  const std::vector<float> expected = data.Actual(isa, 1);
  EXPECT_EQ(data.Actual(isa, 2), expected);
  EXPECT_EQ(data.Actual(isa, 3), expected);
}

INSTANTIATE_TEST_SUITE_P(Cases, WinnerFullyConnectedTest,
                         testing::Combine(testing::ValuesIn(UsableIsas()), testing::ValuesIn(kCases)));

class WinnerFullyConnectedIsaTest : public testing::TestWithParam<Isa> {};

TEST_P(WinnerFullyConnectedIsaTest, SkipsZerosAndLosersWhateverTheyMeet) {
  FcData data({{1, 1, 1, 40, 24}, 10});
  const std::vector<float> expected = data.Expected();
  data.x[static_cast<size_t>(data.winners[4])] = 0.0f;
  const std::vector<float> without_one = data.Expected();
  for (size_t i = 0; i < data.weights.size(); ++i) {
    const int input = static_cast<int>(i % 40);
    const bool wins = std::binary_search(data.winners.begin(), data.winners.end(), input);
    if (!wins || input == data.winners[4]) data.weights[i] = kInfinity;
    if (!wins) data.x[static_cast<size_t>(input)] = kNaN;
  }
  EXPECT_NE(without_one, expected);
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), without_one), kTolerance);
}

TEST_P(WinnerFullyConnectedIsaTest, ShowsNaNOfWinners) {
  FcData data({{1, 1, 1, 40, 24}, 10, {0.0f, kInfinity}});
  data.x[static_cast<size_t>(data.winners[9])] = kNaN;
  for (const float y : data.Actual(GetParam(), 1)) EXPECT_TRUE(std::isnan(y));
}

TEST_P(WinnerFullyConnectedIsaTest, GivesTheClampedBiasWithoutWinners) {
  for (const int rows : {1, 5}) {
    FcData data({{1, rows, 1, 40, 24}, 10, {0.0f, kInfinity}});
    std::fill(data.winners.begin(), data.winners.end(), -1);
    EXPECT_EQ(data.Actual(GetParam(), 1), data.Expected());
  }
}

TEST_P(WinnerFullyConnectedIsaTest, RefusesMalformedWinners) {
  for (const int rows : {1, 5}) {
    const FcData data({{1, rows, 2, 8, 3}, 2});
    const WinnerFullyConnected fc(data.test_case.shape, data.weights.data(), nullptr, kNoClamp, 2, GetParam(), 1);
    ExpectRefused(fc, data.x, {{0, 8}, {1, 0}, {-1, 0}}, rows * 3);
  }
}

// All inputs count: {batch, rows, taps, channels, out}.
const FullyConnectedShape kDenseShapes[] = {
    {1, 1, 1, 1, 1},   {1, 1, 1, 300, 100}, {2, 1, 1, 37, 17},  {1, 1, 4, 9, 65},
    {1, 2, 1, 40, 30}, {2, 15, 1, 130, 70}, {1, 300, 1, 20, 5}, {1, 3, 4, 24, 16},
};

TEST_P(WinnerFullyConnectedIsaTest, NeedsNoWinnersWhereAllWin) {
  for (const FullyConnectedShape& shape : kDenseShapes) {
    for (const double density : {0.0, 0.05, 0.3, 0.6, 1.0}) {
      FcData data({shape, shape.channels});
      for (size_t i = 0; i < data.x.size(); ++i) {
        if (static_cast<double>(i * 7919 % 1000) >= 1000.0 * density) data.x[i] = 0.0f;
      }
      data.winners = AllWin(shape.batch, shape.channels);
      const std::vector<float> expected = data.Expected();
      for (const bool skip_zeros : {false, true}) {
        EXPECT_LT(RelativeError(data.Dense(GetParam(), 1, skip_zeros), expected), kTolerance) << density;
        EXPECT_EQ(data.Dense(GetParam(), 3, skip_zeros), data.Dense(GetParam(), 1, skip_zeros)) << density;
      }
    }
  }
}

TEST_P(WinnerFullyConnectedIsaTest, SkipsZerosOfSeveralRowsWhateverTheyMeet) {
  FcData data({{1, 5, 1, 40, 240}, 40});
  for (size_t i = 0; i < data.x.size(); ++i) {
    if (i % 40 % 4 != 1) data.x[i] = 0.0f;
  }
  const std::vector<float> expected = data.Expected();
  for (size_t i = 0; i < data.weights.size(); ++i) {
    if (i % 40 % 4 != 1) data.weights[i] = kInfinity;
  }
  EXPECT_LT(RelativeError(data.Dense(GetParam(), 1, true), expected), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(Isas, WinnerFullyConnectedIsaTest, testing::ValuesIn(UsableIsas()),
                         [](const auto& info) { return IsaName(info.param); });

}  // namespace
}  // namespace tfsparse::core
