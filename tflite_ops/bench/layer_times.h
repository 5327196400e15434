// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_BENCH_LAYER_TIMES_H_
#define TFSPARSE_BENCH_LAYER_TIMES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/bench_options.h"
#include "bench/layer.h"
#include "core/aligned_buffer.h"
#include "core/thread_pool.h"
#include "core/winner_select.h"

namespace tfsparse::core {

// One way to compute a layer, and the times that it took: dense, or over the winners, which are looked for in each run.
class LayerCase {
 public:
  // `winner_rate` none: dense. `weights` need not outlive the constructor.
  LayerCase(const Layer& layer, const std::vector<float>& weights, std::optional<double> winner_rate,
            const BenchOptions& options);

  void Run(const float* x, float* y, ThreadPool& pool);
  void ForgetTimes();

  std::optional<double> winner_rate() const { return winner_rate_; }
  int winners() const { return winners_; }
  const std::string& kernel() const { return kernel_; }
  const std::vector<double>& milliseconds() const { return milliseconds_; }
  const std::vector<double>& ranking_milliseconds() const { return ranking_milliseconds_; }

 private:
  using Compute = std::function<void(const float* x, const int32_t* winners, float* y, void* scratch, ThreadPool&)>;

  template <typename Operator>
  void Use(Operator op, std::string kernel);

  const std::optional<double> winner_rate_;
  const int winners_;
  std::optional<WinnerSelect> select_;
  Compute compute_;
  std::string kernel_;
  AlignedFloats scratch_;
  std::vector<int32_t> indices_;
  std::vector<double> milliseconds_;
  std::vector<double> ranking_milliseconds_;
};

// Times a layer dense and at every winner rate, in turns: the first case is the dense one.
std::vector<LayerCase> TimeLayer(const Layer& layer, const BenchOptions& options, ThreadPool& pool);

}  // namespace tfsparse::core

#endif  // TFSPARSE_BENCH_LAYER_TIMES_H_
