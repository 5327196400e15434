// SPDX-License-Identifier: Apache-2.0
//
// Time of depthwise convolutions over winners, alone and with the pointwise one behind them, ranking included:
// depthwise_bench SHAPES_FILE... [--benchmark_filter=...]
//
// A line of a shapes file is "size channels outputs kernel stride", outputs those of the pointwise convolution; #
// starts a comment. One thread; relu6; padding "same".
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "core/winner_depthwise_conv2d.h"
#include "core/winner_select.h"
#include "core/winner_separable_conv2d.h"

namespace tfsparse::core {
namespace {

constexpr double kWinnerRates[] = {0.3, 0.5, 0.7, 1.0};
constexpr Clamp kRelu6 = {0.0f, 6.0f};

std::vector<float> RandomFloats(int count) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> distribution(0.0f, 1.0f);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = distribution(generator);
  return values;
}

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

void Report(benchmark::State& state, const PhaseTimes& times, double macs) {
  const auto microseconds = [](int64_t nanoseconds) {
    return benchmark::Counter(static_cast<double>(nanoseconds) * 1e-3, benchmark::Counter::kAvgIterations);
  };
  state.counters["rank_us"] = microseconds(times.rank);
  state.counters["select_us"] = microseconds(times.select);
  state.counters["gemm_us"] = microseconds(times.gemm);
  state.counters["MACS"] = benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate);
}

template <typename Operator>
void Run(benchmark::State& state, const Conv2DShape& shape, int outputs, int winners, Isa isa, double macs,
         const Operator& op) {
  const std::vector<float> x = RandomFloats(shape.in_h * shape.in_w * shape.in_c);
  std::vector<float> y(static_cast<size_t>(shape.out_h * shape.out_w) * static_cast<size_t>(outputs));
  const WinnerSelect select({1, shape.in_h * shape.in_w, shape.in_c, winners, Unit::kChannel, Score::kMax}, isa);
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
  Report(state, times, macs);
}

void BenchShape(benchmark::State& state, const Conv2DShape& shape, bool pointwise, double rate, Isa isa) {
  const int winners = std::max(1, static_cast<int>(std::floor(rate * shape.in_c + 0.5)));
  const int taps = shape.kernel_h * shape.kernel_w;
  const std::vector<float> filter = RandomFloats(taps * shape.in_c);
  const std::vector<float> weights = RandomFloats(shape.in_c * shape.out_c);
  const double pixels = static_cast<double>(shape.out_h) * shape.out_w * winners;
  if (pointwise) {
    const WinnerSeparableConv2D op(shape, {filter.data(), nullptr, kRelu6}, {weights.data(), nullptr, kRelu6}, winners,
                                   isa, 1);
    Run(state, shape, shape.out_c, winners, isa, pixels * (taps + shape.out_c), op);
  } else {
    const WinnerDepthwiseConv2D op(shape, {filter.data(), nullptr, kRelu6}, winners, isa, 1);
    Run(state, shape, shape.in_c, winners, isa, pixels * taps, op);
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
