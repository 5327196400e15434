// SPDX-License-Identifier: Apache-2.0
#include "core/aligned_buffer.h"

#include <gtest/gtest.h>

#include <new>

#include "core/scratch_carver.h"

namespace tfsparse::core {
namespace {

constexpr size_t kMost = SIZE_MAX / 4 / sizeof(float);

TEST(CountFloatsTest, IsTheProduct) {
  EXPECT_EQ(CountFloats(7), 7u);
  EXPECT_EQ(CountFloats(3, size_t{4}, 5), 60u);
  EXPECT_EQ(CountFloats(0, 4), 0u);
  EXPECT_EQ(CountFloats(kMost), kMost);
}

TEST(CountFloatsTest, RefusesWhatMemoryCannotHold) {
  EXPECT_THROW(CountFloats(kMost + 1), std::bad_alloc);
  EXPECT_THROW(CountFloats(kMost, 2), std::bad_alloc);
}

TEST(CountFloatsTest, RefusesAProductThatWrapsToASmallNumber) {
  const size_t root = size_t{1} << (4 * sizeof(size_t));
  EXPECT_THROW(CountFloats(root, root, 3), std::bad_alloc);
}

TEST(ScratchCarverTest, RefusesArraysThatTogetherExceedMemory) {
  ScratchCarver carver(nullptr);
  carver.Floats(kMost / 2);
  carver.Ints(1);
  EXPECT_EQ(carver.bytes(), (RoundUp(kMost / 2, 16) + 16) * sizeof(float));
  EXPECT_THROW(carver.Floats(kMost / 2), std::bad_alloc);
}

}  // namespace
}  // namespace tfsparse::core
