// SPDX-License-Identifier: Apache-2.0
#include "tflite/flexbuffer_map.h"

#include <cstring>
#include <limits>

namespace tfsparse::tflite {
namespace {

// Type numbers of the FlexBuffer format, as stored in the upper six bits of a packed type byte.
enum Type : int {
  kInt = 1,
  kUInt = 2,
  kFloat = 3,
  kString = 5,
  kIndirectInt = 6,
  kIndirectUInt = 7,
  kIndirectFloat = 8,
  kMap = 9,
  kBool = 26,
};

// No option map comes near this. A bound keeps a look-up's time linear in the size of a hostile buffer.
constexpr uint64_t kMaxEntries = 256;

int TypeOf(uint8_t packed) { return packed >> 2; }
size_t WidthOf(uint8_t packed) { return size_t{1} << (packed & 3); }
bool IsWidth(uint64_t width) { return width == 1 || width == 2 || width == 4 || width == 8; }

int64_t SignExtend(uint64_t value, size_t width) {
  const int unused_bits = 64 - 8 * static_cast<int>(width);
  return static_cast<int64_t>(value << unused_bits) >> unused_bits;
}

std::optional<double> ToDouble(uint64_t bits, size_t width) {
  if (width == 4) {
    const uint32_t low = static_cast<uint32_t>(bits);
    float value;
    std::memcpy(&value, &low, sizeof value);
    return value;
  }
  if (width == 8) {
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<FlexBufferMap> FlexBufferMap::Parse(const void* data, size_t size) {
  // The shortest tail of any FlexBuffer: the root's value, its type and its width.
  if (data == nullptr || size < 3) return std::nullopt;
  FlexBufferMap map(static_cast<const uint8_t*>(data), size);
  if (!map.LocateVectors()) return std::nullopt;
  return map;
}

// Reads `width` little-endian bytes; false if they do not lie in the buffer.
bool FlexBufferMap::ReadUnsigned(size_t position, size_t width, uint64_t* value) const {
  if (position > size_ || width > size_ - position) return false;
  *value = 0;
  for (size_t i = 0; i < width; ++i) *value |= uint64_t{data_[position + i]} << (8 * i);
  return true;
}

// Offsets are stored as a distance backwards from their own position.
bool FlexBufferMap::FollowOffset(size_t position, size_t width, size_t* target) const {
  uint64_t distance;
  if (!ReadUnsigned(position, width, &distance) || distance > position) return false;
  *target = position - static_cast<size_t>(distance);
  return true;
}

// The root's offset leads to the values. In front of them lie the offset of the keys, the width of a key offset and the
// number of entries, each as wide as a value; in front of the keys lies their number.
bool FlexBufferMap::LocateVectors() {
  const size_t root_width = data_[size_ - 1];
  const uint8_t root_type = data_[size_ - 2];
  if (!IsWidth(root_width) || root_width > size_ - 2 || TypeOf(root_type) != kMap) return false;
  if (!FollowOffset(size_ - 2 - root_width, root_width, &values_)) return false;
  values_width_ = WidthOf(root_type);
  if (values_ < 3 * values_width_) return false;

  uint64_t length, keys_width, keys_length;
  if (!ReadUnsigned(values_ - values_width_, values_width_, &length)) return false;
  if (!ReadUnsigned(values_ - 2 * values_width_, values_width_, &keys_width) || !IsWidth(keys_width)) return false;
  if (!FollowOffset(values_ - 3 * values_width_, values_width_, &keys_)) return false;
  keys_width_ = static_cast<size_t>(keys_width);
  if (keys_ < keys_width_ || !ReadUnsigned(keys_ - keys_width_, keys_width_, &keys_length)) return false;

  // Every entry takes a value and a type byte, and a key offset: this bounds the number of entries.
  if (length != keys_length || length > kMaxEntries || length > (size_ - values_) / (values_width_ + 1)) return false;
  if (length > (size_ - keys_) / keys_width_) return false;
  length_ = static_cast<size_t>(length);
  return true;
}

std::optional<std::string_view> FlexBufferMap::Key(size_t index) const {
  size_t start;
  if (index >= length_ || !FollowOffset(keys_ + index * keys_width_, keys_width_, &start)) return std::nullopt;
  const void* end = std::memchr(data_ + start, 0, size_ - start);
  if (end == nullptr) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(data_ + start),
                          static_cast<size_t>(static_cast<const uint8_t*>(end) - (data_ + start)));
}

std::optional<FlexBufferMap::Value> FlexBufferMap::ValueAt(size_t index) const {
  const size_t position = values_ + index * values_width_;
  const uint8_t packed = data_[values_ + length_ * values_width_ + index];
  switch (TypeOf(packed)) {
    case kInt:
    case kUInt:
    case kFloat:
    case kBool:
      return Value{TypeOf(packed), position, values_width_};
    case kString:
    case kIndirectInt:
    case kIndirectUInt:
    case kIndirectFloat: {
      size_t target;
      if (!FollowOffset(position, values_width_, &target)) return std::nullopt;
      return Value{TypeOf(packed), target, WidthOf(packed)};
    }
    default:
      return std::nullopt;
  }
}

std::optional<FlexBufferMap::Value> FlexBufferMap::Find(std::string_view key) const {
  for (size_t i = 0; i < length_; ++i) {
    if (Key(i) == key) return ValueAt(i);
  }
  return std::nullopt;
}

std::optional<int64_t> FlexBufferMap::GetInt(std::string_view key) const {
  const std::optional<Value> value = Find(key);
  uint64_t bits;
  if (!value || !ReadUnsigned(value->position, value->width, &bits)) return std::nullopt;
  if (value->type == kInt || value->type == kIndirectInt) return SignExtend(bits, value->width);
  const bool is_unsigned = value->type == kUInt || value->type == kIndirectUInt;
  if (!is_unsigned || bits > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
  return static_cast<int64_t>(bits);
}

std::optional<double> FlexBufferMap::GetFloat(std::string_view key) const {
  const std::optional<Value> value = Find(key);
  if (!value) return std::nullopt;
  if (value->type != kFloat && value->type != kIndirectFloat) {
    const std::optional<int64_t> integer = GetInt(key);
    return integer ? std::optional<double>(static_cast<double>(*integer)) : std::nullopt;
  }
  uint64_t bits;
  if (!ReadUnsigned(value->position, value->width, &bits)) return std::nullopt;
  return ToDouble(bits, value->width);
}

std::optional<bool> FlexBufferMap::GetBool(std::string_view key) const {
  const std::optional<Value> value = Find(key);
  uint64_t bits;
  if (!value || value->type != kBool || !ReadUnsigned(value->position, value->width, &bits)) return std::nullopt;
  return bits != 0;
}

std::optional<std::string_view> FlexBufferMap::GetString(std::string_view key) const {
  const std::optional<Value> value = Find(key);
  uint64_t length;
  if (!value || value->type != kString || value->position < value->width) return std::nullopt;
  if (!ReadUnsigned(value->position - value->width, value->width, &length)) return std::nullopt;
  if (length > size_ - value->position) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(data_ + value->position), static_cast<size_t>(length));
}

}  // namespace tfsparse::tflite
