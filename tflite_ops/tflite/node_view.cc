// SPDX-License-Identifier: Apache-2.0
#include "tflite/node_view.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string>

#include "tflite/error.h"

namespace tfsparse::tflite {
namespace {

// Of float32, int32 and int64.
size_t ElementBytes(TfLiteType type) { return type == kTfLiteInt64 ? 8 : 4; }

const char* TypeName(TfLiteType type) {
  switch (type) {
    case kTfLiteFloat32:
      return "float32";
    case kTfLiteInt32:
      return "int32";
    case kTfLiteInt64:
      return "int64";
    default:
      return "another type";
  }
}

Dims ToDims(const TfLiteIntArray* dims) {
  return dims == nullptr ? Dims() : Dims(dims->data, dims->data + std::max(dims->size, 0));
}

bool HasFixedSize(TfLiteType type) {
  return type != kTfLiteNoType && type != kTfLiteString && type != kTfLiteResource && type != kTfLiteVariant;
}

// The runtime frees what it gets with free().
TfLiteIntArray* ToIntArray(const Dims& dims) {
  auto* array = static_cast<TfLiteIntArray*>(std::malloc(sizeof(int) * (dims.size() + 1)));
  if (array == nullptr) throw std::bad_alloc();
  array->size = static_cast<int>(dims.size());
  std::copy(dims.begin(), dims.end(), array->data);
  return array;
}

}  // namespace

int Product(const Dims& dims, size_t begin, size_t end) {
  int64_t product = 1;
  for (size_t i = begin; i < end; ++i) {
    product *= dims[i];
    if (product > std::numeric_limits<int>::max()) {
      Fail("a tensor may have at most ", std::numeric_limits<int>::max(), " elements. Received: ", ToString(dims), ".");
    }
  }
  return static_cast<int>(product);
}

void NodeView::CheckCounts(int min_inputs, int max_inputs, int max_outputs) const {
  const int inputs = static_cast<int>(tensors_.inputs.size());
  if (inputs < min_inputs || inputs > max_inputs) {
    Fail("the op takes ", min_inputs, " to ", max_inputs, " inputs. Received: ", inputs, ".");
  }
  const int outputs = static_cast<int>(tensors_.outputs.size());
  if (outputs < 1 || outputs > max_outputs) {
    Fail("the op has ", max_outputs == 1 ? "one output" : "1 or 2 outputs", ". Received: ", outputs, ".");
  }
}

Dims NodeView::CheckedDims(int index, const char* name, TfLiteType type) const {
  if (!HasInput(index)) Fail("input `", name, "` is missing.");
  const TfLiteTensor& tensor = Input(index);
  if (tensor.type != type) {
    Fail("input `", name, "` must be ", TypeName(type), ". Received: ", TypeName(tensor.type), " (TfLiteType ",
         static_cast<int>(tensor.type), ").");
  }
  const Dims dims = ToDims(tensor.dims);
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < (i == 0 ? 0 : 1)) {
      Fail("every dimension of input `", name,
           "` must be at least 1, but for the batch, which may be 0. Received: ", ToString(dims), ".");
    }
  }
  const uint64_t bytes = uint64_t{ElementBytes(type)} * static_cast<uint64_t>(Product(dims, 0, dims.size()));
  if (tensor.bytes < bytes) {
    Fail("input `", name, "` ", ToString(dims), " must hold ", bytes, " bytes. Received: ", tensor.bytes, ".");
  }
  return dims;
}

Dims NodeView::ConstantDims(int index, const char* name) const {
  const Dims dims = FloatDims(index, name);
  const TfLiteTensor& tensor = Input(index);
  const bool is_constant = tensor.allocation_type == kTfLiteMmapRo || tensor.allocation_type == kTfLitePersistentRo;
  if (!is_constant || tensor.data.f == nullptr) {
    Fail("input `", name, "` must be a constant of the model. Received: a tensor that is computed at run time.");
  }
  if (dims.empty() || dims[0] < 1) {
    Fail("every dimension of input `", name, "` must be at least 1. Received: ", ToString(dims), ".");
  }
  return dims;
}

void NodeView::ResizeOutput(const Dims& dims, TfLiteType type, int index) const {
  if (!HasOutput(index)) Fail("output ", index, " is missing.");
  TfLiteTensor& output = Output(index);
  if (output.type != type) {
    Fail("the output must be ", TypeName(type), ". Received: ", TypeName(output.type), " (TfLiteType ",
         static_cast<int>(output.type), ").");
  }
  Product(dims, 0, dims.size());  // throws if the output is too large
  if (context_->ResizeTensor(context_, &output, ToIntArray(dims)) != kTfLiteOk) {
    Fail("the runtime refused to give the output the shape ", ToString(dims), ".");
  }
}

void NodeView::ResizeOutputLikeInput(int index) const {
  if (!HasInput(index)) Fail("input ", index, " is missing.");
  const TfLiteTensor& input = Input(index);
  if (!HasFixedSize(input.type)) {
    Fail("input ", index, " must hold numbers. Received: TfLiteType ", static_cast<int>(input.type), ".");
  }
  const Dims dims = ToDims(input.dims);
  if (std::any_of(dims.begin(), dims.end(), [](int dim) { return dim < 0; })) {
    Fail("no dimension of input ", index, " may be negative. Received: ", ToString(dims), ".");
  }
  ResizeOutput(dims, input.type, index);
  if (Output(index).bytes != input.bytes) {
    Fail("input ", index, " ", ToString(dims), " must hold ", Output(index).bytes, " bytes. Received: ", input.bytes,
         ".");
  }
}

void NodeView::CopyInputToOutput(int index) const {
  const TfLiteTensor& input = Input(index);
  const TfLiteTensor& output = Output(index);
  if (HasMemory(index) && input.bytes > 0 && output.data.data != input.data.data)
    std::memcpy(output.data.data, input.data.data, input.bytes);
}

std::string ToString(const Dims& dims) {
  std::string text = "[";
  for (const int dim : dims) text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
  return text + "]";
}

int CheckWinners(const Dims& winners, int batch, int limit) {
  if (winners.size() != 2 || winners[0] != batch || winners[1] > limit) {
    Fail("input `winners` must be [", batch, ", k], k from 1 to ", limit, ". Received: ", ToString(winners), ".");
  }
  return winners[1];
}

void CheckSkipZeros(bool skip_zeros, bool has_winners) {
  if (skip_zeros && has_winners) {
    Fail("option `skip_zeros` must be false where the input `winners` is present. Received: true.");
  }
}

void CheckBias(const NodeView& node, int index, int outputs, const char* name) {
  if (!node.HasInput(index)) return;
  const Dims bias = node.ConstantDims(index, name);
  if (bias != Dims{outputs}) Fail("input `", name, "` must be [", outputs, "]. Received: ", ToString(bias), ".");
}

void FailMalformedWinners() {
  Fail(
      "input `winners` must hold, in each row, ascending indices of channels (or neurons) followed by -1 alone. "
      "Received: a row that does not.");
}

}  // namespace tfsparse::tflite
