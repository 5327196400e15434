// SPDX-License-Identifier: Apache-2.0
#include "tflite/op_options.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>
#include <utility>

#include "tflite/error.h"
#include "tflite/flexbuffer_map.h"
#include "tflite/text.h"

namespace tfsparse::tflite {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

FlexBufferMap ParseMap(const void* data, size_t size) {
  const std::optional<FlexBufferMap> map = FlexBufferMap::Parse(data, size);
  if (!map) Fail("the custom options must be a FlexBuffer map. Received: ", size, " bytes that are not one.");
  return *map;
}

// Typed, checked access to the options of one op.
class OptionReader {
 public:
  OptionReader(const OpSpec& spec, const void* data, size_t size) : map_(ParseMap(data, size)) {
    CheckFormat();
    CheckKeys(spec);
    Require(map_.GetString("layer"), "layer", "a string");
  }

  int Positive(std::string_view key) const {
    const int64_t value = Require(map_.GetInt(key), key, "an integer");
    if (value < 1 || value > std::numeric_limits<int>::max()) {
      Fail("option `", key, "` must be an integer from 1 to ", std::numeric_limits<int>::max(), ". Received: ", value,
           ".");
    }
    return static_cast<int>(value);
  }

  // A share of the whole: (0, 1].
  double Rate(std::string_view key) const {
    const double value = Require(map_.GetFloat(key), key, "a number");
    if (!(value > 0.0 && value <= 1.0)) {
      Fail("option `", key, "` must be greater than 0 and at most 1. Received: ", value, ".");
    }
    return value;
  }

  std::string Text(std::string_view key) const { return Printable(Require(map_.GetString(key), key, "a string")); }

  bool Flag(std::string_view key) const { return Require(map_.GetBool(key), key, "a boolean"); }

  template <typename T>
  T Choice(std::string_view key, std::initializer_list<std::pair<std::string_view, T>> choices) const {
    const std::string_view value = Require(map_.GetString(key), key, "a string");
    std::string names;
    for (const auto& [name, choice] : choices) {
      if (name == value) return choice;
      names.append(names.empty() ? "" : ", ").append(name);
    }
    Fail("option `", key, "` must be one of ", names, ". Received: ", Printable(value), ".");
  }

 private:
  template <typename T>
  static T Require(const std::optional<T>& value, std::string_view key, std::string_view type) {
    if (!value) Fail("option `", key, "` must be present and ", type, ".");
    return *value;
  }

  void CheckFormat() const {
    const int64_t format = Require(map_.GetInt("format"), "format", "an integer");
    if (format > kOptionsFormat) {
      Fail("the model was written for a newer tfsparse: this library reads option format ", kOptionsFormat,
           ". Received: ", format, ". Update the library or convert the model with its version of tfsparse.");
    }
    if (format != kOptionsFormat) Fail("option `format` must be ", kOptionsFormat, ". Received: ", format, ".");
  }

  void CheckKeys(const OpSpec& spec) const {
    for (size_t i = 0; i < map_.size(); ++i) {
      const std::optional<std::string_view> key = map_.Key(i);
      if (!key) Fail("the custom options are damaged: the name of entry ", i, " leaves the buffer.");
      if (key->empty() || std::find(spec.keys.begin(), spec.keys.end(), *key) == spec.keys.end()) {
        Fail("option `", Printable(*key), "` is unknown to this op.");
      }
    }
  }

  FlexBufferMap map_;
};

core::Unit ParseUnit(const OptionReader& reader) {
  return reader.Choice<core::Unit>("unit", {{"channel", core::Unit::kChannel}, {"neuron", core::Unit::kNeuron}});
}

core::Padding ParsePadding(const OptionReader& reader) {
  return reader.Choice<core::Padding>("padding", {{"same", core::Padding::kSame}, {"valid", core::Padding::kValid}});
}

WindowOptions ParseWindow(const OptionReader& reader) {
  return {reader.Positive("stride_h"), reader.Positive("stride_w"), reader.Positive("dilation_h"),
          reader.Positive("dilation_w"), ParsePadding(reader)};
}

core::Clamp ParseActivation(const OptionReader& reader, std::string_view key = "activation") {
  return reader.Choice<core::Clamp>(key, {{"none", {-kInfinity, kInfinity}},
                                          {"relu", {0.0f, kInfinity}},
                                          {"relu6", {0.0f, 6.0f}},
                                          {"relu_n1_to_1", {-1.0f, 1.0f}}});
}

}  // namespace

SelectWinnersOptions ParseSelectWinnersOptions(const void* data, size_t size) {
  const OptionReader reader(kSelectWinners, data, size);
  return {reader.Positive("winners"), reader.Rate("winner_rate"),
          reader.Choice<core::Score>("score", {{"max", core::Score::kMax}, {"mean", core::Score::kMean}}),
          ParseUnit(reader)};
}

MaskWinnersOptions ParseMaskWinnersOptions(const void* data, size_t size) {
  return {ParseUnit(OptionReader(kMaskWinners, data, size))};
}

WinnerConv2DOptions ParseWinnerConv2DOptions(const void* data, size_t size) {
  const OptionReader reader(kWinnerConv2D, data, size);
  return {ParseWindow(reader), ParseActivation(reader),
          reader.Choice<core::Conv2DMethod>(
              "kernel", {{"auto", core::Conv2DMethod::kAuto}, {"direct", core::Conv2DMethod::kDirect}}),
          reader.Flag("skip_zeros")};
}

WinnerFullyConnectedOptions ParseWinnerFullyConnectedOptions(const void* data, size_t size) {
  const OptionReader reader(kWinnerFullyConnected, data, size);
  return {reader.Positive("channels"), ParseActivation(reader), reader.Flag("keep_num_dims"),
          reader.Flag("skip_zeros")};
}

WinnerDepthwiseConv2DOptions ParseWinnerDepthwiseConv2DOptions(const void* data, size_t size) {
  const OptionReader reader(kWinnerDepthwiseConv2D, data, size);
  return {ParseWindow(reader), ParseActivation(reader)};
}

WinnerSeparableConv2DOptions ParseWinnerSeparableConv2DOptions(const void* data, size_t size) {
  const OptionReader reader(kWinnerSeparableConv2D, data, size);
  return {ParseWindow(reader), ParseActivation(reader, "depthwise_activation"), ParseActivation(reader)};
}

ProbeOptions ParseProbeOptions(const void* data, size_t size) {
  return {OptionReader(kProbe, data, size).Text("operator")};
}

std::string LayerName(const void* data, size_t size) {
  const std::optional<FlexBufferMap> map = FlexBufferMap::Parse(data, size);
  return Printable(map ? map->GetString("layer").value_or("") : "");
}

}  // namespace tfsparse::tflite
