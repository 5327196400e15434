// SPDX-License-Identifier: Apache-2.0
//
// The part of TensorFlow Lite's C ABI that a delegate needs, so that the library builds without a TensorFlow checkout.
//
// TensorFlow Lite promises that fields of these structs are only ever added at the end. Hence:
//   - structs that the runtime allocates and we reach through a pointer stop after the last field that we read;
//   - TfLiteTensor is complete, because tensors are the elements of an array and its size is the stride;
//   - structs that we allocate (TfLiteDelegate, TfLiteRegistration) end in zeroed room for what newer runtimes may
//   read.
// No field here is younger than TensorFlow Lite 2.6 but those inside the structs that we allocate. A test compares
// every offset with the official headers, for 64-bit and for 32-bit processors.
#ifndef TFSPARSE_C_API_TFLITE_ABI_H_
#define TFSPARSE_C_API_TFLITE_ABI_H_

#include <stddef.h>
#include <stdint.h>

extern "C" {

// The fixed width lets a variable hold the values of newer runtimes, too.
enum TfLiteStatus : uint32_t {
  kTfLiteOk = 0,
  kTfLiteError = 1,
};

enum TfLiteType : uint32_t {
  kTfLiteNoType = 0,
  kTfLiteFloat32 = 1,
  kTfLiteInt32 = 2,
  kTfLiteInt64 = 4,
  kTfLiteString = 5,
  kTfLiteResource = 14,
  kTfLiteVariant = 15,
};

enum TfLiteAllocationType : uint32_t {
  kTfLiteMemNone = 0,
  kTfLiteMmapRo = 1,
  kTfLiteArenaRw = 2,
  kTfLiteArenaRwPersistent = 3,
  kTfLiteDynamic = 4,
  kTfLitePersistentRo = 5,
};

// The bits of TfLiteRegistration::inplace_operator. Runtimes before 2.14 know none.
enum TfLiteInPlaceOp : uint64_t {
  kTfLiteInplaceOpNone = 0,
  kTfLiteInplaceOpDataUnmodified = 1,
  kTfLiteInplaceOpInput0Shared = 4,
};
enum { kTfLiteOptionalTensor = -1 };
enum { kTfLiteBuiltinCustom = 32 };
enum { kTfLiteDelegateFlagsAllowDynamicTensors = 1 };

typedef struct TfLiteContext TfLiteContext;
typedef struct TfLiteDelegate TfLiteDelegate;

typedef struct TfLiteIntArray {
  int size;
  int data[1];  // `size` elements; the official header declares a flexible array, which C++ lacks
} TfLiteIntArray;

typedef struct TfLiteQuantizationParams {
  float scale;
  int32_t zero_point;
} TfLiteQuantizationParams;

typedef struct TfLiteQuantization {
  int type;
  void* params;
} TfLiteQuantization;

typedef union TfLitePtrUnion {
  int32_t* i32;
  int64_t* i64;
  float* f;
  void* data;
} TfLitePtrUnion;

typedef struct TfLiteTensor {
  TfLiteType type;
  TfLitePtrUnion data;
  TfLiteIntArray* dims;
  TfLiteQuantizationParams params;
  TfLiteAllocationType allocation_type;
  size_t bytes;
  const void* allocation;
  const char* name;
  TfLiteDelegate* delegate;
  int buffer_handle;
  bool data_is_stale;
  bool is_variable;
  TfLiteQuantization quantization;
  void* sparsity;
  const TfLiteIntArray* dims_signature;
} TfLiteTensor;

typedef struct TfLiteNode {
  TfLiteIntArray* inputs;
  TfLiteIntArray* outputs;
  TfLiteIntArray* intermediates;
  TfLiteIntArray* temporaries;
  void* user_data;
  void* builtin_data;
  const void* custom_initial_data;
  int custom_initial_data_size;
} TfLiteNode;

typedef struct TfLiteRegistration {
  void* (*init)(TfLiteContext* context, const char* buffer, size_t length);
  void (*free)(TfLiteContext* context, void* buffer);
  TfLiteStatus (*prepare)(TfLiteContext* context, TfLiteNode* node);
  TfLiteStatus (*invoke)(TfLiteContext* context, TfLiteNode* node);
  const char* (*profiling_string)(const TfLiteContext* context, const TfLiteNode* node);
  int32_t builtin_code;
  const char* custom_name;
  int version;
  void* registration_external;
  void* async_kernel;
  uint64_t inplace_operator;
  void* reserved[8];
} TfLiteRegistration;

struct TfLiteContext {
  size_t tensors_size;
  TfLiteStatus (*GetExecutionPlan)(TfLiteContext* context, TfLiteIntArray** execution_plan);
  TfLiteTensor* tensors;
  void* impl_;
  TfLiteStatus (*ResizeTensor)(TfLiteContext* context, TfLiteTensor* tensor, TfLiteIntArray* new_size);
  void (*ReportError)(TfLiteContext* context, const char* format, ...);
  TfLiteStatus (*AddTensors)(TfLiteContext* context, int tensors_to_add, int* first_new_tensor_index);
  TfLiteStatus (*GetNodeAndRegistration)(TfLiteContext* context, int node_index, TfLiteNode** node,
                                         TfLiteRegistration** registration);
  // Takes a TfLiteRegistration by value. Where pointers have 64 bits the room at its end is harmless: the struct is
  // either copied to the stack alone or passed by address. On 32 bits it would move the arguments behind it, so the
  // type that would do so is not declared; tflite/replace_nodes.h calls either.
#if UINTPTR_MAX > UINT32_MAX
  TfLiteStatus (*ReplaceNodeSubsetsWithDelegateKernels)(TfLiteContext* context, TfLiteRegistration registration,
                                                        const TfLiteIntArray* nodes_to_replace,
                                                        TfLiteDelegate* delegate);
#else
  void (*ReplaceNodeSubsetsWithDelegateKernels)(void);
#endif
  int recommended_num_threads;
};

struct TfLiteDelegate {
  void* data_;
  TfLiteStatus (*Prepare)(TfLiteContext* context, TfLiteDelegate* delegate);
  void* CopyFromBufferHandle;
  void* CopyToBufferHandle;
  void* FreeBufferHandle;
  int64_t flags;
  void* opaque_delegate_builder;
  void* reserved[8];
};

typedef struct TfLiteDelegateParams {
  TfLiteDelegate* delegate;
  TfLiteIntArray* nodes_to_replace;
  TfLiteIntArray* input_tensors;
  TfLiteIntArray* output_tensors;
} TfLiteDelegateParams;

}  // extern "C"

#endif  // TFSPARSE_C_API_TFLITE_ABI_H_
