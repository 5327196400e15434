// SPDX-License-Identifier: Apache-2.0
//
// Time of depthwise convolutions over winners, alone and with the pointwise one behind them, ranking included where
// some lose: depthwise_bench SHAPES_FILE... [--benchmark_filter=...]
//
// A line of a shapes file is "size channels outputs kernel stride", outputs those of the pointwise convolution; #
// starts a comment. One thread; relu6; padding "same".
#include <benchmark/benchmark.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "bench/winner_bench.h"
#include "core/winner_depthwise_conv2d.h"
#include "core/winner_separable_conv2d.h"

namespace tfsparse::core {
namespace {

constexpr double kWinnerRates[] = {0.3, 0.5, 0.7, 1.0};
constexpr Clamp kRelu6 = {0.0f, 6.0f};

Conv2DShape ParseShape(const std::string& line) {
  std::istringstream fields(line.substr(0, line.find('#')));
  Conv2DShape shape;
  fields >> shape.in_h >> shape.in_c >> shape.out_c >> shape.kernel_h >> shape.stride_h;
  if (!fields) return {};
  shape.in_w = shape.in_h;
  shape.kernel_w = shape.kernel_h;
  shape.stride_w = shape.stride_h;
  shape.SetPadding(Padding::kSame);
  return shape;
}

void BenchShape(benchmark::State& state, const Conv2DShape& shape, bool pointwise, double rate, Isa isa) {
  const int winners = WinnerCount(rate, shape.in_c);
  const int taps = shape.kernel_h * shape.kernel_w;
  const std::vector<float> filter = RandomFloats(taps * shape.in_c);
  const std::vector<float> weights = RandomFloats(shape.in_c * shape.out_c);
  const int in_pixels = shape.in_h * shape.in_w;
  const int out_pixels = shape.out_h * shape.out_w;
  const double products = static_cast<double>(out_pixels) * winners;
  const Conv2DConstants depthwise = {filter.data(), nullptr, kRelu6};
  if (pointwise) {
    const WinnerSeparableConv2D op(shape, depthwise, {weights.data(), nullptr, kRelu6}, winners, isa, 1);
    RunOverWinners(state, op, in_pixels, shape.in_c, winners, out_pixels * shape.out_c, products * (taps + shape.out_c),
                   isa);
  } else {
    const WinnerDepthwiseConv2D op(shape, depthwise, winners, isa, 1);
    RunOverWinners(state, op, in_pixels, shape.in_c, winners, out_pixels * shape.in_c, products * taps, isa);
  }
}

void Register(const Conv2DShape& shape, bool pointwise, double rate, Isa isa) {
  std::ostringstream name;
  name << (pointwise ? "separable/" : "depthwise/") << shape.in_h << "x" << shape.in_w << "x" << shape.in_c;
  if (pointwise) name << "-" << shape.out_c;
  name << "/k" << shape.kernel_h << "/s" << shape.stride_h << "/p" << rate << "/" << IsaName(isa);
  benchmark::RegisterBenchmark(name.str().c_str(), BenchShape, shape, pointwise, rate, isa)
      ->Unit(benchmark::kMicrosecond);
}

bool RegisterFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return false;
  for (std::string line; std::getline(file, line);) {
    const Conv2DShape shape = ParseShape(line);
    if (shape.in_c == 0) continue;
    for (const Isa isa : UsableIsas()) {
      for (const double rate : kWinnerRates) {
        for (const bool pointwise : {false, true}) Register(shape, pointwise, rate, isa);
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
    std::cerr << "usage: depthwise_bench SHAPES_FILE... [--benchmark_filter=REGEX]\n";
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
