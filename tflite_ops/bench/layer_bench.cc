// SPDX-License-Identifier: Apache-2.0
//
// Time of the operators of a layer, phase by phase: layer_bench SHAPES_FILE [--benchmark_filter=NETWORK/LAYER...]
//
// The shapes are those of the Python benchmark, tfsparse/bench/models/layer_shapes.csv. One thread; relu; padding
// "same".
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <limits>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/conv2d/choose_method.h"
#include "core/winner_conv2d.h"
#include "core/winner_fully_connected.h"
#include "core/winner_select.h"

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

std::vector<float> RandomFloats(size_t count) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> distribution(0.0f, 1.0f);
  std::vector<float> values(count);
  for (float& value : values) value = distribution(generator);
  return values;
}

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

void Report(benchmark::State& state, const PhaseTimes& times, double flops) {
  const auto microseconds = [](int64_t nanoseconds) {
    return benchmark::Counter(static_cast<double>(nanoseconds) * 1e-3, benchmark::Counter::kAvgIterations);
  };
  state.counters["rank_us"] = microseconds(times.rank);
  state.counters["select_us"] = microseconds(times.select);
  state.counters["gather_us"] = microseconds(times.gather);
  state.counters["gemm_us"] = microseconds(times.gemm);
  state.counters["FLOPS"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}

template <typename Operator>
void RunLayer(benchmark::State& state, const Layer& layer, int winners, Isa isa, const Operator& op) {
  const std::vector<float> x = RandomFloats(static_cast<size_t>(layer.pixels()) * static_cast<size_t>(layer.in_c));
  std::vector<float> y(static_cast<size_t>(layer.out_pixels()) * static_cast<size_t>(layer.out_c));
  const WinnerSelect select({1, layer.pixels(), layer.in_c, winners, Unit::kChannel, Score::kMax}, isa);
  const size_t scratch_bytes = std::max(select.scratch_bytes(), op.scratch_bytes());
  const AlignedFloats scratch = AllocateFloats(scratch_bytes / sizeof(float));
  std::vector<int32_t> indices(static_cast<size_t>(winners));
  ThreadPool pool(1);
  PhaseTimes times;
  for (auto _ : state) {
    select.Run(x.data(), indices.data(), scratch.get(), pool, &times);
    op.Run(1, x.data(), indices.data(), y.data(), scratch.get(), pool, &times);
    benchmark::ClobberMemory();
  }
  Report(state, times, 2.0 * layer.out_pixels() * layer.out_c * layer.taps() * winners);
}

void BenchLayer(benchmark::State& state, const Layer& layer, double rate, Conv2DMethod method, Isa isa) {
  const int winners = std::max(1, static_cast<int>(std::floor(rate * layer.in_c + 0.5)));
  const std::vector<float> weights = RandomFloats(static_cast<size_t>(layer.out_c) * static_cast<size_t>(layer.taps()) *
                                                  static_cast<size_t>(layer.in_c));
  if (layer.fully_connected) {
    const FullyConnectedShape shape = {1, 1, layer.taps(), layer.in_c, layer.out_c};
    RunLayer(state, layer, winners, isa, WinnerFullyConnected(shape, weights.data(), nullptr, kRelu, winners, isa, 1));
  } else {
    RunLayer(state, layer, winners, isa,
             WinnerConv2D(ConvShape(layer), {weights.data(), nullptr, kRelu}, winners, method, isa, 1));
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
