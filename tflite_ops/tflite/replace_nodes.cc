// SPDX-License-Identifier: Apache-2.0
#include "tflite/replace_nodes.h"

#include <algorithm>
#include <cstring>

#include "tflite/error.h"

namespace tfsparse::tflite {

#if UINTPTR_MAX > UINT32_MAX

ReplaceNodesFunction FindReplaceNodes(TfLiteContext*) {
  return [](TfLiteContext* context, const TfLiteRegistration& registration, const TfLiteIntArray* nodes_to_replace,
            TfLiteDelegate* delegate) {
    return context->ReplaceNodeSubsetsWithDelegateKernels(context, registration, nodes_to_replace, delegate);
  };
}

#else

// On 32 bits a struct that is passed by value lies between the arguments before and behind it, in registers and on the
// stack, so it must have exactly the size and the alignment that the runtime was compiled with. Those grew with the
// versions of TensorFlow Lite, none of which can be asked for its own.
//
// But every version keeps its nodes in one array of pairs of a TfLiteNode and a TfLiteRegistration, and tells where
// those of a node are. So the places of two nodes give the size of a pair, and within it that of the registration.
namespace {

// Part of a registration as a runtime of a certain age has it. Only the integers' width, number and alignment count for
// how it is passed.
template <typename Integer, int kCount>
struct Image {
  Integer integers[kCount];
};

using Until2_9 = Image<uint32_t, 8>;    // ends in version
using Since2_10 = Image<uint32_t, 9>;   // + registration_external
using Since2_13 = Image<uint32_t, 10>;  // + async_kernel
using Since2_14 = Image<uint64_t, 6>;   // + inplace_operator, of 64 bits

static_assert(sizeof(Until2_9) == offsetof(TfLiteRegistration, registration_external));
static_assert(sizeof(Since2_10) == offsetof(TfLiteRegistration, async_kernel));
static_assert(sizeof(Since2_14) == offsetof(TfLiteRegistration, reserved));

template <typename Registration>
TfLiteStatus Replace(TfLiteContext* context, const TfLiteRegistration& registration,
                     const TfLiteIntArray* nodes_to_replace, TfLiteDelegate* delegate) {
  using Function = TfLiteStatus (*)(TfLiteContext*, Registration, const TfLiteIntArray*, TfLiteDelegate*);
  Registration image;
  std::memcpy(&image, &registration, sizeof(image));
  const auto replace = reinterpret_cast<Function>(context->ReplaceNodeSubsetsWithDelegateKernels);
  return replace(context, image, nodes_to_replace, delegate);
}

struct NodePlace {
  uintptr_t node;
  uintptr_t registration;
};

NodePlace FindPlace(TfLiteContext* context, int index) {
  TfLiteNode* node = nullptr;
  TfLiteRegistration* registration = nullptr;
  if (context->GetNodeAndRegistration(context, index, &node, &registration) != kTfLiteOk) {
    Fail("node ", index, " is gone.");
  }
  return {reinterpret_cast<uintptr_t>(node), reinterpret_cast<uintptr_t>(registration)};
}

// The nodes below one in the plan exist too, in the plan or, where another delegate has taken them, beside it.
int LastNode(TfLiteContext* context) {
  TfLiteIntArray* plan = nullptr;
  if (context->GetExecutionPlan(context, &plan) != kTfLiteOk || plan->size < 1) {
    Fail("the runtime gave no execution plan.");
  }
  return *std::max_element(plan->data, plan->data + plan->size);
}

// The bytes of a TfLiteRegistration in this runtime; 0 if the places are not those of pairs in an array.
size_t RegistrationBytes(TfLiteContext* context) {
  const int last = LastNode(context);
  if (last < 1) {
    Fail(
        "on 32-bit processors the age of the runtime is told by the distance of two nodes, so a graph with operators "
        "of tfsparse must have at least two operators. Received: one. Convert the model with another operator in it.");
  }
  const NodePlace begin = FindPlace(context, 0);
  const NodePlace end = FindPlace(context, last);
  const size_t pair = (end.node - begin.node) / last;
  const size_t node = begin.registration - begin.node;
  const bool is_array = end.node - begin.node == pair * last && end.registration - end.node == node && node < pair;
  return is_array ? pair - node : 0;
}

}  // namespace

// No pair is padded at its end: until 2.13 nothing in it is aligned by more than 4 bytes, and since 2.14 a registration
// is aligned by 8, as the pair is. So sizes are told apart exactly, and a later version's is larger than all of these.
ReplaceNodesFunction FindReplaceNodes(TfLiteContext* context) {
  const size_t bytes = RegistrationBytes(context);
  if (bytes == sizeof(Until2_9)) return Replace<Until2_9>;
  if (bytes == sizeof(Since2_10)) return Replace<Since2_10>;
  if (bytes == sizeof(Since2_13)) return Replace<Since2_13>;
  if (bytes == sizeof(Since2_14)) return Replace<Since2_14>;
  Fail("tfsparse does not know this runtime on 32-bit processors. Expected a TfLiteRegistration of ", sizeof(Until2_9),
       ", ", sizeof(Since2_10), ", ", sizeof(Since2_13), " or ", sizeof(Since2_14),
       " bytes, as in TensorFlow Lite 2.6 to 2.16. Received: ", bytes, ". Use one of those versions.");
}

#endif

}  // namespace tfsparse::tflite
