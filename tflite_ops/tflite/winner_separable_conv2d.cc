// SPDX-License-Identifier: Apache-2.0
//
// TfSparseWinnerSeparableConv2D: x [N, H, W, C], winners [N, k], depthwise filter [1, KH, KW, C], filter [O, 1, 1, C],
// depthwise bias [C] or none, bias [O] or none -> y [N, OH, OW, O] and, if wanted, scores [N, O].
#include "core/winner_separable_conv2d.h"

#include <string>

#include "tflite/depthwise_shape.h"
#include "tflite/error.h"
#include "tflite/kept_kernel.h"
#include "tflite/winner_op.h"

namespace tfsparse::tflite {
namespace {

enum Input { kX, kWinners, kDepthwiseFilter, kFilter, kDepthwiseBias, kBias };
enum Output { kY, kScores };

class WinnerSeparableConv2D : public WinnerOp {
 public:
  explicit WinnerSeparableConv2D(const WinnerSeparableConv2DOptions& options) : options_(options) {}

  size_t Prepare(const NodeView& node, Engine& engine) override {
    node.CheckCounts(4, 6, 2);
    const core::Conv2DShape shape = CheckShape(node);
    const int winners = CheckWinners(node.IntDims(kWinners, "winners"), shape.batch, shape.in_c);
    node.ResizeOutput({shape.batch, shape.out_h, shape.out_w, shape.out_c}, kTfLiteFloat32, kY);
    if (node.HasOutput(kScores)) node.ResizeOutput({shape.batch, shape.out_c}, kTfLiteFloat32, kScores);

    return kernel_.Prepare(shape, winners, [&](const core::Conv2DShape& sample, auto& kernel) {
      kernel.emplace(sample, Constants(node, kDepthwiseFilter, kDepthwiseBias, options_.depthwise_activation),
                     Constants(node, kFilter, kBias, options_.activation), winners, engine.isa(),
                     engine.pool().num_threads());
    });
  }

  std::string KernelName() const override { return "separable"; }
  size_t WeightBytes() const override { return kernel_.get() == nullptr ? 0 : kernel_.get()->weight_bytes(); }

  void Eval(const NodeView& node, Engine& engine, core::PhaseTimes* times) override {
    if (kernel_.batch() == 0) return;
    float* const scores = node.HasOutput(kScores) ? node.OutputFloats(kScores) : nullptr;
    if (!kernel_.get()->Run(kernel_.batch(), node.Floats(kX), node.Ints(kWinners), node.OutputFloats(kY),
                            engine.scratch(), engine.pool(), times, scores)) {
      FailMalformedWinners();
    }
  }

 private:
  core::Conv2DShape CheckShape(const NodeView& node) const {
    core::Conv2DShape shape = CheckDepthwiseShape(node, kDepthwiseFilter, options_.window);
    const Dims filter = node.ConstantDims(kFilter, "filter");
    if (filter.size() != 4 || filter[1] != 1 || filter[2] != 1 || filter[3] != shape.in_c) {
      Fail("input `filter` must be [outputs, 1, 1, ", shape.in_c, "]. Received: ", ToString(filter), ".");
    }
    CheckBias(node, kDepthwiseBias, shape.in_c, "depthwise bias");
    CheckBias(node, kBias, filter[0]);
    shape.out_c = filter[0];
    return shape;
  }

  static core::Conv2DConstants Constants(const NodeView& node, int filter, int bias, core::Clamp clamp) {
    return {node.Floats(filter), node.HasInput(bias) ? node.Floats(bias) : nullptr, clamp};
  }

  const WinnerSeparableConv2DOptions options_;
  KeptKernel<core::WinnerSeparableConv2D, core::Conv2DShape> kernel_;
};

}  // namespace

std::unique_ptr<WinnerOp> CreateWinnerSeparableConv2D(const void* options, size_t size) {
  return std::make_unique<WinnerSeparableConv2D>(ParseWinnerSeparableConv2DOptions(options, size));
}

}  // namespace tfsparse::tflite
