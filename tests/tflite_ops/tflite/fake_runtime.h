// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TESTS_FAKE_RUNTIME_H_
#define TFSPARSE_TESTS_FAKE_RUNTIME_H_

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "c_api/tflite_abi.h"
#include "tests/tflite_ops/tflite/registrations.h"

namespace tfsparse::tflite {

// A tensor as a model's file or the runtime may present it.
struct FakeTensor {
  TfLiteType type = kTfLiteFloat32;
  std::vector<int> dims;
  size_t bytes = 0;
  bool is_constant = false;
  std::vector<float> contents;  // of a constant, `bytes` long; the others get theirs before they run
};

// What a runtime is handed for a TfLiteRegistration: on 32 bits it must be what that version knows.
using FakeRegistration = std::conditional_t<sizeof(void*) == 8, TfLiteRegistration, Registration2_14>;

// What TensorFlow Lite does with a model of one operator, behind one that concerns nobody, and a delegate: hands the
// node over, prepares it, gives memory to what is not constant, runs it. Every tensor's memory ends where the tensor
// does, so that sanitizers see it crossed.
class FakeRuntime {
 public:
  FakeRuntime(std::string op_name, std::vector<uint8_t> options, const std::vector<FakeTensor>& inputs,
              const std::vector<int>& input_order, const std::vector<TfLiteType>& output_types)
      : op_name_(std::move(op_name)), options_(std::move(options)) {
    for (const FakeTensor& input : inputs) AddTensor(input);
    std::vector<int> outputs;
    for (const TfLiteType type : output_types) {
      FakeTensor output;
      output.type = type;
      AddTensor(output);
      outputs.push_back(static_cast<int>(tensors_.size()) - 1);
    }
    inputs_ = ToArray(input_order);
    outputs_ = ToArray(outputs);
    delegate_node_.inputs = ToArray(Ascending(input_order));
    delegate_node_.outputs = ToArray(outputs);
    plan_ = ToArray({1});
    TfLiteNode& node = nodes_[1].first;
    node.inputs = inputs_;
    node.outputs = outputs_;
    node.custom_initial_data = options_.data();
    node.custom_initial_data_size = static_cast<int>(options_.size());
    nodes_[1].second.builtin_code = kTfLiteBuiltinCustom;
    nodes_[1].second.custom_name = op_name_.c_str();
    FillContext();
  }

  ~FakeRuntime() {
    if (delegate_node_.user_data != nullptr) kernel_.free(&context_, delegate_node_.user_data);
    for (TfLiteTensor& tensor : tensors_) {
      std::free(tensor.dims);
      std::free(tensor.data.data);
    }
    for (TfLiteIntArray* array : {inputs_, outputs_, delegate_node_.inputs, delegate_node_.outputs, plan_}) {
      std::free(array);
    }
  }
  FakeRuntime(const FakeRuntime&) = delete;
  FakeRuntime& operator=(const FakeRuntime&) = delete;

  // Hands the node over. False if the delegate does not want it.
  bool Delegate(TfLiteDelegate* delegate) {
    if (delegate->Prepare(&context_, delegate) != kTfLiteOk || kernel_.init == nullptr) return false;
    TfLiteDelegateParams params = {delegate, plan_, inputs_, outputs_};
    delegate_node_.user_data = kernel_.init(&context_, reinterpret_cast<const char*>(&params), 0);
    return true;
  }

  bool Prepare() { return kernel_.prepare(&context_, &delegate_node_) == kTfLiteOk; }

  void Resize(size_t tensor, const std::vector<int>& dims) {
    ResizeTensor(&context_, &tensors_[tensor], ToArray(dims));
  }

  // Gives memory to a tensor that is not constant, and what it holds; cut or filled up with zeros.
  void Allocate(size_t tensor, const void* contents, size_t bytes) {
    TfLiteTensor& target = tensors_[tensor];
    std::free(target.data.data);
    target.data.data = std::calloc(std::max<size_t>(target.bytes, 1), 1);
    if (bytes > 0) std::memcpy(target.data.data, contents, std::min(bytes, target.bytes));
  }

  void Run() { kernel_.invoke(&context_, &delegate_node_); }

