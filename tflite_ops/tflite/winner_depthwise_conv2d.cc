// SPDX-License-Identifier: Apache-2.0
//
// TfSparseWinnerDepthwiseConv2D: x [N, H, W, C], winners [N, k], filter [1, KH, KW, C], bias [C] or none -> [N, OH, OW,
// C].
#include "core/winner_depthwise_conv2d.h"

#include <string>

#include "tflite/depthwise_shape.h"
#include "tflite/kept_kernel.h"
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

    return kernel_.Prepare(shape, winners, [&](const core::Conv2DShape& sample, auto& kernel) {
      const float* bias = node.HasInput(kBias) ? node.Floats(kBias) : nullptr;
      const core::Conv2DConstants constants = {node.Floats(kFilter), bias, options_.activation};
      kernel.emplace(sample, constants, winners, engine.isa(), engine.pool().num_threads());
    });
  }

  std::string KernelName() const override { return "depthwise"; }
  void Eval(const NodeView& node, Engine& engine, core::PhaseTimes* times) override {
    if (kernel_.batch() == 0) return;
    if (!kernel_.get()->Run(kernel_.batch(), node.Floats(kX), node.Ints(kWinners), node.OutputFloats(),
                            engine.scratch(), engine.pool(), times)) {
      FailMalformedWinners();
    }
  }

 private:
  const WinnerDepthwiseConv2DOptions options_;
  KeptKernel<core::WinnerDepthwiseConv2D, core::Conv2DShape> kernel_;
};

}  // namespace

std::unique_ptr<WinnerOp> CreateWinnerDepthwiseConv2D(const void* options, size_t size) {
  return std::make_unique<WinnerDepthwiseConv2D>(ParseWinnerDepthwiseConv2DOptions(options, size));
}

}  // namespace tfsparse::tflite
