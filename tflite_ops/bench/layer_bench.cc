// SPDX-License-Identifier: Apache-2.0
//
// Time of the operators of a layer, phase by phase: layer_bench SHAPES_FILE [--benchmark_filter=NETWORK/LAYER...]
//
// The shapes are those of the Python benchmark, tfsparse/bench/models/layer_shapes.csv. One thread; relu; padding
// "same".
#include <benchmark/benchmark.h>

#include <fstream>
#include <iostream>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/winner_bench.h"
#include "core/conv2d/choose_method.h"
#include "core/winner_conv2d.h"
#include "core/winner_fully_connected.h"

namespace tfsparse::core {
namespace {

constexpr double kWinnerRates[] = {0.1, 0.2, 0.3, 0.5, 0.7, 1.0};
constexpr Clamp kRelu = {0.0f, std::numeric_limits<float>::infinity()};

struct Layer {
  std::string network;
  std::string name;
  bool fully_connected;
  int height;
  int width;
  int in_c;
  int out_c;
  int kernel;
  int stride;

  int pixels() const { return height * width; }
  int taps() const { return fully_connected ? pixels() : kernel * kernel; }
  int out_pixels() const {
    return fully_connected ? 1 : ((height + stride - 1) / stride) * ((width + stride - 1) / stride);
  }
};

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

void BenchLayer(benchmark::State& state, const Layer& layer, double rate, Conv2DMethod method, Isa isa) {
  const int winners = WinnerCount(rate, layer.in_c);
  const std::vector<float> weights = RandomFloats(layer.out_c * layer.taps() * layer.in_c);
  const int outputs = layer.out_pixels() * layer.out_c;
  const double macs = static_cast<double>(outputs) * layer.taps() * winners;
  const auto run = [&](const auto& op) {
    RunOverWinners(state, op, layer.pixels(), layer.in_c, winners, outputs, macs, isa);
  };
  if (layer.fully_connected) {
    const FullyConnectedShape shape = {1, 1, layer.taps(), layer.in_c, layer.out_c};
    run(WinnerFullyConnected(shape, weights.data(), nullptr, kRelu, winners, isa, 1));
  } else {
    run(WinnerConv2D(ConvShape(layer), {weights.data(), nullptr, kRelu}, winners, method, isa, 1));
  }
}

std::string Name(const Layer& layer, double rate, Conv2DMethod method, Isa isa) {
  std::ostringstream name;
  name << layer.network << "/" << layer.name << "/" << (layer.fully_connected ? "rgemv" : MethodName(method)) << "/p"
       << rate << "/" << IsaName(isa);
  return name.str();
}

// A line is "network,layer,operator,height,width,channels,outputs,kernel,stride".
Layer ParseLine(const std::string& line) {
  std::istringstream fields(line);
  Layer layer;
  std::string kind;
  std::getline(fields, layer.network, ',');
  std::getline(fields, layer.name, ',');
  std::getline(fields, kind, ',');
  layer.fully_connected = kind == "fully_connected";
  for (int* number : {&layer.height, &layer.width, &layer.in_c, &layer.out_c, &layer.kernel, &layer.stride}) {
    char comma;
    if (!(fields >> *number)) throw std::runtime_error("Not a layer: \"" + line + "\".");
    fields >> comma;
  }
  return layer;
}

std::vector<Conv2DMethod> Methods(const Layer& layer) {
  if (layer.fully_connected ||
      ChooseMethod(ConvShape(layer), layer.in_c, Conv2DMethod::kWinograd4x4) == Conv2DMethod::kDirect) {
    return {Conv2DMethod::kDirect};
  }
  return {Conv2DMethod::kDirect, Conv2DMethod::kWinograd2x2, Conv2DMethod::kWinograd4x4};
}

void RegisterFile(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error("Cannot read the shapes file \"" + path + "\".");
  while (std::getline(file, line)) {
    const Layer layer = ParseLine(line);
    for (const Isa isa : UsableIsas()) {
      for (const double rate : kWinnerRates) {
        for (const Conv2DMethod method : Methods(layer)) {
          benchmark::RegisterBenchmark(Name(layer, rate, method, isa).c_str(), BenchLayer, layer, rate, method, isa)
              ->Unit(benchmark::kMicrosecond);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tfsparse::core

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    std::cerr << "usage: layer_bench SHAPES_FILE [--benchmark_filter=REGEX]\n";
    return 2;
  }
  try {
    tfsparse::core::RegisterFile(argv[1]);
  } catch (const std::runtime_error& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
