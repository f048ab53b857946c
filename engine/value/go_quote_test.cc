#include "engine/value/go_quote.h"

#include <gtest/gtest.h>

namespace plimsoll::go {
namespace {

TEST(GoQuote, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(quoted("plain"), R"("plain")");
  EXPECT_EQ(quoted("a\"b\\c\nd\te'"), R"("a\"b\\c\nd\te'")");
  EXPECT_EQ(quoted(std::string_view("\x00\x1f\x7f", 3)), R"("\x00\x1f\x7f")");
  EXPECT_EQ(quoted("\xff"), R"("\xff")");
  EXPECT_EQ(quoted("ünï 😀"), "\"ünï 😀\"");
  EXPECT_EQ(quoted("\u00a0\u200b\ufeff\U000e0001"), R"("\u00a0\u200b\ufeff\U000e0001")");
  // Code points that Unicode has not assigned.
  EXPECT_EQ(quoted("\u0378\U0003fffd"), R"("\u0378\U0003fffd")");
}

TEST(GoQuote, QuotesInAscii) {
  std::string out;
  append_quoted(out, "ü😀", true);
  EXPECT_EQ(out, R"("\u00fc\U0001f600")");
}

TEST(GoQuote, QuotesRunes) {
  std::string out;
  for (const char32_t rune : {U'x', U'\'', U'"', U'\n', char32_t{0}, char32_t{0xD800}}) append_quoted_rune(out, rune);
  EXPECT_EQ(out, R"('x''\'''"''\n''\x00''�')");
}

}  // namespace
}  // namespace plimsoll::go
