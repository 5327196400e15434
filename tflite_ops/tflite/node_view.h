// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_NODE_VIEW_H_
#define TFSPARSE_TFLITE_NODE_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "c_api/tflite_abi.h"

namespace tfsparse::tflite {

using Dims = std::vector<int>;

// Product of the dimensions in [begin, end). Throws Error if it exceeds what an int holds.
int Product(const Dims& dims, size_t begin, size_t end);

// The tensors of a node as it stands in the model. (The node that the runtime makes for a delegate lists its inputs in
// an order of its own.)
struct NodeTensors {
  std::vector<int> inputs;
  std::vector<int> outputs;
};

// Checked access to the tensors of one node. While preparing, read dimensions: that is where types and sizes are
// checked, and errors thrown. While running, read data.
class NodeView {
 public:
  NodeView(TfLiteContext* context, const NodeTensors& tensors) : context_(context), tensors_(tensors) {}

  // Throws Error unless the node has `min_inputs` to `max_inputs` inputs, and one output or more, up to `max_outputs`.
  void CheckCounts(int min_inputs, int max_inputs, int max_outputs = 1) const;

  int input_count() const { return static_cast<int>(tensors_.inputs.size()); }
  int output_count() const { return static_cast<int>(tensors_.outputs.size()); }

  bool HasInput(int index) const { return Has(tensors_.inputs, index); }
  bool HasOutput(int index) const { return Has(tensors_.outputs, index); }

  // Dimensions of an input, checked: the type, every dimension but the first at least 1, at most 2^31 - 1 elements and
  // as many bytes as they need. `name` is for the message.
  Dims FloatDims(int index, const char* name) const { return CheckedDims(index, name, kTfLiteFloat32); }
  Dims IntDims(int index, const char* name) const { return CheckedDims(index, name, kTfLiteInt32); }
  Dims LongDims(int index, const char* name) const { return CheckedDims(index, name, kTfLiteInt64); }

  // Throws Error unless an input is a float32 constant of the model; returns its dimensions, none of them 0.
  Dims ConstantDims(int index, const char* name) const;

  // Checks an output's type and gives it its dimensions.
  void ResizeOutput(const Dims& dims, TfLiteType type, int index = 0) const;

  // Gives an output the dimensions of the input in the same place, whatever their type, for CopyInputToOutput. Throws
  // Error for elements without a fixed size, such as strings.
  void ResizeOutputLikeInput(int index) const;
  void CopyInputToOutput(int index) const;

  const float* Floats(int index) const { return Input(index).data.f; }
  const int32_t* Ints(int index) const { return Input(index).data.i32; }
  const int64_t* Longs(int index) const { return Input(index).data.i64; }
  // The runtime gives no memory to an output that nothing reads, or that is empty.
  bool HasMemory(int output) const { return Output(output).data.data != nullptr; }

  float* OutputFloats(int index = 0) const { return Output(index).data.f; }
  int32_t* OutputInts() const { return Output(0).data.i32; }
  int64_t* OutputLongs(int index) const { return Output(index).data.i64; }

 private:
  static bool Has(const std::vector<int>& tensors, int index) {
    return static_cast<size_t>(index) < tensors.size() && tensors[index] != kTfLiteOptionalTensor;
  }
  const TfLiteTensor& Input(int index) const { return context_->tensors[tensors_.inputs[index]]; }
  TfLiteTensor& Output(int index) const { return context_->tensors[tensors_.outputs[index]]; }
  Dims CheckedDims(int index, const char* name, TfLiteType type) const;

  TfLiteContext* const context_;
  const NodeTensors& tensors_;
};

// "[1, 28, 28, 3]", for messages.
std::string ToString(const Dims& dims);

// Throws Error unless input `winners` of these dimensions is [batch, k] with 1 <= k <= limit; returns k.
int CheckWinners(const Dims& winners, int batch, int limit);

// Throws Error if an op that says so in its options shall skip zeros, and has winners too.
void CheckSkipZeros(bool skip_zeros, bool has_winners);

// Throws Error unless the input is absent or a constant [outputs].
void CheckBias(const NodeView& node, int index, int outputs, const char* name = "bias");

// Throws the Error for winners that a kernel refused: another op, or a damaged file, may have made them.
[[noreturn]] void FailMalformedWinners();

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_NODE_VIEW_H_
