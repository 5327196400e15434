// SPDX-License-Identifier: Apache-2.0
#include "tflite/flexbuffer_map.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/tflite_ops/tflite/flexbuffer_writer.h"

namespace tfsparse::tflite {
namespace {

const std::map<std::string, FlexValue> kEntries = {
    {"flag", true}, {"layer", std::string("conv2d_1")}, {"negative", int64_t{-5}}, {"winners", int64_t{100}}};

// {"format": 1, "layer": "conv2d_1", "winners": 300, "winner_rate": 0.3, "keep_num_dims": true} as the `flatbuffers`
// package for Python writes it.
const uint8_t kFromPython[] = {
    0x66, 0x6f, 0x72, 0x6d, 0x61, 0x74, 0x00, 0x6c, 0x61, 0x79, 0x65, 0x72, 0x00, 0x08, 0x63, 0x6f, 0x6e,
    0x76, 0x32, 0x64, 0x5f, 0x31, 0x00, 0x77, 0x69, 0x6e, 0x6e, 0x65, 0x72, 0x73, 0x00, 0x77, 0x69, 0x6e,
    0x6e, 0x65, 0x72, 0x5f, 0x72, 0x61, 0x74, 0x65, 0x00, 0x6b, 0x65, 0x65, 0x70, 0x5f, 0x6e, 0x75, 0x6d,
    0x5f, 0x64, 0x69, 0x6d, 0x73, 0x00, 0x05, 0x3a, 0x10, 0x35, 0x1e, 0x27, 0x00, 0x06, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x5a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0xd3,
    0x3f, 0x2c, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x6b, 0x14, 0x0f, 0x07, 0x2d, 0x27, 0x01};

class FlexBufferMapWidth : public testing::TestWithParam<int> {};

TEST_P(FlexBufferMapWidth, ReadsEveryType) {
  const std::vector<uint8_t> buffer = FlexBufferWriter(GetParam()).Write(kEntries);
  const auto map = FlexBufferMap::Parse(buffer.data(), buffer.size());
  ASSERT_TRUE(map);
  EXPECT_EQ(map->size(), 4u);
  EXPECT_EQ(map->Key(1), "layer");
  EXPECT_EQ(map->GetBool("flag"), true);
  EXPECT_EQ(map->GetString("layer"), "conv2d_1");
  EXPECT_EQ(map->GetInt("negative"), -5);
  EXPECT_EQ(map->GetInt("winners"), 100);
  EXPECT_EQ(map->GetFloat("winners"), 100.0);
}

INSTANTIATE_TEST_SUITE_P(Widths, FlexBufferMapWidth, testing::Values(1, 2, 4, 8));

TEST(FlexBufferMap, ReadsFloatsOfBothWidths) {
  for (const int width : {4, 8}) {
    const std::vector<uint8_t> buffer = FlexBufferWriter(width).Write({{"winner_rate", 0.25}});
    EXPECT_EQ(FlexBufferMap::Parse(buffer.data(), buffer.size())->GetFloat("winner_rate"), 0.25) << width;
  }
}

TEST(FlexBufferMap, ReadsWhatPythonWrites) {
  const auto map = FlexBufferMap::Parse(kFromPython, sizeof kFromPython);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->GetInt("format"), 1);
  EXPECT_EQ(map->GetString("layer"), "conv2d_1");
  EXPECT_EQ(map->GetInt("winners"), 300);
  EXPECT_EQ(map->GetFloat("winner_rate"), 0.3);
  EXPECT_EQ(map->GetBool("keep_num_dims"), true);
}

TEST(FlexBufferMap, GivesNothingForAnAbsentKey) {
  const auto map = FlexBufferMap::Parse(kFromPython, sizeof kFromPython);
  EXPECT_FALSE(map->GetInt("winner"));
  EXPECT_FALSE(map->GetString(""));
  EXPECT_FALSE(map->Key(5));
}

TEST(FlexBufferMap, GivesNothingForAnotherType) {
  const auto map = FlexBufferMap::Parse(kFromPython, sizeof kFromPython);
  EXPECT_FALSE(map->GetInt("layer"));
  EXPECT_FALSE(map->GetInt("winner_rate"));
  EXPECT_FALSE(map->GetInt("keep_num_dims"));
  EXPECT_FALSE(map->GetString("winners"));
  EXPECT_FALSE(map->GetBool("format"));
  EXPECT_FALSE(map->GetFloat("layer"));
}

TEST(FlexBufferMap, RefusesWhatIsNoMap) {
  EXPECT_FALSE(FlexBufferMap::Parse(nullptr, 0));
  EXPECT_FALSE(FlexBufferMap::Parse("", 0));
  EXPECT_FALSE(FlexBufferMap::Parse("\x01\x04\x01", 3));  // the integer 1
  EXPECT_FALSE(FlexBufferMap::Parse("hello, world", 12));
}

TEST(FlexBufferMap, RefusesMoreEntriesThanAnyOpHas) {
  std::map<std::string, FlexValue> entries;
  for (int i = 0; i < 257; ++i) entries["key" + std::to_string(i)] = int64_t{i};
  const std::vector<uint8_t> buffer = FlexBufferWriter(4).Write(entries);
  EXPECT_FALSE(FlexBufferMap::Parse(buffer.data(), buffer.size()));
}

// Reads all that can be read. The copy has exactly the buffer's size, so the address sanitizer sees any byte too far.
void ReadEverything(const std::vector<uint8_t>& buffer) {
  const auto copy = std::make_unique<uint8_t[]>(buffer.size());
  std::copy(buffer.begin(), buffer.end(), copy.get());
  const auto map = FlexBufferMap::Parse(copy.get(), buffer.size());
  if (!map) return;
  size_t characters = 0;
  for (size_t i = 0; i < map->size(); ++i) {
    const auto key = map->Key(i);
    if (!key) continue;
    characters += key->size();
    for (const char character : map->GetString(*key).value_or("")) characters += character != 0;
    map->GetInt(*key);
    map->GetFloat(*key);
    map->GetBool(*key);
  }
  EXPECT_LE(characters, map->size() * 2 * buffer.size());
}

TEST(FlexBufferMap, NeverLeavesATruncatedBuffer) {
  const std::vector<uint8_t> whole(std::begin(kFromPython), std::end(kFromPython));
  for (size_t begin = 0; begin <= whole.size(); ++begin) {
    ReadEverything({whole.begin() + static_cast<std::ptrdiff_t>(begin), whole.end()});
    ReadEverything({whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(begin)});
  }
}

TEST(FlexBufferMap, NeverLeavesAMutatedBuffer) {
  std::mt19937 random(20240607);
  std::vector<std::vector<uint8_t>> seeds = {{std::begin(kFromPython), std::end(kFromPython)}};
  for (const int width : {1, 2, 4, 8}) seeds.push_back(FlexBufferWriter(width).Write(kEntries));
  for (int round = 0; round < 50000; ++round) {
    std::vector<uint8_t> buffer = seeds[random() % seeds.size()];
    for (uint32_t i = random() % 8 + 1; i > 0; --i) {
      // Half of the hits go to the end, where the offsets lie.
      const size_t reach = random() % 2 == 0 ? buffer.size() : std::min<size_t>(buffer.size(), 40);
      const size_t position = buffer.size() - 1 - random() % reach;
      buffer[position] = random() % 3 == 0 ? 0xFF : static_cast<uint8_t>(random());
    }
    ReadEverything(buffer);
  }
}

TEST(FlexBufferMap, NeverLeavesARandomBuffer) {
  std::mt19937 random(7);
  for (int round = 0; round < 50000; ++round) {
    std::vector<uint8_t> buffer(random() % 64 + 3);
    for (uint8_t& byte : buffer) byte = static_cast<uint8_t>(random() % 2 == 0 ? random() % 12 : random());
    buffer[buffer.size() - 1] = static_cast<uint8_t>(1 << random() % 4);
    buffer[buffer.size() - 2] = static_cast<uint8_t>(9 << 2 | random() % 4);
    ReadEverything(buffer);
  }
}

}  // namespace
}  // namespace tfsparse::tflite
