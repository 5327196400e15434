// SPDX-License-Identifier: Apache-2.0
#include "tflite/delegate.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/isa.h"
#include "tests/tflite_ops/tflite/fake_runtime.h"
#include "tests/tflite_ops/tflite/flexbuffer_writer.h"
#include "tflite/op_options.h"

namespace tfsparse::tflite {
namespace {

constexpr int kSize = 12;
constexpr int kChannels = 32;
constexpr int kWinners = 12;
constexpr int kOutputs = 40;
constexpr int kRuns = 5;

std::vector<float> RandomFloats(size_t count, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> distribution;
  std::vector<float> values(count);
  for (float& value : values) value = distribution(generator);
  return values;
}

FakeTensor Variable(TfLiteType type, const std::vector<int>& dims) {
  FakeTensor tensor;
  tensor.type = type;
  tensor.dims = dims;
  tensor.bytes = sizeof(float);
  for (const int dim : dims) tensor.bytes *= static_cast<size_t>(dim);
  return tensor;
}

FakeTensor Constant(const std::vector<int>& dims) {
  FakeTensor tensor = Variable(kTfLiteFloat32, dims);
  tensor.is_constant = true;
  tensor.contents = RandomFloats(tensor.bytes / sizeof(float), 1);
  return tensor;
}

std::vector<uint8_t> ConvOptions() {
  return FlexBufferWriter(4).Write({{"format", int64_t{kOptionsFormat}},
                                    {"layer", std::string("conv")},
                                    {"stride_h", int64_t{1}},
                                    {"stride_w", int64_t{1}},
                                    {"dilation_h", int64_t{1}},
                                    {"dilation_w", int64_t{1}},
                                    {"padding", std::string("same")},
                                    {"kernel", std::string("auto")},
                                    {"skip_zeros", false},
                                    {"activation", std::string("relu")}});
}

// What an interpreter of its own, with so many threads, gives for a convolution in every one of a few runs.
std::vector<float> RunConvolution(core::Isa isa, core::Conv2DMethod method, int threads) {
  DelegateOptions options;
  options.isa = isa;
  options.method = method;
  options.num_threads = threads;
  Delegate delegate(options);
  const std::vector<FakeTensor> inputs = {Variable(kTfLiteFloat32, {1, kSize, kSize, kChannels}),
                                          Variable(kTfLiteInt32, {1, kWinners}), Constant({kOutputs, 3, 3, kChannels}),
                                          Constant({kOutputs})};
  FakeRuntime runtime(std::string(kWinnerConv2D.name), ConvOptions(), inputs, {0, 1, 2, 3}, {kTfLiteFloat32});
  if (!runtime.Delegate(delegate.c_delegate()) || !runtime.Prepare()) return {};
  const std::vector<float> x = RandomFloats(inputs[0].bytes / sizeof(float), 2);
  std::vector<int32_t> winners;
  for (int i = 0; i < kWinners; ++i) winners.push_back(2 * i);
  std::vector<float> results;
  for (int run = 0; run < kRuns; ++run) {
    runtime.Allocate(0, x.data(), inputs[0].bytes);
    runtime.Allocate(1, winners.data(), inputs[1].bytes);
    runtime.Allocate(inputs.size(), nullptr, 0);
    runtime.Run();
    const float* const y = runtime.output().data.f;
    results.insert(results.end(), y, y + runtime.output().bytes / sizeof(float));
  }
  return results;
}

// 2^30 floats take as many bytes as 32 bits count to zero.
TEST(DelegateSizesTest, RefusesATensorThatIsTooSmallForItsDimensions) {
  Delegate delegate(DelegateOptions{});
  FakeTensor x = Variable(kTfLiteFloat32, {1});
  x.dims = {1, 256, 128, 32768};
  FakeRuntime runtime(std::string(kWinnerConv2D.name), ConvOptions(),
                      {x, Variable(kTfLiteInt32, {1, 1}), Constant({1, 1, 1, 32768}), Constant({1})}, {0, 1, 2, 3},
                      {kTfLiteFloat32});
  ASSERT_TRUE(runtime.Delegate(delegate.c_delegate()));
  EXPECT_FALSE(runtime.Prepare());
}

class DelegateTest : public testing::TestWithParam<core::Isa> {};

TEST_P(DelegateTest, InterpretersInSeveralThreadsGiveWhatOneGives) {
  for (const core::Conv2DMethod method : core::kConv2DMethods) {
    const std::vector<float> expected = RunConvolution(GetParam(), method, 1);
    ASSERT_EQ(expected.size(), size_t{kRuns} * kSize * kSize * kOutputs);
    std::vector<std::vector<float>> results(4);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < results.size(); ++i) {
      threads.emplace_back([&, i] { results[i] = RunConvolution(GetParam(), method, 1 + static_cast<int>(i % 3)); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::vector<float>& result : results) EXPECT_EQ(result, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, DelegateTest, testing::ValuesIn(core::UsableIsas()),
                         [](const auto& info) { return core::IsaName(info.param); });

}  // namespace
}  // namespace tfsparse::tflite
