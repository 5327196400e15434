// SPDX-License-Identifier: Apache-2.0
#include "tflite/text.h"

#include <cstddef>
#include <cstdint>

namespace tfsparse::tflite {
namespace {

constexpr size_t kMaxBytes = 200;

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

// Number of bytes of the printable character at the start of `text`; 0 if there is none. Refuses what UTF-8 forbids:
// overlong forms, surrogates and code points above U+10FFFF, each recognised by the first two bytes.
size_t CharacterBytes(std::string_view text) {
  const uint8_t first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  const size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return 0;
  for (size_t i = 1; i < bytes; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  const uint8_t second = static_cast<uint8_t>(text[1]);
  const bool is_forbidden = (first == 0xC2 && second < 0xA0) || (first == 0xE0 && second < 0xA0) ||
                            (first == 0xED && second >= 0xA0) || (first == 0xF0 && second < 0x90) ||
                            (first == 0xF4 && second >= 0x90);
  return is_forbidden ? 0 : bytes;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const size_t bytes = CharacterBytes(text);
    if (printable.size() + (bytes == 0 ? 1 : bytes) > kMaxBytes) break;
    printable += bytes == 0 ? "?" : text.substr(0, bytes);
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return printable;
}

std::string JsonString(std::string_view text) {
  std::string json = "\"";
  for (const char character : Printable(text)) {
    if (character == '"' || character == '\\') json += '\\';
    json += character;
  }
  return json + "\"";
}

}  // namespace tfsparse::tflite
