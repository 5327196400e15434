// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TESTS_REGISTRATIONS_H_
#define TFSPARSE_TESTS_REGISTRATIONS_H_

#include "c_api/tflite_abi.h"

namespace tfsparse::tflite {

// TfLiteRegistration as versions of TensorFlow Lite have it, named after the first of each kind that we support.
#define TFSPARSE_REGISTRATION_FIELDS                                                     \
  void* (*init)(TfLiteContext * context, const char* buffer, size_t length);             \
  void (*free)(TfLiteContext * context, void* buffer);                                   \
  TfLiteStatus (*prepare)(TfLiteContext * context, TfLiteNode * node);                   \
  TfLiteStatus (*invoke)(TfLiteContext * context, TfLiteNode * node);                    \
  const char* (*profiling_string)(const TfLiteContext* context, const TfLiteNode* node); \
  int32_t builtin_code;                                                                  \
  const char* custom_name;                                                               \
  int version

struct Registration2_6 {
  TFSPARSE_REGISTRATION_FIELDS;
};

struct Registration2_10 {
  TFSPARSE_REGISTRATION_FIELDS;
  void* registration_external;
};

struct Registration2_13 {
  TFSPARSE_REGISTRATION_FIELDS;
  void* registration_external;
  void* async_kernel;
};

struct Registration2_14 {
  TFSPARSE_REGISTRATION_FIELDS;
  void* registration_external;
  void* async_kernel;
  uint64_t inplace_operator;
};

#undef TFSPARSE_REGISTRATION_FIELDS

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TESTS_REGISTRATIONS_H_
