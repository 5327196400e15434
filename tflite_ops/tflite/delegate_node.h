// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_DELEGATE_NODE_H_
#define TFSPARSE_TFLITE_DELEGATE_NODE_H_

#include "c_api/tflite_abi.h"
#include "tflite/winner_op.h"

namespace tfsparse::tflite {

// The kernel that stands for one node of an operator of ours. The operator's custom code is its name, so that profiles
// and messages of the runtime show it.
TfLiteRegistration DelegateNodeRegistration(const WinnerOpType& type);

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_DELEGATE_NODE_H_
