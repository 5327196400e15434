// SPDX-License-Identifier: Apache-2.0
#include "tflite/delegate_node.h"

#include <exception>
#include <memory>
#include <mutex>
#include <string>

#include "tflite/delegate.h"
#include "tflite/error.h"

namespace tfsparse::tflite {
namespace {

struct DelegateNode {
  int index;
  NodeTensors tensors;
  std::string op_name;
  std::string layer;
  std::unique_ptr<WinnerOp> op;
  bool shares_memory = false;  // its first input and output may
  std::string error;           // why there is no op; Init cannot fail, so Prepare does
  std::shared_ptr<Engine> engine;
  std::shared_ptr<NodeProfile> profile;  // null unless the delegate profiles
};

Dims ToVector(const TfLiteIntArray* array) { return Dims(array->data, array->data + array->size); }

// Fills in `node` from the node of the model that it replaces.
void Load(TfLiteContext* context, const TfLiteDelegateParams& params, DelegateNode* node) {
  node->index = params.nodes_to_replace->data[0];
  TfLiteNode* original = nullptr;
  TfLiteRegistration* registration = nullptr;
  if (context->GetNodeAndRegistration(context, node->index, &original, &registration) != kTfLiteOk) {
    Fail("the runtime does not know the node.");
  }
  const void* options = original->custom_initial_data;
  const size_t size = static_cast<size_t>(original->custom_initial_data_size);
  node->tensors = {ToVector(original->inputs), ToVector(original->outputs)};
  node->op_name = registration->custom_name;
  node->layer = LayerName(options, size);
  const WinnerOpType& type = *FindWinnerOpType(node->op_name);
  node->shares_memory = type.inplace_operator != kTfLiteInplaceOpNone;
  node->op = type.create(options, size);

  Delegate& delegate = Delegate::From(params.delegate);
  node->engine = delegate.GetEngine(context->recommended_num_threads);
  if (delegate.profile()) node->profile = delegate.profile()->AddNode(node->index, node->op_name, node->layer);
}

// Where the runtime may give the first input and the first output of its own node one memory, they must be those of the
// model's node. Its own lists tensors by ascending index, and leaves out what nothing reads.
void CheckSharedTensors(const TfLiteNode& own, const NodeTensors& tensors) {
  const auto begins_with = [](const TfLiteIntArray* array, int index) {
    return array->size > 0 && array->data[0] == index;
  };
  if (!begins_with(own.inputs, tensors.inputs[0]) || !begins_with(own.outputs, tensors.outputs[0])) {
    Fail(
        "the first input and the first output must be the ones of the lowest index, and an operator must read that "
        "output. Received: another order, or an output that nothing reads.");
  }
}

// The line break parts the message from what the runtime adds to it.
void Report(TfLiteContext* context, const DelegateNode& node, const char* message) {
  context->ReportError(context, "%s '%s' (node %d): %s\n", node.op_name.c_str(), node.layer.c_str(), node.index,
                       message);
}

// Runs a function that may throw; at this border an exception becomes a report and a status.
template <typename Function>
TfLiteStatus Guard(TfLiteContext* context, const DelegateNode* node, const Function& function) {
  if (node == nullptr) {
    context->ReportError(context, "tfsparse: out of memory while loading a node.\n");
    return kTfLiteError;
  }
  try {
    function();
    return kTfLiteOk;
  } catch (const std::bad_alloc&) {
    Report(context, *node, "out of memory.");
  } catch (const std::exception& error) {
    Report(context, *node, error.what());
  }
  return kTfLiteError;
}

void* Init(TfLiteContext* context, const char* buffer, size_t) {
  std::unique_ptr<DelegateNode> node(new (std::nothrow) DelegateNode());
  if (node == nullptr) return nullptr;
  try {
    Load(context, *reinterpret_cast<const TfLiteDelegateParams*>(buffer), node.get());
  } catch (const std::bad_alloc&) {
    return nullptr;
  } catch (const std::exception& error) {
    node->error = error.what();
  }
  return node.release();
}

void Free(TfLiteContext*, void* data) { delete static_cast<DelegateNode*>(data); }

TfLiteStatus Prepare(TfLiteContext* context, TfLiteNode* c_node) {
  auto* node = static_cast<DelegateNode*>(c_node->user_data);
  return Guard(context, node, [&] {
    if (node->op == nullptr) throw Error(node->error);
    const std::lock_guard<std::mutex> lock(node->engine->mutex());
    node->engine->ReserveScratch(node->op->Prepare(NodeView(context, node->tensors), *node->engine));
    if (node->shares_memory) CheckSharedTensors(*c_node, node->tensors);
    if (node->profile != nullptr) node->profile->SetKernel(node->op->KernelName(), node->op->WeightBytes());
  });
}

TfLiteStatus Eval(TfLiteContext* context, TfLiteNode* c_node) {
  auto* node = static_cast<DelegateNode*>(c_node->user_data);
  return Guard(context, node, [&] {
    const NodeView view(context, node->tensors);
    if (!node->op->HasWork(view)) return;
    const std::lock_guard<std::mutex> lock(node->engine->mutex());
    if (node->profile == nullptr) return node->op->Eval(view, *node->engine, nullptr);
    core::PhaseTimes times;
    node->op->Eval(view, *node->engine, &times);
    node->profile->Add(times);
  });
}

}  // namespace

TfLiteRegistration DelegateNodeRegistration(const WinnerOpType& type) {
  TfLiteRegistration registration = {};
  registration.init = Init;
  registration.free = Free;
  registration.prepare = Prepare;
  registration.invoke = Eval;
  registration.custom_name = type.spec.name.data();
  registration.version = kOpVersion;
  registration.inplace_operator = type.inplace_operator;
  return registration;
}

}  // namespace tfsparse::tflite
