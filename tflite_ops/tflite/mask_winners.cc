// SPDX-License-Identifier: Apache-2.0
//
// TfSparseMaskWinners: x [N, ..., C], winners [N, k] -> x with the losers set to zero.
#include "core/winner_mask.h"
#include "tflite/error.h"
#include "tflite/winner_op.h"

namespace tfsparse::tflite {
namespace {

class MaskWinners : public WinnerOp {
 public:
  explicit MaskWinners(const MaskWinnersOptions& options) : options_(options) {}

  size_t Prepare(const NodeView& node, Engine&) override {
    node.CheckCounts(2, 2);
    const Dims x = node.FloatDims(0, "x");
    if (x.size() < 2) Fail("input `x` must have a batch and at least one more dimension. Received: ", ToString(x), ".");

    const int channels = x.back();
    const int pixels = Product(x, 1, x.size() - 1);
    const int limit = options_.unit == core::Unit::kChannel ? channels : Product(x, 1, x.size());
    const int winners = CheckWinners(node.IntDims(1, "winners"), x[0], limit);
    shape_ = {x[0], pixels, channels, winners, options_.unit};
    node.ResizeOutput(x, kTfLiteFloat32);
    return 0;
  }

  void Eval(const NodeView& node, Engine& engine, core::PhaseTimes* times) override {
    if (shape_.batch == 0) return;
    if (!core::MaskWinners(shape_, node.Floats(0), node.Ints(1), node.OutputFloats(), engine.pool(), times)) {
      FailMalformedWinners();
    }
  }

 private:
  const MaskWinnersOptions options_;
  core::WinnerMaskShape shape_ = {};
};

}  // namespace

std::unique_ptr<WinnerOp> CreateMaskWinners(const void* options, size_t size) {
  return std::make_unique<MaskWinners>(ParseMaskWinnersOptions(options, size));
}

}  // namespace tfsparse::tflite
