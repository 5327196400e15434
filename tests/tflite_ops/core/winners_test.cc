// SPDX-License-Identifier: Apache-2.0
#include "core/winners.h"

#include <gtest/gtest.h>

#include <vector>

namespace tfsparse::core {
namespace {

int Count(const std::vector<int32_t>& winners, int limit) {
  return CountWinners(winners.data(), static_cast<int>(winners.size()), limit);
}

TEST(WinnersTest, CountsUpToThePadding) {
  EXPECT_EQ(Count({0, 3, 7, -1, -1}, 8), 3);
  EXPECT_EQ(Count({0, 1}, 2), 2);
  EXPECT_EQ(Count({-1, -1}, 2), 0);
}

TEST(WinnersTest, RefusesAnIndexOutOfRange) {
  EXPECT_EQ(Count({0, 8}, 8), -1);
  EXPECT_EQ(Count({-2, 1}, 8), -1);
}

TEST(WinnersTest, RefusesWhatDoesNotAscend) {
  EXPECT_EQ(Count({3, 2}, 8), -1);
  EXPECT_EQ(Count({3, 3}, 8), -1);
}

TEST(WinnersTest, RefusesAWinnerAfterThePadding) { EXPECT_EQ(Count({3, -1, 5}, 8), -1); }

}  // namespace
}  // namespace tfsparse::core
