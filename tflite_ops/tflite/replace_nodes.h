// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_REPLACE_NODES_H_
#define TFSPARSE_TFLITE_REPLACE_NODES_H_

#include "c_api/tflite_abi.h"

namespace tfsparse::tflite {

// TfLiteContext's ReplaceNodeSubsetsWithDelegateKernels, whatever the runtime takes for a TfLiteRegistration.
using ReplaceNodesFunction = TfLiteStatus (*)(TfLiteContext* context, const TfLiteRegistration& registration,
                                              const TfLiteIntArray* nodes_to_replace, TfLiteDelegate* delegate);

// The one that this runtime needs; to be asked for while a delegate is prepared. Throws Error if it cannot be told.
ReplaceNodesFunction FindReplaceNodes(TfLiteContext* context);

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_REPLACE_NODES_H_
