// SPDX-License-Identifier: Apache-2.0
#include "tflite/delegate_options.h"

#include <charconv>
#include <string_view>

#include "tflite/error.h"
#include "tflite/text.h"

namespace tfsparse::tflite {
namespace {

constexpr int kMaxMebibytes = 1 << 20;

int ParseInt(const char* key, std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    Fail("tfsparse: delegate option `", key, "` must be an integer from ", least, " to ", most,
         ". Received: ", Printable(text), ".");
  }
  return value;
}

core::Conv2DMethod ParseMethod(std::string_view text) {
  std::string names;
  for (const core::Conv2DMethod method : core::kConv2DMethods) {
    if (text == core::MethodName(method)) return method;
    names.append(names.empty() ? "" : ", ").append(core::MethodName(method));
  }
  Fail("tfsparse: delegate option `kernel` must be one of ", names, ". Received: ", Printable(text), ".");
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
      options.num_threads = ParseInt("num_threads", value, 1, kMaxThreads);
    } else if (key == "isa") {
      isa = value;
    } else if (key == "kernel") {
      options.method = ParseMethod(value);
    } else if (key == "winograd_mib") {
      options.winograd_bytes = static_cast<uint64_t>(ParseInt("winograd_mib", value, 0, kMaxMebibytes)) << 20;
    } else if (key == "profile") {
      if (value.empty()) Fail("tfsparse: delegate option `profile` must be an id, not empty.");
      options.profile_id = value;
    } else {
      Fail("tfsparse: delegate options are num_threads, isa, kernel, winograd_mib and profile. Received: ",
           Printable(key), ".");
    }
  }
  options.isa = ResolveIsa(isa);
  options.isa_is_open = core::IsaIsOpen(isa);
  return options;
}

}  // namespace tfsparse::tflite
