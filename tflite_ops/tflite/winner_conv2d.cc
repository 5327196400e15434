// SPDX-License-Identifier: Apache-2.0
//
// TfSparseWinnerConv2D: x [N, H, W, C], winners [N, k] or none, filter [O, KH, KW, C], bias [O] or none -> y [N, OH,
// OW, O] and, if wanted, scores [N, O].
#include "core/winner_conv2d.h"

#include <string>

#include "core/conv2d/choose_method.h"
#include "tflite/conv2d_window.h"
#include "tflite/error.h"
#include "tflite/kept_kernel.h"
#include "tflite/winner_op.h"

namespace tfsparse::tflite {
namespace {

enum Input { kX, kWinners, kFilter, kBias };
enum Output { kY, kScores };

class WinnerConv2D : public WinnerOp {
 public:
  explicit WinnerConv2D(const WinnerConv2DOptions& options) : options_(options) {}

  size_t Prepare(const NodeView& node, Engine& engine) override {
    node.CheckCounts(3, 4, 2);
    CheckSkipZeros(options_.skip_zeros, node.HasInput(kWinners));
    const core::Conv2DShape shape = CheckShape(node);
    const int winners =
        node.HasInput(kWinners) ? CheckWinners(node.IntDims(kWinners, "winners"), shape.batch, shape.in_c) : shape.in_c;
    node.ResizeOutput({shape.batch, shape.out_h, shape.out_w, shape.out_c}, kTfLiteFloat32, kY);
    if (node.HasOutput(kScores)) node.ResizeOutput({shape.batch, shape.out_c}, kTfLiteFloat32, kScores);

    return kernel_.Prepare(shape, winners, [&](const core::Conv2DShape& sample, auto& kernel) {
      const float* bias = node.HasInput(kBias) ? node.Floats(kBias) : nullptr;
      const core::Conv2DConstants constants = {node.Floats(kFilter), bias, options_.activation};
      kernel.emplace(sample, constants, winners, ChooseMethod(sample, winners, engine), engine.isa(),
                     engine.pool().num_threads(), options_.skip_zeros);
    });
  }

  std::string KernelName() const override {
    if (kernel_.get() == nullptr) return "";
    return (options_.skip_zeros ? "zero_skip or " : "") + std::string(core::MethodName(kernel_.get()->method()));
  }
  size_t WeightBytes() const override { return kernel_.get() == nullptr ? 0 : kernel_.get()->weight_bytes(); }

  void Eval(const NodeView& node, Engine& engine, core::PhaseTimes* times) override {
    if (kernel_.batch() == 0) return;
    const int32_t* const winners = node.HasInput(kWinners) ? node.Ints(kWinners) : nullptr;
    float* const scores = node.HasOutput(kScores) ? node.OutputFloats(kScores) : nullptr;
    if (!kernel_.get()->Run(kernel_.batch(), node.Floats(kX), winners, node.OutputFloats(kY), engine.scratch(),
                            engine.pool(), times, scores)) {
      FailMalformedWinners();
    }
  }

 private:
  core::Conv2DShape CheckShape(const NodeView& node) const {
    const Dims x = node.FloatDims(kX, "x");
    if (x.size() != 4) Fail("input `x` must be [batch, height, width, channels]. Received: ", ToString(x), ".");
    const Dims filter = node.ConstantDims(kFilter, "filter");
    if (filter.size() != 4 || filter[3] != x[3]) {
      Fail("input `filter` must be [outputs, height, width, ", x[3], "]. Received: ", ToString(filter), ".");
    }
    CheckBias(node, kBias, filter[0]);

    core::Conv2DShape shape = WindowShape(x, filter, options_.window);
    shape.out_c = filter[0];
    FitWindow(x, filter, "filter", options_.window.padding, &shape);
    CheckTableSize(shape);
    return shape;
  }

  // The kernel keeps, for every output pixel, which input pixel each tap of the filter reads.
  static void CheckTableSize(const core::Conv2DShape& shape) {
    constexpr int64_t kLimit = 1 << 27;
    const int64_t taps = int64_t{shape.kernel_h} * shape.kernel_w;
    const int64_t pixels = int64_t{shape.out_h} * shape.out_w;
    if (pixels > kLimit / taps) {
      Fail("filter height * width, times output height * width, must be at most ", kLimit, ". Received: ", taps, " * ",
           pixels, ".");
    }
  }

  // What the model says counts more than what the delegate says. Beyond the limit of memory, weights are not
  // transformed.
  core::Conv2DMethod ChooseMethod(const core::Conv2DShape& shape, int winners, Engine& engine) {
    const bool is_open = options_.method == core::Conv2DMethod::kAuto;
    const core::Conv2DMethod wanted = is_open ? engine.method() : options_.method;
    const core::Conv2DMethod method = core::ChooseMethod(shape, winners, wanted);
    engine.GiveBackWinogradBytes(winograd_bytes_);
    winograd_bytes_ = core::WinogradWeightBytes(shape, method, engine.isa());
    if (engine.TakeWinogradBytes(winograd_bytes_)) return method;
    winograd_bytes_ = 0;
    return core::Conv2DMethod::kDirect;
  }

  const WinnerConv2DOptions options_;
  size_t winograd_bytes_ = 0;  // taken from the engine
  KeptKernel<core::WinnerConv2D, core::Conv2DShape> kernel_;
};

}  // namespace

std::unique_ptr<WinnerOp> CreateWinnerConv2D(const void* options, size_t size) {
  return std::make_unique<WinnerConv2D>(ParseWinnerConv2DOptions(options, size));
}

}  // namespace tfsparse::tflite
