// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_TEXT_H_
#define TFSPARSE_TFLITE_TEXT_H_

#include <string>
#include <string_view>

namespace tfsparse::tflite {

// Text from a model file made safe to show: valid UTF-8 without control characters. Every byte that is neither is
// replaced by '?', and what goes beyond 200 bytes is cut off.
std::string Printable(std::string_view text);

// A JSON string literal, quotes included, of printable text.
std::string JsonString(std::string_view text);

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_TEXT_H_