  const TfLiteTensor& tensor(size_t index) const { return tensors_[index]; }
  size_t output_count() const { return static_cast<size_t>(outputs_->size); }
  const TfLiteTensor& output(int index = 0) const { return tensors_[outputs_->data[index]]; }

 private:
  static TfLiteIntArray* ToArray(const std::vector<int>& values) {
    auto* array = static_cast<TfLiteIntArray*>(std::malloc(sizeof(int) * (values.size() + 1)));
    array->size = static_cast<int>(values.size());
    std::copy(values.begin(), values.end(), array->data);
    return array;
  }

  // A runtime's own list of the tensors of a node.
  static std::vector<int> Ascending(std::vector<int> tensors) {
    tensors.erase(std::remove(tensors.begin(), tensors.end(), kTfLiteOptionalTensor), tensors.end());
    std::sort(tensors.begin(), tensors.end());
    tensors.erase(std::unique(tensors.begin(), tensors.end()), tensors.end());
    return tensors;
  }

  void AddTensor(const FakeTensor& source) {
    TfLiteTensor tensor = {};
    tensor.type = source.type;
    tensor.dims = ToArray(source.dims);
    tensor.bytes = source.bytes;
    tensor.allocation_type = source.is_constant ? kTfLiteMmapRo : kTfLiteArenaRw;
    tensors_.push_back(tensor);
    if (source.is_constant) {
      Allocate(tensors_.size() - 1, source.contents.data(), source.contents.size() * sizeof(float));
    }
  }

  void FillContext() {
    context_.tensors_size = tensors_.size();
    context_.tensors = tensors_.data();
    context_.impl_ = this;
    context_.recommended_num_threads = 1;
    context_.GetExecutionPlan = [](TfLiteContext* context, TfLiteIntArray** plan) {
      *plan = static_cast<FakeRuntime*>(context->impl_)->plan_;
      return kTfLiteOk;
    };
    context_.GetNodeAndRegistration = [](TfLiteContext* context, int index, TfLiteNode** node,
                                         TfLiteRegistration** registration) {
      auto& place = static_cast<FakeRuntime*>(context->impl_)->nodes_[index];
      *node = &place.first;
      *registration = reinterpret_cast<TfLiteRegistration*>(&place.second);
      return kTfLiteOk;
    };
    context_.ReplaceNodeSubsetsWithDelegateKernels =
        reinterpret_cast<decltype(context_.ReplaceNodeSubsetsWithDelegateKernels)>(ReplaceNodes);
    context_.ResizeTensor = ResizeTensor;
    context_.ReportError = ReportError;
  }

  static TfLiteStatus ReplaceNodes(TfLiteContext* context, FakeRegistration kernel, const TfLiteIntArray*,
                                   TfLiteDelegate*) {
    static_cast<FakeRuntime*>(context->impl_)->kernel_ = kernel;
    return kTfLiteOk;
  }

  // Only formats, as a runtime that prints would.
  static void ReportError(TfLiteContext*, const char* format, ...) {
    char message[4096];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
  }

  static size_t ElementBytes(TfLiteType type) {
    switch (static_cast<int>(type)) {
      case kTfLiteInt64:
        return 8;
      case 3:  // uint8
      case 9:  // int8
        return 1;
      default:
        return 4;
    }
  }

  static TfLiteStatus ResizeTensor(TfLiteContext*, TfLiteTensor* tensor, TfLiteIntArray* dims) {
    std::free(tensor->dims);
    tensor->dims = dims;
    tensor->bytes = ElementBytes(tensor->type);
    for (int i = 0; i < dims->size; ++i) tensor->bytes *= static_cast<size_t>(dims->data[i]);
    return kTfLiteOk;
  }

  const std::string op_name_;
  const std::vector<uint8_t> options_;
  std::vector<TfLiteTensor> tensors_;
  TfLiteIntArray* inputs_;
  TfLiteIntArray* outputs_;
  TfLiteIntArray* plan_;
  std::pair<TfLiteNode, FakeRegistration> nodes_[2] = {};
  TfLiteNode delegate_node_ = {};
  FakeRegistration kernel_ = {};
  TfLiteContext context_ = {};
};

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TESTS_FAKE_RUNTIME_H_
