// SPDX-License-Identifier: Apache-2.0
#include "tflite/text.h"

#include <gtest/gtest.h>

#include <string>

namespace tfsparse::tflite {
namespace {

TEST(Printable, KeepsUtf8OfEveryLength) {
  const std::string text = "conv_1/\xc3\xbc\xe4\xb8\xad\xf0\x9f\x98\x80";
  EXPECT_EQ(Printable(text), text);
}

TEST(Printable, ReplacesControlCharacters) {
  EXPECT_EQ(Printable("a\nb\x7f\xc2\x85"
                      "c"),
            "a?b???c");
}

TEST(Printable, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(Printable("\xff"), "?");
  EXPECT_EQ(Printable("\x80x"), "?x");
  EXPECT_EQ(Printable("\xe4\xb8"), "??");            // cut off
  EXPECT_EQ(Printable("\xc0\xaf"), "??");            // overlong
  EXPECT_EQ(Printable("\xe0\x80\xaf"), "???");       // overlong
  EXPECT_EQ(Printable("\xf0\x80\x80\xaf"), "????");  // overlong
  EXPECT_EQ(Printable("\xed\xa0\x80"), "???");       // a surrogate
  EXPECT_EQ(Printable("\xf4\x90\x80\x80"), "????");  // beyond Unicode
}

TEST(Printable, CutsLongTextBetweenCharacters) {
  EXPECT_EQ(Printable(std::string(1000, 'x')), std::string(200, 'x'));
  EXPECT_EQ(Printable(std::string(199, 'x') + "\xc3\xbc"), std::string(199, 'x'));
}

TEST(JsonString, EscapesQuotesAndBackslashes) { EXPECT_EQ(JsonString("a\"b\\c"), "\"a\\\"b\\\\c\""); }

}  // namespace
}  // namespace tfsparse::tflite
