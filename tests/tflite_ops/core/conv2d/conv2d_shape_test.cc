// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/conv2d_shape.h"

#include <gtest/gtest.h>

namespace tfsparse::core {
namespace {

Conv2DShape Shape(int size, int kernel, int stride, int dilation, Padding padding) {
  Conv2DShape shape;
  shape.in_h = shape.in_w = size;
  shape.kernel_h = shape.kernel_w = kernel;
  shape.stride_h = shape.stride_w = stride;
  shape.dilation_h = shape.dilation_w = dilation;
  shape.SetPadding(padding);
  return shape;
}

void ExpectAlong(const Conv2DShape& shape, int out, int pad) {
  EXPECT_EQ(shape.out_h, out);
  EXPECT_EQ(shape.out_w, out);
  EXPECT_EQ(shape.pad_top, pad);
  EXPECT_EQ(shape.pad_left, pad);
}

TEST(Conv2DShapeTest, SameKeepsTheSize) { ExpectAlong(Shape(13, 3, 1, 1, Padding::kSame), 13, 1); }
TEST(Conv2DShapeTest, SamePutsTheOddRowAtTheEnd) { ExpectAlong(Shape(56, 3, 2, 1, Padding::kSame), 28, 0); }
TEST(Conv2DShapeTest, SameOfEvenKernels) { ExpectAlong(Shape(5, 2, 1, 1, Padding::kSame), 5, 0); }
TEST(Conv2DShapeTest, SameWithDilation) { ExpectAlong(Shape(9, 3, 1, 2, Padding::kSame), 9, 2); }
TEST(Conv2DShapeTest, SameNeedsNoPaddingWhereTheStrideSkips) { ExpectAlong(Shape(9, 1, 3, 1, Padding::kSame), 3, 0); }
TEST(Conv2DShapeTest, ValidDropsTheBorder) { ExpectAlong(Shape(13, 5, 1, 1, Padding::kValid), 9, 0); }
TEST(Conv2DShapeTest, ValidWithStrideAndDilation) { ExpectAlong(Shape(11, 3, 2, 2, Padding::kValid), 4, 0); }
TEST(Conv2DShapeTest, ValidOfAKernelThatDoesNotFit) { ExpectAlong(Shape(3, 5, 1, 1, Padding::kValid), 0, 0); }

}  // namespace
}  // namespace tfsparse::core
