// SPDX-License-Identifier: Apache-2.0
//
// TfSparseSelectWinners: x [N, ..., C] -> winners int32 [N, k].
#include <optional>

#include "core/winner_select.h"
#include "tflite/error.h"
#include "tflite/winner_op.h"

namespace tfsparse::tflite {
namespace {

class SelectWinners : public WinnerOp {
 public:
  explicit SelectWinners(const SelectWinnersOptions& options) : options_(options) {}

  size_t Prepare(const NodeView& node, Engine& engine) override {
    node.CheckCounts(1, 1);
    const Dims x = node.FloatDims(0, "x");
    if (x.size() < 2) Fail("input `x` must have a batch and at least one more dimension. Received: ", ToString(x), ".");

    const int channels = x.back();
    const int pixels = Product(x, 1, x.size() - 1);
    const bool is_channel = options_.unit == core::Unit::kChannel;
    const int limit = is_channel ? channels : Product(x, 1, x.size());
    if (options_.winners > limit) {
      Fail("option `winners` must be at most the number of ", is_channel ? "channels" : "neurons of a sample", ", ",
           limit, ". Received: ", options_.winners, ".");
    }
    node.ResizeOutput({x[0], options_.winners}, kTfLiteInt32);

    kernel_.reset();
    if (x[0] == 0) return 0;
    kernel_.emplace(core::WinnerSelectShape{x[0], pixels, channels, options_.winners, options_.unit, options_.score},
                    engine.isa());
    return kernel_->scratch_bytes();
  }

  void Eval(const NodeView& node, Engine& engine, core::PhaseTimes* times) override {
    if (kernel_) kernel_->Run(node.Floats(0), node.OutputInts(), engine.scratch(), engine.pool(), times);
  }

 private:
  const SelectWinnersOptions options_;
  std::optional<core::WinnerSelect> kernel_;  // none for an empty batch
};

}  // namespace

std::unique_ptr<WinnerOp> CreateSelectWinners(const void* options, size_t size) {
  return std::make_unique<SelectWinners>(ParseSelectWinnersOptions(options, size));
}

}  // namespace tfsparse::tflite
