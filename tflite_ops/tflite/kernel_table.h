// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_KERNEL_TABLE_H_
#define TFSPARSE_TFLITE_KERNEL_TABLE_H_

#include <string>

namespace tfsparse::tflite {

// The matrix kernels of this library, as tfsparse_kernels_json writes them.
std::string KernelsJson();

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_KERNEL_TABLE_H_
