// SPDX-License-Identifier: Apache-2.0
#include "core/select.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>

#include "core/microkernels/kernels.h"
#include "core/reference.h"
#include "test_data.h"

namespace tfsparse::core {
namespace {

std::vector<int32_t> SelectBy(const Kernels& kernels, const std::vector<float>& scores, int k) {
  std::vector<int32_t> winners(static_cast<size_t>(k), 77);
  const AlignedFloats scratch = DirtyScratch(SelectScratchBytes(scores.size(), kernels));
  SelectHighest(scores.data(), scores.size(), k, kernels, winners.data(), scratch.get());
  return winners;
}

// The winners, which must be the same on every instruction set.
std::vector<int32_t> Select(const std::vector<float>& scores, int k) {
  const std::vector<int32_t> winners = SelectBy(KernelsFor(Isa::kPortable), scores, k);
  for (const Isa isa : UsableIsas()) EXPECT_EQ(SelectBy(KernelsFor(isa), scores, k), winners) << IsaName(isa);
  return winners;
}

std::vector<int32_t> Expected(const std::vector<float>& scores, int k) {
  return reference::SelectWinners({1, 1, static_cast<int>(scores.size()), k, Unit::kNeuron, Score::kMax},
                                  scores.data());
}

using Indices = std::vector<int32_t>;

TEST(SelectTest, TakesTheHighestInAscendingOrder) { EXPECT_EQ(Select({1, 5, 3, 4, 2}, 3), (Indices{1, 2, 3})); }

TEST(SelectTest, RanksByMagnitude) { EXPECT_EQ(Select({1, -5, 3, -4, 2}, 2), (Indices{1, 3})); }

TEST(SelectTest, GivesTiesToTheLowerIndex) {
  EXPECT_EQ(Select({2, 2, 2, 2}, 2), (Indices{0, 1}));
  EXPECT_EQ(Select({2, 3, 2, 3, 2}, 3), (Indices{0, 1, 3}));
  EXPECT_EQ(Select({-2, 2, 3}, 2), (Indices{0, 2}));
}

TEST(SelectTest, DropsZerosAndPads) {
  EXPECT_EQ(Select({0, 4, -0.0f, 0, 1}, 4), (Indices{1, 4, -1, -1}));
  EXPECT_EQ(Select({0, 0, 0}, 2), (Indices{-1, -1}));
}

TEST(SelectTest, KeepsDenormalsApartFromZero) {
  EXPECT_EQ(Select({0, FLT_TRUE_MIN, 2 * FLT_TRUE_MIN, 0}, 1), (Indices{2}));
  EXPECT_EQ(Select({0, FLT_TRUE_MIN, 0, FLT_TRUE_MIN}, 3), (Indices{1, 3, -1}));
}

TEST(SelectTest, RanksNaNAboveInfinity) {
  EXPECT_EQ(Select({kInfinity, 1, kNaN, 2}, 1), (Indices{2}));
  EXPECT_EQ(Select({-kInfinity, 1, -kNaN, 2}, 2), (Indices{0, 2}));
}

TEST(SelectTest, TakesAll) { EXPECT_EQ(Select({3, 1, 2}, 3), (Indices{0, 1, 2})); }

// Sizes on both sides of whole vectors.
class SelectSizeTest : public testing::TestWithParam<int> {};

TEST_P(SelectSizeTest, AgreesWithReference) {
  const int size = GetParam();
  std::vector<float> scores = RandomFloats(static_cast<size_t>(size), 5);
  for (const int k : {1, size / 10 + 1, size / 2 + 1, size - 1, size}) {
    if (k < 1) continue;
    EXPECT_EQ(Select(scores, k), Expected(scores, k)) << "k = " << k;
  }
}

TEST_P(SelectSizeTest, AgreesWithReferenceOnManyTiesAndZeros) {
  std::vector<float> scores = RandomFloats(static_cast<size_t>(GetParam()), 6);
  for (float& score : scores) score = std::max(0.0f, std::round(score));
  for (const int k : {1, GetParam() / 3 + 1, GetParam()}) {
    EXPECT_EQ(Select(scores, k), Expected(scores, k)) << "k = " << k;
  }
}

TEST_P(SelectSizeTest, AgreesWithReferenceOnWideRanges) {
  std::vector<float> scores = RandomFloats(static_cast<size_t>(GetParam()), 7);
  for (float& score : scores) score = std::exp(40.0f * score);
  for (const int k : {1, GetParam() / 3 + 1, GetParam()}) {
    EXPECT_EQ(Select(scores, k), Expected(scores, k)) << "k = " << k;
  }
}

// Long lists are cut short by a bound taken from every n-th score, which these patterns put far too high or too low.
TEST_P(SelectSizeTest, AgreesWithReferenceOnPeriodicScores) {
  for (const size_t period : {2, 3, 15, 195, 256}) {
    std::vector<float> scores = RandomFloats(static_cast<size_t>(GetParam()), 8);
    for (size_t i = 0; i < scores.size(); i += period) scores[i] += 100.0f;
    for (const int k : {1, GetParam() / 50 + 1, GetParam() / 10 + 1, GetParam() / 2 + 1}) {
      EXPECT_EQ(Select(scores, k), Expected(scores, k)) << "period " << period << ", k = " << k;
      std::vector<float> negated = scores;
      for (float& score : negated) score = 1.0f / (score + 10.0f);
      EXPECT_EQ(Select(negated, k), Expected(negated, k)) << "period " << period << ", k = " << k;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, SelectSizeTest,
                         testing::Values(1, 2, 7, 16, 100, 255, 256, 257, 1023, 1024, 4096, 50000));

}  // namespace
}  // namespace tfsparse::core
