// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_BENCH_BENCH_OPTIONS_H_
#define TFSPARSE_BENCH_BENCH_OPTIONS_H_

#include <vector>

#include "bench/layer.h"
#include "core/isa.h"

namespace tfsparse::core {

// The arguments of tfsparse_bench.
struct BenchOptions {
  std::vector<Layer> layers;
  std::vector<double> winner_rates = {0.1, 0.3, 0.5};
  int threads = 1;
  int runs = 50;
  int warmup = 5;
  Isa isa = Isa::kPortable;
};

// Reads `--option VALUE` and `--option=VALUE`. Throws std::invalid_argument for what it cannot serve.
BenchOptions ParseBenchOptions(const std::vector<std::string>& arguments);

}  // namespace tfsparse::core

#endif  // TFSPARSE_BENCH_BENCH_OPTIONS_H_
