// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_DELEGATE_OPTIONS_H_
#define TFSPARSE_TFLITE_DELEGATE_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/conv2d/conv2d_algorithm.h"
#include "core/isa.h"

namespace tfsparse::tflite {

// More threads than any processor that this runs on has; a larger number is a mistake.
inline constexpr int kMaxThreads = 1024;

struct DelegateOptions {
  std::optional<int> num_threads;  // none: what the interpreter recommends
  core::Isa isa;
  bool isa_is_open = true;                                // nobody asked for a certain one
  core::Conv2DMethod method = core::Conv2DMethod::kAuto;  // of convolutions whose model leaves it open
  std::optional<uint64_t> winograd_bytes;  // most memory for weights transformed for Winograd; none: no limit
  std::string profile_id;                  // empty: no profiling
};

// Throws Error for an unknown key, a bad value, or an instruction set that this machine lacks.
DelegateOptions ParseDelegateOptions(const char* const* keys, const char* const* values, size_t count);

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_DELEGATE_OPTIONS_H_
