// SPDX-License-Identifier: Apache-2.0
#include "tflite/op_options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "tests/tflite_ops/tflite/flexbuffer_writer.h"
#include "tflite/error.h"

namespace tfsparse::tflite {
namespace {

using Entries = std::map<std::string, FlexValue>;

const Entries kSelect = {{"format", int64_t{1}}, {"layer", std::string("wta")}, {"winners", int64_t{8}},
                         {"winner_rate", 0.25},  {"score", std::string("max")}, {"unit", std::string("channel")}};
const Entries kConv = {{"format", int64_t{1}},
                       {"layer", std::string("conv")},
                       {"stride_h", int64_t{2}},
                       {"stride_w", int64_t{1}},
                       {"dilation_h", int64_t{1}},
                       {"dilation_w", int64_t{3}},
                       {"kernel", std::string("direct")},
                       {"skip_zeros", true},
                       {"padding", std::string("valid")},
                       {"activation", std::string("relu6")}};
const Entries kDense = {{"format", int64_t{1}},    {"layer", std::string("dense")},
                        {"channels", int64_t{64}}, {"activation", std::string("none")},
                        {"keep_num_dims", true},   {"skip_zeros", false}};

template <typename Options>
Options Parse(Options (*parse)(const void*, size_t), const Entries& entries) {
  const std::vector<uint8_t> buffer = FlexBufferWriter(8).Write(entries);
  return parse(buffer.data(), buffer.size());
}

std::string MessageOf(const std::function<void()>& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

Entries With(Entries entries, const std::string& key, const FlexValue& value) {
  entries[key] = value;
  return entries;
}

TEST(OpOptions, ReadsSelectWinners) {
  const auto options = Parse(ParseSelectWinnersOptions, kSelect);
  EXPECT_EQ(options.winners, 8);
  EXPECT_EQ(options.winner_rate, 0.25);
  EXPECT_EQ(options.score, core::Score::kMax);
  EXPECT_EQ(options.unit, core::Unit::kChannel);
  EXPECT_EQ(Parse(ParseSelectWinnersOptions, With(kSelect, "score", std::string("mean"))).score, core::Score::kMean);
}

TEST(OpOptions, ReadsMaskWinners) {
  const Entries entries = {{"format", int64_t{1}}, {"layer", std::string("m")}, {"unit", std::string("neuron")}};
  EXPECT_EQ(Parse(ParseMaskWinnersOptions, entries).unit, core::Unit::kNeuron);
}

TEST(OpOptions, ReadsWinnerConv2D) {
  const auto options = Parse(ParseWinnerConv2DOptions, kConv);
  EXPECT_EQ(options.window.stride_h, 2);
  EXPECT_EQ(options.window.stride_w, 1);
  EXPECT_EQ(options.window.dilation_h, 1);
  EXPECT_EQ(options.window.dilation_w, 3);
  EXPECT_EQ(options.window.padding, core::Padding::kValid);
  EXPECT_EQ(options.method, core::Conv2DMethod::kDirect);
  EXPECT_TRUE(options.skip_zeros);
  EXPECT_EQ(options.activation.min, 0.0f);
  EXPECT_EQ(options.activation.max, 6.0f);
}

TEST(OpOptions, ReadsWinnerFullyConnected) {
  const auto options = Parse(ParseWinnerFullyConnectedOptions, kDense);
  EXPECT_EQ(options.channels, 64);
  EXPECT_TRUE(options.keep_num_dims);
  EXPECT_FALSE(options.skip_zeros);
  EXPECT_EQ(options.activation.min, -INFINITY);
  EXPECT_EQ(options.activation.max, INFINITY);
}

TEST(OpOptions, ReadsWinnerDepthwiseConv2D) {
  Entries entries = kConv;
  entries.erase("kernel");
  entries.erase("skip_zeros");
  const auto options = Parse(ParseWinnerDepthwiseConv2DOptions, entries);
  EXPECT_EQ(options.window.stride_h, 2);
  EXPECT_EQ(options.window.stride_w, 1);
  EXPECT_EQ(options.window.dilation_h, 1);
  EXPECT_EQ(options.window.dilation_w, 3);
  EXPECT_EQ(options.window.padding, core::Padding::kValid);
  EXPECT_EQ(options.activation.max, 6.0f);
}

TEST(OpOptions, ReadsWinnerSeparableConv2D) {
  Entries entries = With(kConv, "depthwise_activation", std::string("relu_n1_to_1"));
  entries.erase("kernel");
  entries.erase("skip_zeros");
  const auto options = Parse(ParseWinnerSeparableConv2DOptions, entries);
  EXPECT_EQ(options.window.stride_h, 2);
  EXPECT_EQ(options.window.dilation_w, 3);
  EXPECT_EQ(options.depthwise_activation.min, -1.0f);
  EXPECT_EQ(options.depthwise_activation.max, 1.0f);
  EXPECT_EQ(options.activation.min, 0.0f);
  EXPECT_EQ(options.activation.max, 6.0f);
}

TEST(OpOptions, ClampsAsTheActivationSays) {
  const auto relu = Parse(ParseWinnerFullyConnectedOptions, With(kDense, "activation", std::string("relu")));
  EXPECT_EQ(relu.activation.min, 0.0f);
  EXPECT_EQ(relu.activation.max, INFINITY);
  const auto relu1 = Parse(ParseWinnerFullyConnectedOptions, With(kDense, "activation", std::string("relu_n1_to_1")));
  EXPECT_EQ(relu1.activation.min, -1.0f);
  EXPECT_EQ(relu1.activation.max, 1.0f);
}

TEST(OpOptions, ReadsTheLayerNameAndMakesItPrintable) {
  const std::vector<uint8_t> buffer = FlexBufferWriter(2).Write({{"layer", std::string("a\nb\xff")}});
  EXPECT_EQ(LayerName(buffer.data(), buffer.size()), "a?b?");
  EXPECT_EQ(LayerName("no map", 6), "");
}

struct BadOption {
  const char* name;
  std::string key;
  FlexValue value;
  std::string message;
};

class BadConvOption : public testing::TestWithParam<BadOption> {};

TEST_P(BadConvOption, IsRefusedByName) {
  const BadOption& bad = GetParam();
  const std::string message = MessageOf([&] { Parse(ParseWinnerConv2DOptions, With(kConv, bad.key, bad.value)); });
  EXPECT_NE(message.find(bad.message), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadConvOption,
    testing::Values(
        BadOption{"Zero", "stride_h", int64_t{0}, "option `stride_h` must be an integer from 1"},
        BadOption{"Negative", "dilation_w", int64_t{-1}, "Received: -1"},
        BadOption{"Huge", "stride_w", int64_t{1} << 40, "Received: 1099511627776"},
        BadOption{"Float", "stride_w", 1.5, "option `stride_w` must be present and an integer"},
        BadOption{"NoChoice", "padding", std::string("full"), "must be one of same, valid. Received: full"},
        BadOption{"ChoiceType", "activation", int64_t{1}, "option `activation` must be present and a string"},
        BadOption{"FlagType", "skip_zeros", int64_t{1}, "option `skip_zeros` must be present and a boolean"},
        BadOption{"LayerType", "layer", int64_t{1}, "option `layer` must be present and a string"},
        BadOption{"Newer", "format", int64_t{2}, "written for a newer tfsparse"},
        BadOption{"FormatZero", "format", int64_t{0}, "option `format` must be 1. Received: 0"},
        BadOption{"Unknown", "groups", int64_t{2}, "option `groups` is unknown"},
        BadOption{"Unnamed", "", int64_t{2}, "option `` is unknown"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(OpOptions, RefusesAMissingOption) {
  for (const auto& [key, value] : kConv) {
    Entries entries = kConv;
    entries.erase(key);
    const std::string message = MessageOf([&] { Parse(ParseWinnerConv2DOptions, entries); });
    EXPECT_NE(message.find("`" + key + "` must be present"), std::string::npos) << message;
  }
}

TEST(OpOptions, RefusesAWinnerRateOutsideItsRange) {
  for (const double rate : {0.0, -0.5, 1.5, std::nan("")}) {
    const std::string message =
        MessageOf([&] { Parse(ParseSelectWinnersOptions, With(kSelect, "winner_rate", rate)); });
    EXPECT_NE(message.find("`winner_rate` must be greater than 0"), std::string::npos) << message;
  }
}

TEST(OpOptions, RefusesBytesThatAreNoMap) {
  EXPECT_NE(MessageOf([] { ParseMaskWinnersOptions("abc", 3); }).find("must be a FlexBuffer map"), std::string::npos);
}

}  // namespace
}  // namespace tfsparse::tflite
