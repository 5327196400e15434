// SPDX-License-Identifier: Apache-2.0
#include "core/winner_mask.h"

#include <gtest/gtest.h>

#include "core/reference.h"
#include "test_data.h"

namespace tfsparse::core {
namespace {

class WinnerMaskTest : public testing::TestWithParam<WinnerMaskShape> {};

TEST_P(WinnerMaskTest, AgreesWithReference) {
  const WinnerMaskShape& shape = GetParam();
  std::vector<float> x = RandomFloats(static_cast<size_t>(shape.batch * shape.pixels * shape.channels), 1);
  const std::vector<int32_t> winners = reference::SelectWinners(
      {shape.batch, shape.pixels, shape.channels, shape.winners, shape.unit, Score::kMax}, x.data());
  const std::vector<float> expected = reference::MaskWinners(shape, x.data(), winners.data());
  for (size_t i = 0; i < x.size(); ++i) {
    if (expected[i] == 0.0f) x[i] = kNaN;  // losers are zero whatever they hold
  }
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    std::vector<float> y(x.size(), kNaN);
    ASSERT_TRUE(MaskWinners(shape, x.data(), winners.data(), y.data(), pool, nullptr));
    EXPECT_EQ(y, expected) << threads << " threads";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, WinnerMaskTest,
    testing::Values(WinnerMaskShape{1, 1, 1, 1, Unit::kChannel}, WinnerMaskShape{2, 9, 20, 7, Unit::kChannel},
                    WinnerMaskShape{1, 1000, 33, 16, Unit::kChannel}, WinnerMaskShape{1, 5, 8, 8, Unit::kChannel},
                    WinnerMaskShape{2, 1, 300, 40, Unit::kNeuron}, WinnerMaskShape{2, 9, 20, 60, Unit::kNeuron}));

TEST(WinnerMaskTest, RefusesMalformedWinners) {
  const WinnerMaskShape shape = {1, 2, 4, 2, Unit::kChannel};
  const std::vector<float> x(8, 1.0f);
  std::vector<float> y(8);
  ThreadPool pool(1);
  for (const std::vector<int32_t>& winners : std::vector<std::vector<int32_t>>{{0, 4}, {2, 1}, {-1, 2}, {-2, -1}}) {
    EXPECT_FALSE(MaskWinners(shape, x.data(), winners.data(), y.data(), pool, nullptr));
  }
}

TEST(WinnerMaskTest, WithoutWinnersIsZero) {
  const std::vector<float> x(8, 1.0f);
  const std::vector<int32_t> winners = {-1, -1};
  std::vector<float> y(8, kNaN);
  ThreadPool pool(1);
  PhaseTimes times;
  ASSERT_TRUE(MaskWinners({1, 2, 4, 2, Unit::kChannel}, x.data(), winners.data(), y.data(), pool, &times));
  EXPECT_EQ(y, std::vector<float>(8, 0.0f));
  EXPECT_GT(times.mask, 0);
}

}  // namespace
}  // namespace tfsparse::core
