// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_WINNER_OP_H_
#define TFSPARSE_TFLITE_WINNER_OP_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/phase_times.h"
#include "tflite/engine.h"
#include "tflite/node_view.h"
#include "tflite/op_options.h"

namespace tfsparse::tflite {

// One node of a model. Its constructor reads the options; all members throw Error for a model that cannot be served.
class WinnerOp {
 public:
  virtual ~WinnerOp() = default;

  // Checks the tensors, sizes the output and gets the kernel ready; returns the bytes of scratch memory that Eval
  // needs. The runtime calls it again whenever an input may have changed its size.
  virtual size_t Prepare(const NodeView& node, Engine& engine) = 0;

  // What computes the output, for people: known once Prepare has returned.
  virtual std::string KernelName() const { return {}; }

  // Memory of the packed weights, in bytes.
  virtual size_t WeightBytes() const { return 0; }

  // Whether there is an output to compute.
  virtual bool HasWork(const NodeView& node) const { return node.HasMemory(0); }

  // Computes the output. `times` is null unless the delegate profiles.
  virtual void Eval(const NodeView& node, Engine& engine, core::PhaseTimes* times) = 0;
};

// How to recognise and make the nodes of one operator.
struct WinnerOpType {
  OpSpec spec;
  std::unique_ptr<WinnerOp> (*create)(const void* options, size_t size);
  uint64_t inplace_operator = kTfLiteInplaceOpNone;  // which inputs and outputs may share memory
};

// Null unless `name` is the custom code of an operator of ours.
const WinnerOpType* FindWinnerOpType(std::string_view name);

std::unique_ptr<WinnerOp> CreateSelectWinners(const void* options, size_t size);
std::unique_ptr<WinnerOp> CreateMaskWinners(const void* options, size_t size);
std::unique_ptr<WinnerOp> CreateWinnerConv2D(const void* options, size_t size);
std::unique_ptr<WinnerOp> CreateWinnerFullyConnected(const void* options, size_t size);
std::unique_ptr<WinnerOp> CreateWinnerDepthwiseConv2D(const void* options, size_t size);
std::unique_ptr<WinnerOp> CreateWinnerSeparableConv2D(const void* options, size_t size);
std::unique_ptr<WinnerOp> CreateProbe(const void* options, size_t size);

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_WINNER_OP_H_
