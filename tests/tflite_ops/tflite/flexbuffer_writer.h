// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TESTS_FLEXBUFFER_WRITER_H_
#define TFSPARSE_TESTS_FLEXBUFFER_WRITER_H_

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace tfsparse::tflite {

using FlexValue = std::variant<int64_t, double, bool, std::string>;

// Writes a FlexBuffer map with every offset, length and value `width` bytes wide (doubles need 4 or 8).
class FlexBufferWriter {
 public:
  explicit FlexBufferWriter(int width) : width_(width) {}

  std::vector<uint8_t> Write(const std::map<std::string, FlexValue>& entries) {
    std::vector<size_t> keys, strings;
    for (const auto& [key, value] : entries) {
      keys.push_back(Append(key));
      const auto* text = std::get_if<std::string>(&value);
      if (text != nullptr) Number(text->size());
      strings.push_back(text == nullptr ? 0 : Append(*text));
    }
    Number(keys.size());
    const size_t keys_vector = bytes_.size();
    for (const size_t key : keys) Offset(key);

    Offset(keys_vector);
    Number(width_);
    Number(entries.size());
    const size_t values_vector = bytes_.size();
    size_t index = 0;
    for (const auto& [key, value] : entries) Value(value, strings[index++]);
    for (const auto& [key, value] : entries) bytes_.push_back(PackedType(value));
    Offset(values_vector);
    bytes_.push_back(static_cast<uint8_t>(9 << 2 | WidthBits()));
    bytes_.push_back(static_cast<uint8_t>(width_));
    return bytes_;
  }

 private:
  int WidthBits() const { return width_ == 8 ? 3 : width_ / 2; }

  uint8_t PackedType(const FlexValue& value) const {
    static constexpr int kTypes[] = {1, 3, 26, 5};
    return static_cast<uint8_t>(kTypes[value.index()] << 2 | WidthBits());
  }

  size_t Append(const std::string& text) {
    const size_t position = bytes_.size();
    bytes_.insert(bytes_.end(), text.c_str(), text.c_str() + text.size() + 1);
    return position;
  }

  void Number(uint64_t value) {
    for (int i = 0; i < width_; ++i) bytes_.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }

  void Offset(size_t target) { Number(bytes_.size() - target); }

  void Value(const FlexValue& value, size_t string_position) {
    if (const auto* integer = std::get_if<int64_t>(&value)) return Number(static_cast<uint64_t>(*integer));
    if (const auto* flag = std::get_if<bool>(&value)) return Number(*flag ? 1 : 0);
    if (const auto* real = std::get_if<double>(&value)) return Real(*real);
    Offset(string_position);
  }

  void Real(double value) {
    uint64_t bits = 0;
    const float single = static_cast<float>(value);
    std::memcpy(&bits, width_ == 4 ? static_cast<const void*>(&single) : &value, static_cast<size_t>(width_));
    Number(bits);
  }

  const int width_;
  std::vector<uint8_t> bytes_;
};

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TESTS_FLEXBUFFER_WRITER_H_
