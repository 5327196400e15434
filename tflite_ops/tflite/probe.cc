// SPDX-License-Identifier: Apache-2.0
//
// TfSparseProbe: tensors, clock or none -> the same tensors, and a clock unless it is the last probe. It times what ran
// since the probe before it: whatever reads its outputs runs after it, and what made its inputs before. The clock, a
// time in nanoseconds, goes from probe to probe as a tensor, so that every interpreter has its own.
#include <chrono>
#include <utility>

#include "tflite/error.h"
#include "tflite/winner_op.h"

namespace tfsparse::tflite {
namespace {

int64_t Now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// A clock that no probe wrote may hold anything.
int64_t Elapsed(int64_t start, int64_t end) { return start > 0 && start < end ? end - start : 0; }

void CheckClock(const Dims& clock) {
  if (clock != Dims{1}) Fail("input `clock` must be [1]. Received: ", ToString(clock), ".");
}

class Probe : public WinnerOp {
 public:
  explicit Probe(ProbeOptions options) : options_(std::move(options)) {}

  size_t Prepare(const NodeView& node, Engine&) override {
    tensors_ = node.input_count() - 1;
    const int outputs = node.output_count();
    if (tensors_ < 1 || (outputs != tensors_ && outputs != tensors_ + 1)) {
      Fail("the op takes tensors and a clock, and gives as many tensors, and a clock or none. Received: ",
           node.input_count(), " inputs and ", outputs, " outputs.");
    }
    for (int i = 0; i < tensors_; ++i) node.ResizeOutputLikeInput(i);
    if (node.HasInput(tensors_)) CheckClock(node.LongDims(tensors_, "clock"));
    if (node.HasOutput(tensors_)) node.ResizeOutput({1}, kTfLiteInt64, tensors_);
    return 0;
  }

  std::string KernelName() const override { return options_.operator_name; }

  // Any of its outputs may be the one that is read.
  bool HasWork(const NodeView&) const override { return true; }

  void Eval(const NodeView& node, Engine&, core::PhaseTimes* times) override {
    const int64_t end_of_layer = Now();
    if (times != nullptr && node.HasInput(tensors_)) times->layer += Elapsed(*node.Longs(tensors_), end_of_layer);
    for (int i = 0; i < tensors_; ++i) node.CopyInputToOutput(i);
    const int64_t start_of_next = Now();
    if (times != nullptr) times->copy += start_of_next - end_of_layer;
    if (node.HasOutput(tensors_) && node.HasMemory(tensors_)) *node.OutputLongs(tensors_) = start_of_next;
  }

 private:
  const ProbeOptions options_;
  int tensors_ = 0;
};

}  // namespace

std::unique_ptr<WinnerOp> CreateProbe(const void* options, size_t size) {
  return std::make_unique<Probe>(ParseProbeOptions(options, size));
}

}  // namespace tfsparse::tflite
