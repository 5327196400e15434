// SPDX-License-Identifier: Apache-2.0
#include "core/shared_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#include "test_data.h"

namespace tfsparse::core {
namespace {

SharedFloats Share(const std::string& layout, const std::vector<float>& source, int* packings) {
  return ShareWeights(layout, source.data(), source.size(), source.size(), [&](float* packed) {
    ++*packings;
    std::copy(source.begin(), source.end(), packed);
  });
}

TEST(SharedWeightsTest, AreTheSameMemoryForTheSameContentElsewhere) {
  int packings = 0;
  const std::vector<float> source = RandomFloats(101, 1);
  const std::vector<float> copy = source;
  const SharedFloats first = Share("rows", source, &packings);
  const SharedFloats second = Share("rows", copy, &packings);
  EXPECT_EQ(first.get(), second.get());
  EXPECT_EQ(packings, 1);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first.get()) % kAlignment, 0u);
}

TEST(SharedWeightsTest, DifferByLayout) {
  int packings = 0;
  const std::vector<float> source = RandomFloats(100, 1);
  const SharedFloats first = Share("rows", source, &packings);
  const SharedFloats second = Share("columns", source, &packings);
  EXPECT_NE(first.get(), second.get());
}

TEST(SharedWeightsTest, DifferByEveryFloat) {
  int packings = 0;
  const std::vector<float> source = RandomFloats(33, 1);
  const SharedFloats first = Share("rows", source, &packings);
  for (size_t i = 0; i < source.size(); ++i) {
    std::vector<float> other = source;
    other[i] = -other[i];
    EXPECT_NE(Share("rows", other, &packings).get(), first.get()) << i;
  }
}

TEST(SharedWeightsTest, DifferByLength) {
  int packings = 0;
  const std::vector<float> source(32, 0.0f);
  const SharedFloats first = Share("rows", source, &packings);
  EXPECT_NE(Share("rows", std::vector<float>(31, 0.0f), &packings).get(), first.get());
}

TEST(SharedWeightsTest, AreFreedWithTheirLastHolder) {
  int packings = 0;
  const std::vector<float> source = RandomFloats(100, 2);
  Share("rows", source, &packings);
  Share("rows", source, &packings);
  EXPECT_EQ(packings, 2);
}

TEST(SharedWeightsTest, AreOneForManyThreads) {
  const std::vector<float> source = RandomFloats(10000, 3);
  std::vector<SharedFloats> held(8);
  std::vector<int> packings(8, 0);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < held.size(); ++i) {
    threads.emplace_back([&, i] { held[i] = Share("rows", source, &packings[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const SharedFloats& weights : held) EXPECT_EQ(weights.get(), held[0].get());
  EXPECT_TRUE(std::equal(source.begin(), source.end(), held[0].get()));
}

}  // namespace
}  // namespace tfsparse::core
