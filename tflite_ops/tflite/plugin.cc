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

size_t tfsparse_profile_json(const char* profile_id, char* buffer, size_t capacity) {
  return Guard<size_t>(0, [&]() -> size_t {
    const auto profile = tfsparse::tflite::FindProfile(profile_id == nullptr ? "" : profile_id);
    if (profile == nullptr) return 0;
    const std::string json = profile->ToJson();
    if (buffer != nullptr && json.size() < capacity) std::memcpy(buffer, json.c_str(), json.size() + 1);
    return json.size() + 1;
  });
}

void tfsparse_profile_reset(const char* profile_id) {
  Guard<int>(0, [&] {
    const auto profile = tfsparse::tflite::FindProfile(profile_id == nullptr ? "" : profile_id);
    if (profile != nullptr) profile->Reset();
    return 0;
  });
}
