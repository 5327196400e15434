// SPDX-License-Identifier: Apache-2.0
#include "bench/layer.h"

#include <charconv>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace tfsparse::core {
namespace {

constexpr char kColumns[] = "network,layer,operator,height,width,channels,outputs,kernel,stride";
constexpr size_t kColumnCount = 9;
constexpr int kMostExtent = 1 << 16;
constexpr double kMostFloats = 1 << 28;

[[noreturn]] void Refuse(const std::string& line, const std::string& reason) {
  throw std::invalid_argument("Not a layer: \"" + line + "\": " + reason + ". Expected: " + kColumns + ".");
}

std::vector<std::string> Split(const std::string& line) {
  std::istringstream text(line);
  std::vector<std::string> fields;
  for (std::string field; std::getline(text, field, ',');) fields.push_back(field);
  if (!line.empty() && line.back() == ',') fields.emplace_back();
  return fields;
}

int ParseExtent(const std::string& text, const std::string& line) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > kMostExtent) {
    Refuse(line, "\"" + text + "\" is no number from 1 to " + std::to_string(kMostExtent));
  }
  return value;
}

double Product(std::initializer_list<int> factors) {
  double product = 1.0;
  for (const int factor : factors) product *= factor;
  return product;
}

}  // namespace

Conv2DShape ConvShape(const Layer& layer) {
  Conv2DShape shape;
  shape.in_h = layer.height;
  shape.in_w = layer.width;
  shape.in_c = layer.in_c;
  shape.out_c = layer.out_c;
  shape.kernel_h = shape.kernel_w = layer.kernel;
  shape.stride_h = shape.stride_w = layer.stride;
  shape.SetPadding(Padding::kSame);
  return shape;
}

Layer ParseLayer(const std::string& line) {
  const std::vector<std::string> fields = Split(line);
  if (fields.size() != kColumnCount) Refuse(line, "it has " + std::to_string(fields.size()) + " columns");
  Layer layer = {};
  layer.network = fields[0];
  layer.name = fields[1];
  layer.fully_connected = fields[2] == "fully_connected";
  if (!layer.fully_connected && fields[2] != "conv2d") {
    Refuse(line, "\"" + fields[2] + "\" is neither conv2d nor fully_connected");
  }
  size_t column = 3;
  for (int* const extent : {&layer.height, &layer.width, &layer.in_c, &layer.out_c, &layer.kernel, &layer.stride}) {
    *extent = ParseExtent(fields[column++], line);
  }
  const int taps = layer.fully_connected ? 1 : layer.kernel;
  const double weights = Product({layer.in_c, layer.out_c, taps, taps}) *
                         (layer.fully_connected ? Product({layer.height, layer.width}) : 1.0);
  const double activations = Product({layer.height, layer.width, std::max(layer.in_c, layer.out_c)});
  if (weights > kMostFloats || activations > kMostFloats) Refuse(line, "it takes more than a gibibyte");
  return layer;
}

std::vector<Layer> ReadLayers(std::istream& lines) {
  std::string line;
  if (!std::getline(lines, line) || line != kColumns) Refuse(line, "the first line names the columns");
  std::vector<Layer> layers;
  while (std::getline(lines, line)) layers.push_back(ParseLayer(line));
  return layers;
}

std::vector<Layer> ReadLayersFile(const std::string& path) {
  if (path == "-") return ReadLayers(std::cin);
  std::ifstream file(path);
  if (!file) throw std::invalid_argument("Cannot read the file of layers \"" + path + "\".");
  return ReadLayers(file);
}

}  // namespace tfsparse::core
