// SPDX-License-Identifier: Apache-2.0
//
// The custom operators: names, version and options. The one place in C++ that spells them; `tfsparse/ops.py` is the one
// place in Python, and a test compares the two.
#ifndef TFSPARSE_TFLITE_OP_OPTIONS_H_
#define TFSPARSE_TFLITE_OP_OPTIONS_H_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "core/conv2d/conv2d_algorithm.h"
#include "core/winner_select.h"

namespace tfsparse::tflite {

// Version of every operator here. The runtime hides the version of a custom op from a delegate, so an older library
// knows a newer model by the option `format`, which moves together with the version.
inline constexpr int kOpVersion = 1;
inline constexpr int kOptionsFormat = 1;

inline constexpr size_t kMaxOptions = 10;

// An operator's custom code and the keys of its option map, sorted; unused places are empty.
struct OpSpec {
  std::string_view name;
  std::array<std::string_view, kMaxOptions> keys;
};

inline constexpr OpSpec kSelectWinners = {"TfSparseSelectWinners",
                                          {"format", "layer", "score", "unit", "winner_rate", "winners"}};
inline constexpr OpSpec kMaskWinners = {"TfSparseMaskWinners", {"format", "layer", "unit"}};
inline constexpr OpSpec kWinnerConv2D = {"TfSparseWinnerConv2D",
                                         {"activation", "dilation_h", "dilation_w", "format", "kernel", "layer",
                                          "padding", "skip_zeros", "stride_h", "stride_w"}};
inline constexpr OpSpec kWinnerFullyConnected = {
    "TfSparseWinnerFullyConnected", {"activation", "channels", "format", "keep_num_dims", "layer", "skip_zeros"}};
inline constexpr OpSpec kWinnerDepthwiseConv2D = {
    "TfSparseWinnerDepthwiseConv2D",
    {"activation", "dilation_h", "dilation_w", "format", "layer", "padding", "stride_h", "stride_w"}};
inline constexpr OpSpec kWinnerSeparableConv2D = {"TfSparseWinnerSeparableConv2D",
                                                  {"activation", "depthwise_activation", "dilation_h", "dilation_w",
                                                   "format", "layer", "padding", "stride_h", "stride_w"}};
inline constexpr OpSpec kProbe = {"TfSparseProbe", {"format", "layer", "operator"}};
inline constexpr std::array<OpSpec, 7> kOpSpecs = {
    kSelectWinners,         kMaskWinners,           kWinnerConv2D, kWinnerFullyConnected,
    kWinnerDepthwiseConv2D, kWinnerSeparableConv2D, kProbe};

struct SelectWinnersOptions {
  int winners;
  double winner_rate;
  core::Score score;
  core::Unit unit;
};

struct MaskWinnersOptions {
  core::Unit unit;
};

// Where the filter of a convolution lies on its input.
struct WindowOptions {
  int stride_h;
  int stride_w;
  int dilation_h;
  int dilation_w;
  core::Padding padding;
};

struct WinnerConv2DOptions {
  WindowOptions window;
  core::Clamp activation;
  core::Conv2DMethod method;
  bool skip_zeros;
};

struct WinnerDepthwiseConv2DOptions {
  WindowOptions window;
  core::Clamp activation;
};

struct WinnerSeparableConv2DOptions {
  WindowOptions window;
  core::Clamp depthwise_activation;
  core::Clamp activation;
};

struct WinnerFullyConnectedOptions {
  int channels;
  core::Clamp activation;
  bool keep_num_dims;
  bool skip_zeros;
};

struct ProbeOptions {
  std::string operator_name;  // of what ran before it, for people
};

// Read the option map of an op. They throw Error if the bytes are no map, the format is not ours, a key is missing or
// unknown, or a value has the wrong type or lies outside its range.
SelectWinnersOptions ParseSelectWinnersOptions(const void* data, size_t size);
MaskWinnersOptions ParseMaskWinnersOptions(const void* data, size_t size);
WinnerConv2DOptions ParseWinnerConv2DOptions(const void* data, size_t size);
WinnerFullyConnectedOptions ParseWinnerFullyConnectedOptions(const void* data, size_t size);
WinnerDepthwiseConv2DOptions ParseWinnerDepthwiseConv2DOptions(const void* data, size_t size);
WinnerSeparableConv2DOptions ParseWinnerSeparableConv2DOptions(const void* data, size_t size);
ProbeOptions ParseProbeOptions(const void* data, size_t size);

// The human name of the layer that a node came from; empty if the options do not hold one.
std::string LayerName(const void* data, size_t size);

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_OP_OPTIONS_H_
