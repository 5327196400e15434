// SPDX-License-Identifier: Apache-2.0
#include "tflite/replace_nodes.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/tflite_ops/tflite/registrations.h"
#include "tflite/error.h"

namespace tfsparse::tflite {
namespace {

// A runtime's graph, whose registrations are those of its version, and what it was last asked to replace.
template <typename Registration>
class Graph {
 public:
  Graph(int nodes, std::vector<int> plan) : nodes_(static_cast<size_t>(nodes)) {
    plan_ = {static_cast<int>(plan.size())};
    plan_.insert(plan_.end(), plan.begin(), plan.end());
    context_.impl_ = this;
    context_.GetExecutionPlan = [](TfLiteContext* context, TfLiteIntArray** plan) {
      *plan = reinterpret_cast<TfLiteIntArray*>(From(context)->plan_.data());
      return kTfLiteOk;
    };
    context_.GetNodeAndRegistration = [](TfLiteContext* context, int index, TfLiteNode** node,
                                         TfLiteRegistration** registration) {
      auto& place = From(context)->nodes_.at(static_cast<size_t>(index));
      *node = &place.first;
      *registration = reinterpret_cast<TfLiteRegistration*>(&place.second);
      return kTfLiteOk;
    };
    const auto replace = reinterpret_cast<void (*)()>(Replace);  // as the compiler does not know which version we face
    context_.ReplaceNodeSubsetsWithDelegateKernels =
        reinterpret_cast<decltype(context_.ReplaceNodeSubsetsWithDelegateKernels)>(replace);
  }

  TfLiteContext* context() { return &context_; }

  Registration registration = {};
  const TfLiteIntArray* nodes_to_replace = nullptr;
  TfLiteDelegate* delegate = nullptr;

 private:
  static Graph* From(TfLiteContext* context) { return static_cast<Graph*>(context->impl_); }

  static TfLiteStatus Replace(TfLiteContext* context, Registration registration, const TfLiteIntArray* nodes_to_replace,
                              TfLiteDelegate* delegate) {
    From(context)->registration = registration;
    From(context)->nodes_to_replace = nodes_to_replace;
    From(context)->delegate = delegate;
    return kTfLiteError;  // so that it shows that the status comes back
  }

  std::vector<std::pair<TfLiteNode, Registration>> nodes_;
  std::vector<int> plan_;
  TfLiteContext context_ = {};
};

template <typename Registration>
class ReplaceNodesTest : public testing::Test {};

using Registrations = testing::Types<Registration2_6, Registration2_10, Registration2_13, Registration2_14>;
TYPED_TEST_SUITE(ReplaceNodesTest, Registrations);

// Asks the graph to replace nodes and checks what has arrived there.
template <typename Registration>
void CheckArguments(Graph<Registration>* graph) {
  TfLiteRegistration kernel = {};
  kernel.free = [](TfLiteContext*, void*) {};
  kernel.custom_name = "TfSparse";
  kernel.version = 7;
  TfLiteDelegate delegate = {};
  const TfLiteIntArray nodes = {1, {0}};
  const ReplaceNodesFunction replace = FindReplaceNodes(graph->context());
  EXPECT_EQ(replace(graph->context(), kernel, &nodes, &delegate), kTfLiteError);
  EXPECT_EQ(graph->registration.init, nullptr);
  EXPECT_EQ(graph->registration.free, kernel.free);
  EXPECT_EQ(graph->registration.custom_name, kernel.custom_name);
  EXPECT_EQ(graph->registration.version, 7);
  EXPECT_EQ(graph->nodes_to_replace, &nodes);
  EXPECT_EQ(graph->delegate, &delegate);
}

TYPED_TEST(ReplaceNodesTest, EveryArgumentArrives) {
  Graph<TypeParam> graph(3, {0, 1, 2});
  CheckArguments(&graph);
}

TYPED_TEST(ReplaceNodesTest, ThePlanMayBeInAnyOrder) {
  Graph<TypeParam> graph(3, {2, 0, 1});
  CheckArguments(&graph);
}

// Another delegate has taken the nodes before it.
TYPED_TEST(ReplaceNodesTest, ThePlanMayBeOneLaterNode) {
  Graph<TypeParam> graph(6, {5});
  CheckArguments(&graph);
}

TYPED_TEST(ReplaceNodesTest, FieldsThatOnlyNewerRuntimesHaveAreZero) {
  Graph<TypeParam> graph(2, {0, 1});
  graph.registration.version = -1;
  CheckArguments(&graph);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&graph.registration);
  for (size_t i = offsetof(TfLiteRegistration, version) + sizeof(int); i < sizeof(TypeParam); ++i) {
    EXPECT_EQ(bytes[i], 0) << i;
  }
}

#if UINTPTR_MAX == UINT32_MAX

struct LaterRegistration : Registration2_14 {
  void* field;
};

std::string MessageFrom(TfLiteContext* context) {
  try {
    FindReplaceNodes(context);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ReplaceNodesErrorTest, RefusesALaterRegistration) {
  Graph<LaterRegistration> graph(2, {0, 1});
  EXPECT_NE(MessageFrom(graph.context()).find("32, 36, 40 or 48 bytes"), std::string::npos);
  EXPECT_NE(MessageFrom(graph.context()).find("Received: 56"), std::string::npos);
}

TEST(ReplaceNodesErrorTest, RefusesAGraphOfOneNode) {
  Graph<Registration2_14> graph(1, {0});
  EXPECT_NE(MessageFrom(graph.context()).find("at least two operators. Received: one."), std::string::npos);
}

// The distances of nodes 0 and 2 are those of a registration that is known, but for one of them.
template <int kNodes, int kRegistrations>
std::string MessageForDistances() {
  Graph<Registration2_14> graph(3, {0, 1, 2});
  graph.context()->GetNodeAndRegistration = [](TfLiteContext*, int index, TfLiteNode** node,
                                               TfLiteRegistration** registration) {
    static char places[512];
    *node = reinterpret_cast<TfLiteNode*>(places + (index == 0 ? 0 : kNodes));
    *registration = reinterpret_cast<TfLiteRegistration*>(places + 64 + (index == 0 ? 0 : kRegistrations));
    return kTfLiteOk;
  };
  return MessageFrom(graph.context());
}

TEST(ReplaceNodesErrorTest, RefusesNodesThatAreNotInAnArray) {
  constexpr int kDistance = 2 * (64 + sizeof(Registration2_14));
  EXPECT_EQ((MessageForDistances<kDistance, kDistance>()), "no error");
  EXPECT_NE((MessageForDistances<kDistance, 0>()).find("does not know this runtime"), std::string::npos);
  EXPECT_NE((MessageForDistances<kDistance + 1, kDistance + 1>()).find("does not know this runtime"),
            std::string::npos);
}

#endif

}  // namespace
}  // namespace tfsparse::tflite
