// SPDX-License-Identifier: Apache-2.0
#include "tflite/delegate_options.h"

#include <charconv>
#include <string_view>

#include "tflite/error.h"
#include "tflite/text.h"

namespace tfsparse::tflite {
namespace {

int ParseNumThreads(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > kMaxThreads) {
    Fail("tfsparse: delegate option `num_threads` must be an integer from 1 to ", kMaxThreads,
         ". Received: ", Printable(text), ".");
  }
  return value;
}

core::Isa ResolveIsa(const std::string& name) {
  core::Isa isa;
  std::string reason;
  if (!core::ResolveIsa(name, &isa, &reason)) Fail("tfsparse: delegate option `isa`: ", reason);
  return isa;
}

}  // namespace

DelegateOptions ParseDelegateOptions(const char* const* keys, const char* const* values, size_t count) {
  std::string isa = "auto";
  DelegateOptions options;
  for (size_t i = 0; i < count; ++i) {
    const std::string key = keys[i] == nullptr ? "" : keys[i];
    const std::string value = values[i] == nullptr ? "" : values[i];
    if (key == "num_threads") {
      options.num_threads = ParseNumThreads(value);
    } else if (key == "isa") {
      isa = value;
    } else if (key == "profile") {
      if (value.empty()) Fail("tfsparse: delegate option `profile` must be an id, not empty.");
      options.profile_id = value;
    } else {
      Fail("tfsparse: delegate options are num_threads, isa and profile. Received: ", Printable(key), ".");
    }
  }
  options.isa = ResolveIsa(isa);
  return options;
}

}  // namespace tfsparse::tflite
