// SPDX-License-Identifier: Apache-2.0
#include "tflite/delegate.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

#include "tflite/delegate_node.h"
#include "tflite/error.h"
#include "tflite/replace_nodes.h"
#include "tflite/slow_path_notice.h"
#include "tflite/winner_op.h"

namespace tfsparse::tflite {
namespace {

// Indices of the nodes that are operators of ours and that no delegate has taken yet.
std::vector<int> FindWinnerNodes(TfLiteContext* context) {
  TfLiteIntArray* plan = nullptr;
  if (context->GetExecutionPlan(context, &plan) != kTfLiteOk) Fail("the runtime gave no execution plan.");
  std::vector<int> nodes;
  for (int i = 0; i < plan->size; ++i) {
    TfLiteNode* node = nullptr;
    TfLiteRegistration* registration = nullptr;
    if (context->GetNodeAndRegistration(context, plan->data[i], &node, &registration) != kTfLiteOk) continue;
    const bool is_custom = registration->builtin_code == kTfLiteBuiltinCustom && registration->custom_name != nullptr;
    if (is_custom && FindWinnerOpType(registration->custom_name) != nullptr) nodes.push_back(plan->data[i]);
  }
  return nodes;
}

// Gives each node a kernel of its own. One request for all nodes would merge neighbours into one partition, and the
// winners' indices between them would no longer be a tensor of the graph.
void TakeWinnerNodes(TfLiteContext* context, TfLiteDelegate* delegate) {
  const std::vector<int> nodes = FindWinnerNodes(context);
  if (nodes.empty()) return;
  const ReplaceNodesFunction replace = FindReplaceNodes(context);
  for (const int index : nodes) {
    TfLiteNode* node = nullptr;
    TfLiteRegistration* original = nullptr;
    if (context->GetNodeAndRegistration(context, index, &node, &original) != kTfLiteOk)
      Fail("node ", index, " is gone.");
    const TfLiteRegistration kernel = DelegateNodeRegistration(*FindWinnerOpType(original->custom_name));
    const TfLiteIntArray one_node = {1, {index}};
    if (replace(context, kernel, &one_node, delegate) != kTfLiteOk) {
      Fail("the runtime refused to hand over node ", index, ".");
    }
  }
}

// To stderr: what the runtime is told through its context, some of its languages show with the next error alone.
void NoteSlowPath(const DelegateOptions& options) {
  static SlowPathNotice notice;
  if (!options.isa_is_open) return;
  const char* const text = notice.Take(core::UsableIsas());
  if (text != nullptr) std::fprintf(stderr, "%s\n", text);
}

TfLiteStatus Prepare(TfLiteContext* context, TfLiteDelegate* delegate) {
  try {
    NoteSlowPath(Delegate::From(delegate).options());
    TakeWinnerNodes(context, delegate);
    return kTfLiteOk;
  } catch (const std::exception& error) {
    context->ReportError(context, "tfsparse: %s\n", error.what());
    return kTfLiteError;
  }
}

}  // namespace

Delegate::Delegate(DelegateOptions options) : options_(std::move(options)) {
  c_delegate_.data_ = this;
  c_delegate_.Prepare = Prepare;
  // Without this flag the runtime prepares the whole graph before it asks delegates, and stops at an unresolved op.
  c_delegate_.flags = kTfLiteDelegateFlagsAllowDynamicTensors;
  if (!options_.profile_id.empty()) profile_ = OpenProfile(options_.profile_id);
}

std::shared_ptr<Engine> Delegate::GetEngine(int recommended_threads) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (engine_ == nullptr) {
    const int recommended = std::clamp(recommended_threads, 1, kMaxThreads);
    engine_ = std::make_shared<Engine>(options_.num_threads.value_or(recommended), options_);
  }
  return engine_;
}

}  // namespace tfsparse::tflite
