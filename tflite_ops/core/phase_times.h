// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_CORE_PHASE_TIMES_H_
#define TFSPARSE_CORE_PHASE_TIMES_H_

#include <chrono>
#include <cstdint>

namespace tfsparse::core {

// Nanoseconds spent in each phase, summed over calls.
struct PhaseTimes {
  int64_t rank = 0;    // one score per channel
  int64_t select = 0;  // the k highest scores
  int64_t gather = 0;  // compacting the winners' activations
  int64_t gemm = 0;    // the product, and the gathering of weights that is woven into it
  int64_t mask = 0;    // writing a masked copy
  int64_t layer = 0;   // what ran before a probe
  int64_t copy = 0;    // what a probe hands on
};

// Adds the time between its construction and its destruction to one phase; does nothing when `times` is null.
class PhaseTimer {
 public:
  PhaseTimer(PhaseTimes* times, int64_t PhaseTimes::* phase) : times_(times), phase_(phase) {
    if (times_ != nullptr) start_ = std::chrono::steady_clock::now();
  }
  ~PhaseTimer() {
    if (times_ == nullptr) return;
    const auto elapsed = std::chrono::steady_clock::now() - start_;
    times_->*phase_ += std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count();
  }
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;

 private:
  PhaseTimes* const times_;
  int64_t PhaseTimes::* const phase_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace tfsparse::core

#endif  // TFSPARSE_CORE_PHASE_TIMES_H_
