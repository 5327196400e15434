// SPDX-License-Identifier: Apache-2.0
#include "core/conv2d/zero_skip_conv2d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "conv2d_cases.h"
#include "core/winner_conv2d.h"

namespace tfsparse::core {
namespace {

// Sums of products in another order than the oracle's.
constexpr double kTolerance = 1e-5;

constexpr double kDensities[] = {0.0, 0.05, 0.3, 0.6, 1.0};

struct ZeroSkipData : ConvData {
  ZeroSkipData(const ConvCase& c, double density) : ConvData(c) {
    std::mt19937 generator(4);
    std::bernoulli_distribution is_zero(1.0 - density);
    for (float& value : x) {
      if (is_zero(generator)) value = 0.0f;
    }
    test_case.winners = c.in_c;
    winners = AllWin(c.batch, c.in_c);
  }

  // Skips zeros up to a share of non-zeros.
  std::vector<float> Actual(Isa isa, int threads, double break_even = 1.0) const {
    const ZeroSkipConv2D conv(shape, Constants(), Conv2DMethod::kDirect, break_even, isa, threads);
    ThreadPool pool(threads);
    const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
    GuardedFloats input(x);
    GuardedFloats output(std::vector<float>(Size(OutputCount()), kNaN));
    conv.Run(input.data(), winners.data(), shape.in_c, output.data(), nullptr, scratch.get(), pool, nullptr);
    return output.ToVector();
  }
};

const ConvCase kCases[] = {
    Case("one_channel", [](ConvCase& c) { c.in_c = 1; }),
    Case("odd_channels", [](ConvCase& c) { c.in_c = 37; }),
    Case("whole_chunk", [](ConvCase& c) { c.in_c = 128; }),
    Case("two_chunks", [](ConvCase& c) { c.in_c = 129; }),
    Case("three_chunks", [](ConvCase& c) { c.in_c = 301; }),
    Case("one_output", [](ConvCase& c) { c.out_c = 1; }),
    Case("outputs_17", [](ConvCase& c) { c.out_c = 17; }),
    Case("outputs_33", [](ConvCase& c) { c.out_c = 33; }),
    Case("outputs_63", [](ConvCase& c) { c.out_c = 63; }),
    Case("outputs_64", [](ConvCase& c) { c.out_c = 64; }),
    Case("outputs_65", [](ConvCase& c) { c.out_c = 65; }),
    Case("outputs_150", [](ConvCase& c) { c.out_c = 150; }),
    Case("pointwise", [](ConvCase& c) { c.SetKernel(1), c.in_c = 24; }),
    Case("pointwise_strided", [](ConvCase& c) { c.SetKernel(1), c.stride = 2; }),
    Case("kernel_1x4", [](ConvCase& c) { c.kernel_h = 1, c.kernel_w = 4; }),
    Case("kernel_5x2", [](ConvCase& c) { c.kernel_h = 5, c.kernel_w = 2; }),
    Case("kernel_larger_than_map", [](ConvCase& c) { c.SetKernel(7), c.height = c.width = 2; }),
    Case("stride_2", [](ConvCase& c) { c.stride = 2, c.height = 8; }),
    Case("stride_3_valid", [](ConvCase& c) { c.stride = 3, c.height = 11, c.padding = Padding::kValid; }),
    Case("valid", [](ConvCase& c) { c.padding = Padding::kValid; }),
    Case("dilation_2", [](ConvCase& c) { c.dilation = 2, c.height = 9; }),
    Case("dilation_beyond_map", [](ConvCase& c) { c.dilation = 9; }),
    Case("dilation_2_stride_2", [](ConvCase& c) { c.dilation = c.stride = 2, c.height = 9, c.width = 12; }),
    Case("dilation_3_valid", [](ConvCase& c) { c.dilation = 3, c.height = c.width = 10, c.padding = Padding::kValid; }),
    Case("one_pixel", [](ConvCase& c) { c.height = c.width = 1, c.SetKernel(1); }),
    Case("blocks_within_rows", [](ConvCase& c) { c.height = 2, c.width = 700; }),
    Case("blocks_of_rows", [](ConvCase& c) { c.height = 41, c.width = 19, c.out_c = 70; }),
    Case("no_bias", [](ConvCase& c) { c.bias = false; }),
    Case("relu", [](ConvCase& c) { c.clamp = {0.0f, kInfinity}; }),
    Case("relu6", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}; }),
};

using Parameter = std::tuple<Isa, ConvCase>;

class ZeroSkipConv2DTest : public testing::TestWithParam<Parameter> {};

