// SPDX-License-Identifier: Apache-2.0
#include "bench/layer_times.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <utility>

#include "bench/inputs.h"
#include "core/winner_conv2d.h"
#include "core/winner_fully_connected.h"

namespace tfsparse::core {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Clamp kRelu = {0.0f, std::numeric_limits<float>::infinity()};

double Milliseconds(Clock::duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

}  // namespace

template <typename Operator>
void LayerCase::Use(Operator op, std::string kernel) {
  kernel_ = std::move(kernel);
  const size_t select_bytes = select_ ? select_->scratch_bytes() : 0;
  scratch_ = AllocateFloats(std::max(op->scratch_bytes(), select_bytes) / sizeof(float));
  compute_ = [op](const float* x, const int32_t* winners, float* y, void* scratch, ThreadPool& pool) {
    op->Run(1, x, winners, y, scratch, pool, nullptr);
  };
}

LayerCase::LayerCase(const Layer& layer, const std::vector<float>& weights, std::optional<double> winner_rate,
                     const BenchOptions& options)
    : winner_rate_(winner_rate), winners_(winner_rate ? WinnerCount(*winner_rate, layer.in_c) : layer.in_c) {
  if (winner_rate) {
    indices_.resize(static_cast<size_t>(winners_));
    select_.emplace(WinnerSelectShape{1, layer.pixels(), layer.in_c, winners_, Unit::kChannel, Score::kMax},
                    options.isa);
  }
  if (layer.fully_connected) {
    const FullyConnectedShape shape = {1, 1, layer.taps(), layer.in_c, layer.out_c};
    const auto op = std::make_shared<const WinnerFullyConnected>(shape, weights.data(), nullptr, kRelu, winners_,
                                                                 options.isa, options.threads);
    Use(op, op->name());
  } else {
    const auto op =
        std::make_shared<const WinnerConv2D>(ConvShape(layer), Conv2DConstants{weights.data(), nullptr, kRelu},
                                             winners_, Conv2DMethod::kAuto, options.isa, options.threads);
    Use(op, MethodName(op->method()));
  }
}

void LayerCase::Run(const float* x, float* y, ThreadPool& pool) {
  const Clock::time_point start = Clock::now();
  if (select_) select_->Run(x, indices_.data(), scratch_.get(), pool, nullptr);
  const Clock::time_point ranked = Clock::now();
  compute_(x, select_ ? indices_.data() : nullptr, y, scratch_.get(), pool);
  milliseconds_.push_back(Milliseconds(Clock::now() - start));
  ranking_milliseconds_.push_back(Milliseconds(ranked - start));
}

void LayerCase::ForgetTimes() {
  milliseconds_.clear();
  ranking_milliseconds_.clear();
}

std::vector<LayerCase> TimeLayer(const Layer& layer, const BenchOptions& options, ThreadPool& pool) {
  const std::vector<float> weights = RandomFloats(layer.weights());
  const std::vector<float> x = RandomFloats(layer.pixels() * layer.in_c);
  std::vector<float> y(static_cast<size_t>(layer.outputs()));
  std::vector<LayerCase> cases;
  cases.emplace_back(layer, weights, std::nullopt, options);
  for (const double rate : options.winner_rates) cases.emplace_back(layer, weights, rate, options);
  for (int run = 0; run < options.warmup + options.runs; ++run) {
    for (LayerCase& one : cases) {
      if (run == options.warmup) one.ForgetTimes();
      one.Run(x.data(), y.data(), pool);
    }
  }
  return cases;
}

}  // namespace tfsparse::core
