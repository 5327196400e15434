// SPDX-License-Identifier: Apache-2.0
//
// Everything that libtfsparse exports: a TensorFlow Lite external delegate that runs tfsparse's operators in stock
// interpreters, and a few questions about it.
#ifndef TFSPARSE_C_API_TFSPARSE_H_
#define TFSPARSE_C_API_TFSPARSE_H_

#include <stddef.h>

#define TFSPARSE_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

struct TfLiteDelegate;

// Makes a delegate. Every loader of external delegates calls it by this name. Options, all of them strings:
//   num_threads   threads of the delegate's pool; default: the number that the interpreter recommends
//   isa           auto | portable | neon (Arm, 64-bit and 32-bit) | avx2 | avx512; default: auto, the fastest that
//                 the processor has, or the one named by the environment variable TFSPARSE_ISA
//   kernel        auto | direct | winograd_2x2 | winograd_4x4: how to compute convolutions that allow it and whose
//                 model leaves it open; default: auto, what the cost rule expects to be the fastest
//   winograd_mib  most mebibytes for weights that Winograd's algorithm transforms, 0 to 1048576; default: no limit.
//   What
//                 does not fit is computed directly
//   profile       an id of your choice: time the phases of every node, for tfsparse_profile_json(id)
// An unknown key or a bad value is told to `report_error` (which may be null), and the result is null.
TFSPARSE_EXPORT struct TfLiteDelegate* tflite_plugin_create_delegate(const char* const* option_keys,
                                                                     const char* const* option_values,
                                                                     size_t num_options,
                                                                     void (*report_error)(const char*));

// Frees a delegate. An interpreter that it was applied to may afterwards only be freed.
TFSPARSE_EXPORT void tflite_plugin_destroy_delegate(struct TfLiteDelegate* delegate);

// The library's version, "major.minor.patch".
TFSPARSE_EXPORT const char* tfsparse_version(void);

// The newest version of the operators that this library runs.
TFSPARSE_EXPORT int tfsparse_op_version(void);

// The instruction set that the option `isa` = auto stands for, "portable" | "neon" | "avx2" | "avx512"; null if
// TFSPARSE_ISA names one that is unknown or that this machine lacks.
TFSPARSE_EXPORT const char* tfsparse_isa(void);

// Writes the table of matrix kernels in this library as JSON: a list of {"isa": string, "dtype": string, "mr": int,
// "nr": int, "usable": bool}, where mr x nr is the tile of outputs that stays in registers and `usable` says whether
// this machine can run it. Returns the bytes that the text takes with its terminating null; nothing is written if
// `capacity` is less.
TFSPARSE_EXPORT size_t tfsparse_kernels_json(char* buffer, size_t capacity);

// Writes what the delegates made with the option `profile` = `profile_id` have measured since the last reset, as JSON:
// a list with, for each of their nodes, {"node": int, "op": string, "layer": string, "kernel": string, "weight_bytes":
// int, "calls": int, "phases": {"rank": ns, "select": ns, "gather": ns, "gemm": ns, "mask": ns, "layer": ns, "copy":
// ns}}; "kernel" says what computes the node, "weight_bytes" what its packed weights take. Of a probe, "kernel" names
// the operator that it times, "layer" is the time since the probe before it, and "copy" what it needs itself. Returns
// the bytes that the text takes with its terminating null; nothing is written if `capacity` is less. Returns 0 if no
// living delegate has that id.
TFSPARSE_EXPORT size_t tfsparse_profile_json(const char* profile_id, char* buffer, size_t capacity);

// Sets the calls and times of a profile to zero; does nothing if no living delegate has that id.
TFSPARSE_EXPORT void tfsparse_profile_reset(const char* profile_id);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TFSPARSE_C_API_TFSPARSE_H_