TEST_P(ZeroSkipConv2DTest, AgreesWithReferenceAtEveryDensity) {
  const auto& [isa, test_case] = GetParam();
  for (const double density : kDensities) {
    const ZeroSkipData data(test_case, density);
    EXPECT_LT(RelativeError(data.Actual(isa, 1), data.Expected()), kTolerance) << density;
  }
}

TEST_P(ZeroSkipConv2DTest, IsTheSameForAnyNumberOfThreads) {
  const auto& [isa, test_case] = GetParam();
  const ZeroSkipData data(test_case, 0.4);
  const std::vector<float> expected = data.Actual(isa, 1);
  EXPECT_EQ(data.Actual(isa, 2), expected);
  EXPECT_EQ(data.Actual(isa, 5), expected);
}

INSTANTIATE_TEST_SUITE_P(Cases, ZeroSkipConv2DTest,
                         testing::Combine(testing::ValuesIn(UsableIsas()), testing::ValuesIn(kCases)), IsaAndCaseName);

class ZeroSkipConv2DIsaTest : public testing::TestWithParam<Isa> {};

TEST_P(ZeroSkipConv2DIsaTest, GivesTheClampedBiasForZeros) {
  const ZeroSkipData data(Case("zeros", [](ConvCase& c) { c.clamp = {0.0f, kInfinity}; }), 0.0);
  EXPECT_EQ(data.Actual(GetParam(), 1), data.Expected());
}

TEST_P(ZeroSkipConv2DIsaTest, TakesPixelsOfZerosBesideFullOnes) {
  ZeroSkipData data(Case("pixels", [](ConvCase& c) { c.in_c = 40; }), 1.0);
  for (size_t i = 0; i < data.x.size(); ++i) {
    if (i / 40 % 3 != 0) data.x[i] = 0.0f;
  }
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), data.Expected()), kTolerance);
}

TEST_P(ZeroSkipConv2DIsaTest, SkipsZerosOfBothSignsWhateverTheyMeet) {
  ZeroSkipData data(Case("weights", [](ConvCase&) {}), 0.3);
  for (size_t i = 0; i < data.x.size(); i += 8) data.x[i] = i % 16 == 0 ? 0.0f : -0.0f;
  const std::vector<float> expected = data.Expected();
  for (size_t i = 0; i < data.filter.size(); i += 16) data.filter[i] = kInfinity;
  for (size_t i = 8; i < data.filter.size(); i += 16) data.filter[i] = kNaN;
  EXPECT_LT(RelativeError(data.Actual(GetParam(), 1), expected), kTolerance);
}

TEST_P(ZeroSkipConv2DIsaTest, ShowsNaNAndInfinity) {
  ZeroSkipData data(Case("odd", [](ConvCase& c) { c.clamp = {0.0f, 6.0f}, c.height = c.width = 12; }), 0.2);
  data.x[8 * 4 + 3] = kNaN;
  data.x[8 * 100 + 1] = kInfinity;
  const std::vector<float> actual = data.Actual(GetParam(), 1);
  EXPECT_LT(RelativeError(actual, data.Expected()), kTolerance);
  EXPECT_TRUE(AnyIsNaN(actual));
}

TEST_P(ZeroSkipConv2DIsaTest, KeepsDenormalsWhereArithmeticDoes) {
  ZeroSkipData data(Case("denormals", [](ConvCase& c) { c.SetKernel(1), c.bias = false; }), 0.3);
  data.MakeDenormal();
  const std::vector<float> actual = data.Actual(GetParam(), 1);
  EXPECT_LT(RelativeError(actual, data.Expected()), kTolerance);
  const bool kept = std::any_of(actual.begin(), actual.end(), [](float y) { return y != 0.0f; });
  EXPECT_EQ(kept, !FlushesDenormals(GetParam()));
}

TEST_P(ZeroSkipConv2DIsaTest, EstimatesTheDensityFromASample) {
  const ConvCase map = Case("map", [](ConvCase& c) { c.height = c.width = 30, c.in_c = 43; });
  for (const double density : {0.0, 0.1, 0.5, 1.0}) {
    const ZeroSkipData data(map, density);
    const ZeroSkipConv2D conv(data.shape, data.Constants(), Conv2DMethod::kDirect, 1.0, GetParam(), 1);
    GuardedFloats input(data.x);
    EXPECT_NEAR(conv.EstimateDensity(input.data()), density, 0.02);
  }
}

