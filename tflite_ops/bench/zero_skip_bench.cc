// SPDX-License-Identifier: Apache-2.0
//
// Time of a convolution that skips the zeros of its input, beside that of the direct one, for shares of zeros:
// zero_skip_bench SHAPES_FILE [--benchmark_filter=NETWORK/LAYER...]
//
// The shapes are the convolutions of tfsparse/bench/models/layer_shapes.csv. Zeros are skipped however few they are, so
// the curves show where they meet, which BreakEven of ZeroSkipConv2D has to know. One thread; relu; padding "same".
#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "core/conv2d/zero_skip_conv2d.h"

namespace tfsparse::core {
namespace {

constexpr double kZeros[] = {0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
constexpr Clamp kRelu = {0.0f, std::numeric_limits<float>::infinity()};

std::vector<float> RandomFloats(size_t count, double zeros) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> value(0.1f, 1.0f);
  std::bernoulli_distribution is_zero(zeros);
  std::vector<float> values(count);
  for (float& v : values) v = is_zero(generator) ? 0.0f : value(generator);
  return values;
}

size_t Product(int a, int b, int c) { return static_cast<size_t>(a) * static_cast<size_t>(b) * static_cast<size_t>(c); }

void BenchConv(benchmark::State& state, const Conv2DShape& shape, double zeros, bool skip, Isa isa) {
  const std::vector<float> x = RandomFloats(Product(shape.in_h, shape.in_w, shape.in_c), zeros);
  const std::vector<float> filter = RandomFloats(Product(shape.kernel_h * shape.kernel_w, shape.in_c, shape.out_c), 0);
  std::vector<float> y(Product(shape.out_h, shape.out_w, shape.out_c));
  const Conv2DConstants constants = {filter.data(), nullptr, kRelu};
  std::unique_ptr<Conv2DAlgorithm> conv;
  if (skip) {
    conv = std::make_unique<ZeroSkipConv2D>(shape, constants, Conv2DMethod::kDirect, 1.0, isa, 1);
  } else {
    conv = MakeConv2D(shape, constants, shape.in_c, Conv2DMethod::kDirect, isa, 1);
  }
  std::vector<int32_t> all(static_cast<size_t>(shape.in_c));
  std::iota(all.begin(), all.end(), 0);
  const AlignedFloats scratch = AllocateFloats(conv->scratch_bytes() / sizeof(float));
  ThreadPool pool(1);
  PhaseTimes times;
  for (auto _ : state) {
    conv->Run(x.data(), all.data(), shape.in_c, y.data(), nullptr, scratch.get(), pool, &times);
    benchmark::ClobberMemory();
  }
  state.counters["list_us"] =
      benchmark::Counter(static_cast<double>(times.gather) * 1e-3, benchmark::Counter::kAvgIterations);
  const double macs = static_cast<double>(Product(shape.out_h, shape.out_w, shape.out_c)) *
                      static_cast<double>(Product(shape.kernel_h, shape.kernel_w, shape.in_c));
  state.counters["FLOPS"] =
      benchmark::Counter(2.0 * (1.0 - zeros) * macs, benchmark::Counter::kIsIterationInvariantRate);
}

void Register(const std::string& layer, const Conv2DShape& shape, Isa isa) {
  for (const double zeros : kZeros) {
    for (const bool skip : {false, true}) {
      if (!skip && zeros != 0.0) continue;  // takes the same time whatever x holds
      std::ostringstream name;
      name << layer << "/" << IsaName(isa) << "/" << (skip ? "skip" : "direct") << "/z" << zeros;
      benchmark::RegisterBenchmark(name.str().c_str(), BenchConv, shape, zeros, skip, isa)
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

// A line is "network,layer,operator,height,width,channels,outputs,kernel,stride".
bool RegisterFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return false;
  std::string line;
  std::getline(file, line);  // the heads of the columns
  while (std::getline(file, line)) {
    std::replace(line.begin(), line.end(), ',', ' ');
    std::istringstream fields(line);
    std::string network, layer, kind;
    Conv2DShape shape;
    fields >> network >> layer >> kind >> shape.in_h >> shape.in_w >> shape.in_c >> shape.out_c >> shape.kernel_h >>
        shape.stride_h;
    if (!fields || kind != "conv2d") continue;
    shape.kernel_w = shape.kernel_h;
    shape.stride_w = shape.stride_h;
    shape.SetPadding(Padding::kSame);
    for (const Isa isa : UsableIsas()) Register(network + "/" + layer, shape, isa);
  }
  return true;
}

}  // namespace
}  // namespace tfsparse::core

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    std::cerr << "usage: zero_skip_bench SHAPES_FILE [--benchmark_filter=REGEX]\n";
    return 2;
  }
  if (!tfsparse::core::RegisterFile(argv[1])) {
    std::cerr << "Cannot read the shapes file \"" << argv[1] << "\".\n";
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
