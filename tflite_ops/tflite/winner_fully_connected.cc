// SPDX-License-Identifier: Apache-2.0
//
// TfSparseWinnerFullyConnected: x, winners [N, k] or none, weights [O, taps * channels], bias [O] or none -> [..., O].
#include "core/winner_fully_connected.h"

#include <string>

#include "tflite/error.h"
#include "tflite/kept_kernel.h"
#include "tflite/winner_op.h"

namespace tfsparse::tflite {
namespace {

enum Input { kX, kWinners, kWeights, kBias };

class WinnerFullyConnected : public WinnerOp {
 public:
  explicit WinnerFullyConnected(const WinnerFullyConnectedOptions& options) : options_(options) {}

  size_t Prepare(const NodeView& node, Engine& engine) override {
    node.CheckCounts(3, 4);
    const Dims x = node.FloatDims(kX, "x");
    CheckSkipZeros(options_.skip_zeros, node.HasInput(kWinners));
    const core::FullyConnectedShape shape = CheckShape(node, x);
    const int capacity = node.HasInput(kWinners)
                             ? CheckWinners(node.IntDims(kWinners, "winners"), shape.batch, shape.channels)
                             : shape.channels;
    node.ResizeOutput(OutputDims(x, shape), kTfLiteFloat32);

    return kernel_.Prepare(shape, capacity, [&](const core::FullyConnectedShape& sample, auto& kernel) {
      const float* bias = node.HasInput(kBias) ? node.Floats(kBias) : nullptr;
      kernel.emplace(sample, node.Floats(kWeights), bias, options_.activation, capacity, engine.isa(),
                     engine.pool().num_threads(), options_.skip_zeros);
    });
  }

  std::string KernelName() const override { return kernel_.get() == nullptr ? "" : kernel_.get()->name(); }
  size_t WeightBytes() const override { return kernel_.get() == nullptr ? 0 : kernel_.get()->weight_bytes(); }

  void Eval(const NodeView& node, Engine& engine, core::PhaseTimes* times) override {
    if (kernel_.batch() == 0) return;
    const int32_t* const winners = node.HasInput(kWinners) ? node.Ints(kWinners) : nullptr;
    if (!kernel_.get()->Run(kernel_.batch(), node.Floats(kX), winners, node.OutputFloats(), engine.scratch(),
                            engine.pool(), times)) {
      FailMalformedWinners();
    }
  }

 private:
  core::FullyConnectedShape CheckShape(const NodeView& node, const Dims& x) const {
    const Dims weights = node.ConstantDims(kWeights, "weights");
    if (weights.size() != 2 || weights[1] % options_.channels != 0) {
      Fail("input `weights` must be [outputs, a multiple of the option `channels` = ", options_.channels,
           "]. Received: ", ToString(weights), ".");
    }
    CheckBias(node, kBias, weights[0]);
    const int batch = node.HasInput(kWinners) ? CheckedBatch(node) : Batch(x, weights[1]);
    const int64_t elements = Product(x, 0, x.size());
    const int64_t sample = int64_t{batch} * weights[1];
    const bool fits = sample == 0 ? elements == 0 : elements > 0 && elements % sample == 0;
    if (!fits) {
      Fail("input `x` must hold a multiple of ", batch, " samples * ", weights[1], " inputs. Received: ", ToString(x),
           ".");
    }
    const int rows = sample == 0 ? 1 : static_cast<int>(elements / sample);
    return {batch, rows, weights[1] / options_.channels, options_.channels, weights[0]};
  }

  static int CheckedBatch(const NodeView& node) {
    const Dims winners = node.IntDims(kWinners, "winners");
    if (winners.size() != 2) Fail("input `winners` must be [batch, k]. Received: ", ToString(winners), ".");
    return winners[0];
  }

  // Without winners nothing tells the vectors of one sample from those of another: they are the rows of one, which
  // share the weights that are read.
  static int Batch(const Dims& x, int inputs) {
    const int64_t elements = Product(x, 0, x.size());
    if (elements % inputs != 0) {
      Fail("input `x` must hold a multiple of ", inputs, " inputs. Received: ", ToString(x), ".");
    }
    return elements > 0 ? 1 : 0;
  }

  Dims OutputDims(const Dims& x, const core::FullyConnectedShape& shape) const {
    if (!options_.keep_num_dims) return {shape.batch * shape.rows, shape.out};
    if (x.empty() || x.back() != shape.taps * shape.channels) {
      Fail("with `keep_num_dims` the last dimension of input `x` must be ", shape.taps * shape.channels,
           ". Received: ", ToString(x), ".");
    }
    Dims output = x;
    output.back() = shape.out;
    return output;
  }

  const WinnerFullyConnectedOptions options_;
  KeptKernel<core::WinnerFullyConnected, core::FullyConnectedShape> kernel_;
};

}  // namespace

std::unique_ptr<WinnerOp> CreateWinnerFullyConnected(const void* options, size_t size) {
  return std::make_unique<WinnerFullyConnected>(ParseWinnerFullyConnectedOptions(options, size));
}

}  // namespace tfsparse::tflite