TEST_P(ZeroSkipConv2DIsaTest, LeavesInputsAboveBreakEvenToTheFallback) {
  const ZeroSkipData data(Case("dense", [](ConvCase& c) { c.in_c = 40, c.out_c = 40; }), 0.6);
  const WinnerConv2D direct(data.shape, data.Constants(), 40, Conv2DMethod::kDirect, GetParam(), 1);
  ThreadPool pool(1);
  const AlignedFloats scratch = DirtyScratch(direct.scratch_bytes());
  std::vector<float> expected(ConvData::Size(data.shape.out_h * data.shape.out_w * 40));
  ASSERT_TRUE(direct.Run(1, data.x.data(), nullptr, expected.data(), scratch.get(), pool, nullptr));
  EXPECT_EQ(data.Actual(GetParam(), 1, 0.4), expected);
  EXPECT_EQ(data.Actual(GetParam(), 1, -1.0), expected);
}

TEST_P(ZeroSkipConv2DIsaTest, TakesEachSampleOfABatchAsItIs) {
  const ConvCase test_case = Case("batch", [](ConvCase& c) { c.in_c = 64, c.out_c = 64; });
  const ZeroSkipData sparse(test_case, 0.2);
  const ZeroSkipData dense(test_case, 1.0);
  std::vector<float> x = sparse.x;
  x.insert(x.end(), dense.x.begin(), dense.x.end());
  const WinnerConv2D conv(sparse.shape, sparse.Constants(), 64, Conv2DMethod::kDirect, GetParam(), 1, true);
  ThreadPool pool(1);
  const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
  std::vector<float> expected = sparse.Actual(GetParam(), 1);
  const std::vector<float> second = dense.Actual(GetParam(), 1, 0.5);
  expected.insert(expected.end(), second.begin(), second.end());
  std::vector<float> y(expected.size());
  ASSERT_TRUE(conv.Run(2, x.data(), nullptr, y.data(), scratch.get(), pool, nullptr));
  EXPECT_EQ(y, expected);
}

INSTANTIATE_TEST_SUITE_P(Isas, ZeroSkipConv2DIsaTest, testing::ValuesIn(UsableIsas()),
                         [](const auto& info) { return IsaName(info.param); });

double BreakEven(int channels, int outputs, int kernel, Conv2DMethod fallback, int stride = 1) {
  const ConvCase test_case = Case("shape", [&](ConvCase& c) {
    c.height = c.width = 28, c.SetKernel(kernel), c.stride = stride;
    c.in_c = channels, c.out_c = outputs;
  });
  return ZeroSkipConv2D::BreakEven(ShapeOf(test_case), fallback, UsableIsas().back());
}

TEST(ZeroSkipConv2DBreakEvenTest, IsHighForLargeConvolutionsAndBelowAllForTinyOnes) {
  const double large = BreakEven(128, 128, 3, Conv2DMethod::kDirect);
  EXPECT_GT(large, 0.5);
  EXPECT_LT(large, 0.85);
  EXPECT_LT(BreakEven(128, 128, 1, Conv2DMethod::kDirect), large);
  EXPECT_LT(BreakEven(128, 128, 3, Conv2DMethod::kDirect, 2), large);
  EXPECT_LT(BreakEven(16, 16, 3, Conv2DMethod::kDirect), 0.5 * large);
  EXPECT_LT(BreakEven(3, 16, 3, Conv2DMethod::kDirect), 0.0);
}

TEST(ZeroSkipConv2DBreakEvenTest, IsLowerAgainstAFasterFallback) {
  const double winograd = BreakEven(128, 128, 3, Conv2DMethod::kWinograd4x4);
  EXPECT_GT(winograd, 0.1);
  EXPECT_LT(winograd, 0.5 * BreakEven(128, 128, 3, Conv2DMethod::kDirect));
}

TEST(ZeroSkipConv2DTimesTest, FillsItsPhasesOnly) {
  const ZeroSkipData data(Case("times", [](ConvCase& c) { c.height = c.width = 30, c.in_c = 64; }), 0.2);
  const ZeroSkipConv2D conv(data.shape, data.Constants(), Conv2DMethod::kDirect, 1.0, Isa::kPortable, 1);
  ThreadPool pool(1);
  const AlignedFloats scratch = DirtyScratch(conv.scratch_bytes());
  std::vector<float> y(ConvData::Size(data.OutputCount()));
  PhaseTimes times;
  conv.Run(data.x.data(), data.winners.data(), 64, y.data(), nullptr, scratch.get(), pool, &times);
  EXPECT_GT(times.gather, 0);
  EXPECT_GT(times.gemm, 0);
  EXPECT_EQ(times.rank + times.select + times.mask, 0);
}

}  // namespace
}  // namespace tfsparse::core
