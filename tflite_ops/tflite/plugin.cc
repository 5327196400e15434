// SPDX-License-Identifier: Apache-2.0
//
// The exported functions.
#include <cstring>
#include <exception>
#include <memory>
#include <string>

#include "c_api/tfsparse.h"
#include "core/isa.h"
#include "tflite/delegate.h"
#include "tflite/kernel_table.h"
#include "tflite/op_options.h"
#include "tflite/profile.h"
#include "tflite/version.h"

namespace {

// Calls a function and returns what it does, or `otherwise` if it throws: nothing is thrown across the C ABI.
template <typename Result, typename Function>
Result Guard(Result otherwise, const Function& function) {
  try {
    return function();
  } catch (const std::exception&) {
    return otherwise;
  }
}

// The bytes that `text` takes with its terminating null, which are written if they fit.
size_t Write(const std::string& text, char* buffer, size_t capacity) {
  if (buffer != nullptr && text.size() < capacity) std::memcpy(buffer, text.c_str(), text.size() + 1);
  return text.size() + 1;
}

}  // namespace

TfLiteDelegate* tflite_plugin_create_delegate(const char* const* option_keys, const char* const* option_values,
                                              size_t num_options, void (*report_error)(const char*)) {
  try {
    auto delegate = std::make_unique<tfsparse::tflite::Delegate>(
        tfsparse::tflite::ParseDelegateOptions(option_keys, option_values, num_options));
    return delegate.release()->c_delegate();
  } catch (const std::exception& error) {
    if (report_error != nullptr) report_error(error.what());
    return nullptr;
  }
}

void tflite_plugin_destroy_delegate(TfLiteDelegate* delegate) {
  if (delegate != nullptr) delete &tfsparse::tflite::Delegate::From(delegate);
}

const char* tfsparse_version(void) { return TFSPARSE_VERSION; }

int tfsparse_op_version(void) { return tfsparse::tflite::kOpVersion; }

const char* tfsparse_isa(void) {
  return Guard<const char*>(nullptr, [] {
    tfsparse::core::Isa isa;
    std::string reason;
    return tfsparse::core::ResolveIsa("auto", &isa, &reason) ? tfsparse::core::IsaName(isa) : nullptr;
  });
}

size_t tfsparse_kernels_json(char* buffer, size_t capacity) {
  return Guard<size_t>(0, [&] { return Write(tfsparse::tflite::KernelsJson(), buffer, capacity); });
}

size_t tfsparse_profile_json(const char* profile_id, char* buffer, size_t capacity) {
  return Guard<size_t>(0, [&]() -> size_t {
    const auto profile = tfsparse::tflite::FindProfile(profile_id == nullptr ? "" : profile_id);
    return profile == nullptr ? 0 : Write(profile->ToJson(), buffer, capacity);
  });
}

void tfsparse_profile_reset(const char* profile_id) {
  Guard<int>(0, [&] {
    const auto profile = tfsparse::tflite::FindProfile(profile_id == nullptr ? "" : profile_id);
    if (profile != nullptr) profile->Reset();
    return 0;
  });
}
