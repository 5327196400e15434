// SPDX-License-Identifier: Apache-2.0
#include "core/winner_select.h"

#include <gtest/gtest.h>

#include <tuple>

#include "core/reference.h"
#include "test_data.h"

namespace tfsparse::core {
namespace {

std::vector<int32_t> SelectRows(const WinnerSelectShape& shape, const std::vector<float>& x, Isa isa, int threads) {
  const WinnerSelect select(shape, isa);
  ThreadPool pool(threads);
  GuardedFloats input(x);
  const AlignedFloats scratch = DirtyScratch(select.scratch_bytes());
  std::vector<int32_t> winners(static_cast<size_t>(shape.batch * shape.winners), 77);
  select.Run(input.data(), winners.data(), scratch.get(), pool, nullptr);
  return winners;
}

size_t InputSize(const WinnerSelectShape& shape) {
  return static_cast<size_t>(shape.batch) * static_cast<size_t>(shape.pixels) * static_cast<size_t>(shape.channels);
}

const WinnerSelectShape kShapes[] = {
    {1, 1, 1, 1, Unit::kChannel, Score::kMax},      {1, 1, 10, 3, Unit::kChannel, Score::kMax},
    {1, 5, 16, 8, Unit::kChannel, Score::kMax},     {1, 7, 37, 9, Unit::kChannel, Score::kMax},
    {2, 49, 33, 16, Unit::kChannel, Score::kMax},   {1, 784, 128, 64, Unit::kChannel, Score::kMax},
    {1, 1, 10, 3, Unit::kChannel, Score::kMean},    {1, 6, 37, 9, Unit::kChannel, Score::kMean},
    {3, 50, 20, 19, Unit::kChannel, Score::kMean},  {1, 784, 130, 64, Unit::kChannel, Score::kMean},
    {1, 1, 300, 100, Unit::kNeuron, Score::kMax},   {2, 1, 300, 100, Unit::kNeuron, Score::kMax},
    {2, 36, 300, 1000, Unit::kNeuron, Score::kMax}, {2, 9, 20, 20, Unit::kChannel, Score::kMax},
    {1, 1, 20, 20, Unit::kChannel, Score::kMean},
};

class WinnerSelectTest : public testing::TestWithParam<std::tuple<Isa, WinnerSelectShape>> {};

TEST_P(WinnerSelectTest, AgreesWithReference) {
  const auto& [isa, shape] = GetParam();
  const std::vector<float> x = RandomFloats(InputSize(shape), 1);
  EXPECT_EQ(SelectRows(shape, x, isa, 1), reference::SelectWinners(shape, x.data()));
}

TEST_P(WinnerSelectTest, IsTheSameForAnyNumberOfThreads) {
  const auto& [isa, shape] = GetParam();
  const std::vector<float> x = RandomFloats(InputSize(shape), 2);
  const std::vector<int32_t> winners = SelectRows(shape, x, isa, 1);
  EXPECT_EQ(SelectRows(shape, x, isa, 2), winners);
  EXPECT_EQ(SelectRows(shape, x, isa, 3), winners);
}

INSTANTIATE_TEST_SUITE_P(Shapes, WinnerSelectTest,
                         testing::Combine(testing::ValuesIn(UsableIsas()), testing::ValuesIn(kShapes)));

class WinnerSelectIsaTest : public testing::TestWithParam<std::tuple<Isa, Score>> {};

// One loud channel, and one NaN or infinity somewhere in a quiet one.
TEST_P(WinnerSelectIsaTest, NeverHidesNaN) {
  const auto& [isa, score] = GetParam();
  for (const int pixels : {1, 3, 4, 9}) {
    for (int at = 0; at < pixels; ++at) {
      for (const int channel : {0, 7, 8, 18}) {
        std::vector<float> x(static_cast<size_t>(pixels * 19), 0.5f);
        for (int p = 0; p < pixels; ++p) x[static_cast<size_t>(p * 19 + 3)] = kInfinity;
        x[static_cast<size_t>(at * 19 + channel)] = -kNaN;
        EXPECT_EQ(SelectRows({1, pixels, 19, 1, Unit::kChannel, score}, x, isa, 1), std::vector<int32_t>{channel})
            << pixels << " pixels, NaN at " << at;
      }
    }
  }
}

TEST_P(WinnerSelectIsaTest, HasNoWinnersInZeros) {
  const auto& [isa, score] = GetParam();
  EXPECT_EQ(SelectRows({1, 9, 20, 2, Unit::kChannel, score}, std::vector<float>(180, -0.0f), isa, 1),
            (std::vector<int32_t>{-1, -1}));
}

// A map that may keep every channel is not read; a vector is, as its zeros are found at once.
TEST_P(WinnerSelectIsaTest, ListsAllChannelsOfAMapThatMayKeepThem) {
  const auto& [isa, score] = GetParam();
  const std::vector<float> x = {1.0f, 0.0f, 2.0f, 1.0f, 0.0f, 0.0f};
  EXPECT_EQ(SelectRows({1, 2, 3, 3, Unit::kChannel, score}, x, isa, 1), (std::vector<int32_t>{0, 1, 2}));
  EXPECT_EQ(SelectRows({2, 1, 3, 3, Unit::kChannel, score}, x, isa, 1), (std::vector<int32_t>{0, 2, -1, 0, -1, -1}));
}

// The highest magnitude is found without arithmetic, the mean is not.
TEST_P(WinnerSelectIsaTest, CountsDenormalsWhereArithmeticDoes) {
  const auto& [isa, score] = GetParam();
  std::vector<float> x(180, 0.0f);
  x[20 * 5 + 11] = -1e-42f;
  const int32_t winner = score == Score::kMean && FlushesDenormals(isa) ? -1 : 11;
  EXPECT_EQ(SelectRows({1, 9, 20, 2, Unit::kChannel, score}, x, isa, 1), (std::vector<int32_t>{winner, -1}));
}

// Rounding of the mean does not depend on the instruction set, so neither do the winners.
TEST_P(WinnerSelectIsaTest, AgreesWithThePortableKernels) {
  const auto& [isa, score] = GetParam();
  const WinnerSelectShape shape = {1, 1023, 67, 30, Unit::kChannel, score};
  const std::vector<float> x = RandomFloats(InputSize(shape), 3);
  EXPECT_EQ(SelectRows(shape, x, isa, 1), SelectRows(shape, x, Isa::kPortable, 1));
}

INSTANTIATE_TEST_SUITE_P(Isas, WinnerSelectIsaTest,
                         testing::Combine(testing::ValuesIn(UsableIsas()), testing::Values(Score::kMax, Score::kMean)));

TEST(WinnerSelectTimesTest, FillsItsPhasesOnly) {
  const WinnerSelectShape shape = {1, 1000, 64, 30, Unit::kChannel, Score::kMax};
  const std::vector<float> x = RandomFloats(InputSize(shape), 4);
  const WinnerSelect select(shape, Isa::kPortable);
  ThreadPool pool(1);
  const AlignedFloats scratch = DirtyScratch(select.scratch_bytes());
  std::vector<int32_t> winners(30);
  PhaseTimes times;
  select.Run(x.data(), winners.data(), scratch.get(), pool, &times);
  EXPECT_GT(times.rank, 0);
  EXPECT_GT(times.select, 0);
  EXPECT_EQ(times.gather + times.gemm + times.mask, 0);
}

}  // namespace
}  // namespace tfsparse::core
