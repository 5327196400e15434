// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "core/isa.h"
#include "tests/tflite_ops/tflite/fake_runtime.h"
#include "tests/tflite_ops/tflite/flexbuffer_writer.h"
#include "tflite/delegate.h"
#include "tflite/op_options.h"

namespace tfsparse::tflite {
namespace {

constexpr auto kUInt8 = static_cast<TfLiteType>(3);

DelegateOptions Profiling(const std::string& id) {
  DelegateOptions options;
  options.isa = core::Isa::kPortable;
  options.profile_id = id;
  return options;
}

FakeTensor Tensor(TfLiteType type, const std::vector<int>& dims, size_t bytes) {
  FakeTensor tensor;
  tensor.type = type;
  tensor.dims = dims;
  tensor.bytes = bytes;
  return tensor;
}

std::vector<uint8_t> Options() {
  return FlexBufferWriter(4).Write(
      {{"format", int64_t{kOptionsFormat}}, {"layer", std::string("conv")}, {"operator", std::string("CONV_2D")}});
}

FakeRuntime MakeRuntime(const std::vector<FakeTensor>& inputs, const std::vector<int>& order,
                        const std::vector<TfLiteType>& outputs) {
  return FakeRuntime(std::string(kProbe.name), Options(), inputs, order, outputs);
}

int64_t ClockOf(const TfLiteTensor& tensor) { return *tensor.data.i64; }

int64_t PhaseOf(const std::string& json, const std::string& phase) {
  const size_t at = json.find("\"" + phase + "\": ");
  return at == std::string::npos ? -1 : std::stoll(json.substr(at + phase.size() + 4));
}

TEST(Probe, HandsOnTensorsOfAnyTypeAndStartsTheClock) {
  Delegate delegate(Profiling("start"));
  FakeRuntime runtime = MakeRuntime({Tensor(kTfLiteFloat32, {2, 3}, 24), Tensor(kUInt8, {5}, 5)}, {0, 1, -1},
                                    {kTfLiteFloat32, kUInt8, kTfLiteInt64});
  ASSERT_TRUE(runtime.Delegate(delegate.c_delegate()));
  ASSERT_TRUE(runtime.Prepare());
  const float floats[] = {1, 2, 3, 4, 5, 6};
  runtime.Allocate(0, floats, sizeof floats);
  runtime.Allocate(1, "abcde", 5);
  for (size_t output = 2; output < 5; ++output) runtime.Allocate(output, nullptr, 0);
  runtime.Run();
  EXPECT_EQ(std::memcmp(runtime.output(0).data.f, floats, sizeof floats), 0);
  EXPECT_EQ(std::memcmp(runtime.output(1).data.data, "abcde", 5), 0);
  EXPECT_GT(ClockOf(runtime.output(2)), 0);
  const std::string json = FindProfile("start")->ToJson();
  EXPECT_NE(json.find("\"layer\": \"conv\", \"kernel\": \"CONV_2D\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"mask\": 0, \"layer\": 0"), std::string::npos) << json;
}

TEST(Probe, TellsTheTimeSinceTheClockWasSet) {
  Delegate delegate(Profiling("elapsed"));
  FakeRuntime runtime = MakeRuntime({Tensor(kTfLiteFloat32, {4}, 16), Tensor(kTfLiteInt64, {1}, 8)}, {0, 1},
                                    {kTfLiteFloat32, kTfLiteInt64});
  ASSERT_TRUE(runtime.Delegate(delegate.c_delegate()));
  ASSERT_TRUE(runtime.Prepare());
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const int64_t clock = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  runtime.Allocate(1, &clock, sizeof clock);
  for (const size_t tensor : {0, 2, 3}) runtime.Allocate(tensor, nullptr, 0);
  runtime.Run();
  const std::string json = FindProfile("elapsed")->ToJson();
  const size_t phases = json.find("\"phases\"");
  EXPECT_GE(PhaseOf(json.substr(phases), "layer"), 2000000) << json;
  EXPECT_GE(ClockOf(runtime.output(1)), clock + 2000000);
}

TEST(Probe, CountsItsCopyingForNoLayer) {
  constexpr int kFloats = 1 << 22;  // which no processor copies in 10 microseconds
  Delegate delegate(Profiling("copy"));
  FakeRuntime runtime =
      MakeRuntime({Tensor(kTfLiteFloat32, {kFloats}, kFloats * sizeof(float)), Tensor(kTfLiteInt64, {1}, 8)}, {0, 1},
                  {kTfLiteFloat32, kTfLiteInt64});
  ASSERT_TRUE(runtime.Delegate(delegate.c_delegate()));
  ASSERT_TRUE(runtime.Prepare());
  const int64_t clock = 1;
  runtime.Allocate(1, &clock, sizeof clock);
  for (const size_t tensor : {0, 2, 3}) runtime.Allocate(tensor, nullptr, 0);
  runtime.Run();
  const std::string json = FindProfile("copy")->ToJson();
  const std::string phases = json.substr(json.find("\"phases\""));
  EXPECT_GT(PhaseOf(phases, "copy"), 10000) << json;
  EXPECT_EQ(ClockOf(runtime.output(1)), clock + PhaseOf(phases, "layer") + PhaseOf(phases, "copy"));
}

TEST(Probe, CountsNothingForAClockThatNoProbeSet) {
  Delegate delegate(Profiling("garbage"));
  FakeRuntime runtime =
      MakeRuntime({Tensor(kTfLiteFloat32, {4}, 16), Tensor(kTfLiteInt64, {1}, 8)}, {0, 1}, {kTfLiteFloat32});
  ASSERT_TRUE(runtime.Delegate(delegate.c_delegate()));
  ASSERT_TRUE(runtime.Prepare());
  for (const int64_t clock : {INT64_MIN, INT64_MAX, int64_t{0}, int64_t{-1}}) {
    runtime.Allocate(1, &clock, sizeof clock);
    for (const size_t tensor : {0, 2}) runtime.Allocate(tensor, nullptr, 0);
    runtime.Run();
  }
  const std::string json = FindProfile("garbage")->ToJson();
  EXPECT_NE(json.find("\"calls\": 4"), std::string::npos) << json;
  EXPECT_NE(json.find("\"mask\": 0, \"layer\": 0"), std::string::npos) << json;
}

TEST(Probe, RefusesWhatItCannotHandOn) {
  const FakeTensor x = Tensor(kTfLiteFloat32, {4}, 16);
  const FakeTensor clock = Tensor(kTfLiteInt64, {1}, 8);
  struct Case {
    std::vector<FakeTensor> inputs;
    std::vector<int> order;
    std::vector<TfLiteType> outputs;
  };
  const Case cases[] = {
      {{clock}, {0}, {kTfLiteInt64}},                                         // nothing but a clock
      {{x, clock}, {0, 1}, {kTfLiteFloat32, kTfLiteInt64, kTfLiteInt64}},     // too many outputs
      {{x, x, clock}, {0, 1, 2}, {kTfLiteFloat32}},                           // too few
      {{x, clock}, {0, 1}, {kTfLiteInt32, kTfLiteInt64}},                     // another type
      {{x, x}, {0, 1}, {kTfLiteFloat32}},                                     // no clock
      {{x, Tensor(kTfLiteInt64, {2}, 16)}, {0, 1}, {kTfLiteFloat32}},         // two clocks in one
      {{x, Tensor(kTfLiteInt64, {1}, 4)}, {0, 1}, {kTfLiteFloat32}},          // half a clock
      {{Tensor(kTfLiteString, {4}, 16), clock}, {0, 1}, {kTfLiteString}},     // no numbers
      {{Tensor(kTfLiteFloat32, {4}, 12), clock}, {0, 1}, {kTfLiteFloat32}},   // too few bytes
      {{Tensor(kTfLiteFloat32, {-4}, 16), clock}, {0, 1}, {kTfLiteFloat32}},  // a negative size
      {{x, clock}, {-1, 1}, {kTfLiteFloat32}},                                // no tensor
      {{x, x, clock}, {1, 0, 2}, {kTfLiteFloat32, kTfLiteFloat32}},           // in another order
  };
  Delegate delegate(Profiling("refused"));
  for (const Case& wrong : cases) {
    FakeRuntime runtime = MakeRuntime(wrong.inputs, wrong.order, wrong.outputs);
    ASSERT_TRUE(runtime.Delegate(delegate.c_delegate()));
    EXPECT_FALSE(runtime.Prepare()) << &wrong - cases;
  }
}

}  // namespace
}  // namespace tfsparse::tflite
