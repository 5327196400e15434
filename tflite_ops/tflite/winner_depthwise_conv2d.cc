// SPDX-License-Identifier: Apache-2.0
//
// TfSparseWinnerDepthwiseConv2D: x [N, H, W, C], winners [N, k], filter [1, KH, KW, C], bias [C] or none -> [N, OH, OW,
// C].
#include "core/winner_depthwise_conv2d.h"

#include <optional>

#include "tflite/depthwise_shape.h"
#include "tflite/winner_op.h"

namespace tfsparse::tflite {
namespace {

enum Input { kX, kWinners, kFilter, kBias };

class WinnerDepthwiseConv2D : public WinnerOp {
 public:
  explicit WinnerDepthwiseConv2D(const WinnerDepthwiseConv2DOptions& options) : options_(options) {}

  size_t Prepare(const NodeView& node, Engine& engine) override {
    node.CheckCounts(3, 4);
    core::Conv2DShape shape = CheckDepthwiseShape(node, kFilter, options_.window);
    shape.out_c = shape.in_c;
    CheckBias(node, kBias, shape.out_c);
    const int winners = CheckWinners(node.IntDims(kWinners, "winners"), shape.batch, shape.in_c);
    node.ResizeOutput({shape.batch, shape.out_h, shape.out_w, shape.out_c}, kTfLiteFloat32);

    batch_ = shape.batch;
    if (batch_ == 0) return 0;
    shape.batch = 1;
    if (!kernel_ || !IsSame(shape, sample_) || winners != winners_) {
      const float* bias = node.HasInput(kBias) ? node.Floats(kBias) : nullptr;
      const core::Conv2DConstants constants = {node.Floats(kFilter), bias, options_.activation};
      kernel_.emplace(shape, constants, winners, engine.isa(), engine.pool().num_threads());
      sample_ = shape;
      winners_ = winners;
    }
    return kernel_->scratch_bytes();
  }

  void Eval(const NodeView& node, Engine& engine, core::PhaseTimes* times) override {
    if (batch_ == 0) return;
    if (!kernel_->Run(batch_, node.Floats(kX), node.Ints(kWinners), node.OutputFloats(), engine.scratch(),
                      engine.pool(), times)) {
      FailMalformedWinners();
    }
  }

 private:
  const WinnerDepthwiseConv2DOptions options_;
  int batch_ = 0;
  core::Conv2DShape sample_;  // that kernel_ was made for
  int winners_ = 0;           // likewise
  std::optional<core::WinnerDepthwiseConv2D> kernel_;
};

}  // namespace

std::unique_ptr<WinnerOp> CreateWinnerDepthwiseConv2D(const void* options, size_t size) {
  return std::make_unique<WinnerDepthwiseConv2D>(ParseWinnerDepthwiseConv2DOptions(options, size));
}

}  // namespace tfsparse::tflite
