// SPDX-License-Identifier: Apache-2.0
//
// Time of the operators of a layer, phase by phase: layer_bench SHAPES_FILE [--benchmark_filter=NETWORK/LAYER...]
//
// The shapes are those of the Python benchmark, tfsparse/bench/models/layer_shapes.csv. One thread; relu; padding
// "same".
#include <benchmark/benchmark.h>

#include <iostream>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/inputs.h"
#include "bench/layer.h"
#include "bench/winner_bench.h"
#include "core/conv2d/choose_method.h"
#include "core/winner_conv2d.h"
#include "core/winner_fully_connected.h"

namespace tfsparse::core {
namespace {

constexpr double kWinnerRates[] = {0.1, 0.2, 0.3, 0.5, 0.7, 1.0};
constexpr Clamp kRelu = {0.0f, std::numeric_limits<float>::infinity()};

void BenchLayer(benchmark::State& state, const Layer& layer, double rate, Conv2DMethod method, Isa isa) {
  const int winners = WinnerCount(rate, layer.in_c);
  const std::vector<float> weights = RandomFloats(layer.weights());
  const double macs = static_cast<double>(layer.macs(winners));
  const auto run = [&](const auto& op) {
    RunOverWinners(state, op, layer.pixels(), layer.in_c, winners, layer.outputs(), macs, isa);
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

std::vector<Conv2DMethod> Methods(const Layer& layer) {
  if (layer.fully_connected ||
      ChooseMethod(ConvShape(layer), layer.in_c, Conv2DMethod::kWinograd4x4) == Conv2DMethod::kDirect) {
    return {Conv2DMethod::kDirect};
  }
  return {Conv2DMethod::kDirect, Conv2DMethod::kWinograd2x2, Conv2DMethod::kWinograd4x4};
}

void RegisterFile(const std::string& path) {
  for (const Layer& layer : ReadLayersFile(path)) {
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
  } catch (const std::invalid_argument& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
