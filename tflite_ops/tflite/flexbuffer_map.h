// SPDX-License-Identifier: Apache-2.0
#ifndef TFSPARSE_TFLITE_FLEXBUFFER_MAP_H_
#define TFSPARSE_TFLITE_FLEXBUFFER_MAP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tfsparse::tflite {

// Read-only view of a FlexBuffer whose root is a map from keys to scalars and strings, the form in which TensorFlow
// Lite carries the options of a custom op.
//
// The bytes come from a file, so nothing in them is trusted: every offset and length is checked before it is followed,
// and whatever the bytes say, nothing outside the buffer is read. Nothing is allocated and nothing is thrown. The view
// and the strings that it returns are valid as long as the buffer is.
class FlexBufferMap {
 public:
  // Nothing if the buffer does not hold a well-formed map.
  static std::optional<FlexBufferMap> Parse(const void* data, size_t size);

  size_t size() const { return length_; }

  // The `index`-th key in the order of the file; nothing if it runs out of the buffer.
  std::optional<std::string_view> Key(size_t index) const;

  // The value of a key; nothing if the key is absent or its value has another type (or does not fit).
  std::optional<int64_t> GetInt(std::string_view key) const;
  std::optional<double> GetFloat(std::string_view key) const;  // an integer is taken, too
  std::optional<bool> GetBool(std::string_view key) const;
  std::optional<std::string_view> GetString(std::string_view key) const;

 private:
  // Where a value lies: its type and, for scalars, the position and width of its bytes.
  struct Value {
    int type;
    size_t position;
    size_t width;
  };

  FlexBufferMap(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  bool ReadUnsigned(size_t position, size_t width, uint64_t* value) const;
  bool FollowOffset(size_t position, size_t width, size_t* target) const;
  bool LocateVectors();
  std::optional<Value> Find(std::string_view key) const;
  std::optional<Value> ValueAt(size_t index) const;

  const uint8_t* data_;
  size_t size_;
  size_t length_ = 0;        // number of entries
  size_t keys_ = 0;          // position of the first key offset
  size_t keys_width_ = 0;    // bytes per key offset
  size_t values_ = 0;        // position of the first value
  size_t values_width_ = 0;  // bytes per value; the type bytes follow the last value
};

}  // namespace tfsparse::tflite

#endif  // TFSPARSE_TFLITE_FLEXBUFFER_MAP_H_
