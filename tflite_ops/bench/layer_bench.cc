// SPDX-License-Identifier: Apache-2.0
//
// Time of the operators of a layer, phase by phase: layer_bench SHAPES_FILE... [--benchmark_filter=...]
//
// A line of a shapes file is "size in_channels out_channels kernel stride", # starts a comment. A kernel as large as
// the map is run as a fully connected layer. One thread; relu; padding "same".
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "core/winner_conv2d.h"
#include "core/winner_fully_connected.h"
#include "core/winner_select.h"

namespace tfsparse::core {
namespace {

constexpr double kWinnerRates[] = {0.3, 0.5, 0.7, 1.0};
constexpr Clamp kRelu = {0.0f, std::numeric_limits<float>::infinity()};

struct Layer {
  int size;
  int in_c;
  int out_c;
  int kernel;
  int stride;

  bool fully_connected() const { return kernel == size; }
  int pixels() const { return size * size; }
  int out_pixels() const {
    const int out_size = fully_connected() ? 1 : (size + stride - 1) / stride;
    return out_size * out_size;
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
  shape.in_h = shape.in_w = layer.size;
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
  const double taps = static_cast<double>(layer.kernel) * layer.kernel;
  Report(state, times, 2.0 * layer.out_pixels() * layer.out_c * taps * winners);
}

void BenchLayer(benchmark::State& state, const Layer& layer, double rate, Isa isa) {
  const int winners = std::max(1, static_cast<int>(std::floor(rate * layer.in_c + 0.5)));
  const int taps = layer.kernel * layer.kernel;
  const std::vector<float> weights =
      RandomFloats(static_cast<size_t>(layer.out_c) * static_cast<size_t>(taps) * static_cast<size_t>(layer.in_c));
  if (layer.fully_connected()) {
    const FullyConnectedShape shape = {1, 1, taps, layer.in_c, layer.out_c};
    RunLayer(state, layer, winners, isa, WinnerFullyConnected(shape, weights.data(), nullptr, kRelu, winners, isa, 1));
  } else {
    RunLayer(state, layer, winners, isa,
             WinnerConv2D(ConvShape(layer), {weights.data(), nullptr, kRelu}, winners, Conv2DMethod::kAuto, isa, 1));
  }
}

std::string Name(const Layer& layer, double rate, Isa isa) {
  std::ostringstream name;
  name << (layer.fully_connected() ? "fc/" : "conv/") << layer.size << "x" << layer.size << "x" << layer.in_c << "-"
       << layer.out_c << "/k" << layer.kernel << "/s" << layer.stride << "/p" << rate << "/" << IsaName(isa);
  return name.str();
}

bool RegisterFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return false;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line.substr(0, line.find('#')));
    Layer layer = {};
    if (!(fields >> layer.size >> layer.in_c >> layer.out_c >> layer.kernel >> layer.stride)) continue;
    for (const Isa isa : UsableIsas()) {
      for (const double rate : kWinnerRates) {
        benchmark::RegisterBenchmark(Name(layer, rate, isa).c_str(), BenchLayer, layer, rate, isa)
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
  return true;
}

}  // namespace
}  // namespace tfsparse::core

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc < 2) {
    std::cerr << "usage: layer_bench SHAPES_FILE... [--benchmark_filter=REGEX]\n";
    return 2;
  }
  for (int i = 1; i < argc; ++i) {
    if (!tfsparse::core::RegisterFile(argv[i])) {
      std::cerr << "Cannot read the shapes file \"" << argv[i] << "\".\n";
      return 2;
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
