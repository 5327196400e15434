// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_BENCH_WINNER_BENCH_H_
#define TFSPARSE_BENCH_WINNER_BENCH_H_

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "bench/inputs.h"
#include "core/aligned_buffer.h"
#include "core/winner_select.h"

// What the benchmarks of operators over winners share.
namespace tfsparse::core {

// Finds `winners` of x [pixels, channels] and runs `op`, which writes `outputs` floats with `macs`
// multiply-accumulates; counts the time of each phase.
template <typename Operator>
void RunOverWinners(benchmark::State& state, const Operator& op, int pixels, int channels, int winners, int outputs,
                    double macs, Isa isa) {
  const std::vector<float> x = RandomFloats(pixels * channels);
  std::vector<float> y(static_cast<size_t>(outputs));
  const WinnerSelect select({1, pixels, channels, winners, Unit::kChannel, Score::kMax}, isa);
  const AlignedFloats scratch = AllocateFloats(std::max(select.scratch_bytes(), op.scratch_bytes()) / sizeof(float));
  std::vector<int32_t> indices(static_cast<size_t>(winners));
  ThreadPool pool(1);
  PhaseTimes times;
  for (auto _ : state) {
    select.Run(x.data(), indices.data(), scratch.get(), pool, &times);
    op.Run(1, x.data(), indices.data(), y.data(), scratch.get(), pool, &times);
    benchmark::ClobberMemory();
  }
  const auto microseconds = [](int64_t nanoseconds) {
    return benchmark::Counter(static_cast<double>(nanoseconds) * 1e-3, benchmark::Counter::kAvgIterations);
  };
  state.counters["rank_us"] = microseconds(times.rank);
  state.counters["select_us"] = microseconds(times.select);
  state.counters["gather_us"] = microseconds(times.gather);
  state.counters["gemm_us"] = microseconds(times.gemm);
  state.counters["FLOPS"] = benchmark::Counter(2.0 * macs, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace tfsparse::core

#endif  // TFSPARSE_BENCH_WINNER_BENCH_H_
