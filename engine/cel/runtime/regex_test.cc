#include "engine/cel/runtime/regex.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>

#include "engine/cel/runtime/regex_syntax.h"

namespace plimsoll::cel {
namespace {

TEST(RegexTest, MatchesAsGoDoes) {
  const Regex word = *Regex::compile("(?<first>[a-z])[a-z]*");
  EXPECT_TRUE(word.matches("12 ab"));
  EXPECT_EQ(word.find("12 ab cd"), "ab");
  EXPECT_EQ(word.find_all("12 ab cd", 1), (std::vector<std::string_view>{"ab"}));
  EXPECT_EQ(word.group_count(), 1);
  // An empty match right after another one does not count.
  EXPECT_EQ(Regex::compile("a*")->find_all("baac", -1), (std::vector<std::string_view>{"", "aa", ""}));
}

TEST(RegexTest, ErrorsNameThePatternAsWritten) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"(", "missing closing ): `(`"},
      {"(?<a-b>x)", "invalid named capture: `(?<a-b>`"},
      {"(?<=x)", "invalid named capture: `(?<=x)`"},
      {"a\\C", "invalid escape sequence: `\\C`"},
      {"[b-a]", "invalid character class range: `b-a`"},
      {"a{1001}?", "invalid repeat count: `{1001}`"},
      {"a**", "invalid nested repetition operator: `**`"},
  };
  for (const auto& [pattern, error] : kRows) {
    const auto regex = Regex::compile(pattern);
    ASSERT_FALSE(regex) << pattern;
    EXPECT_EQ(regex.error(), "error parsing regexp: " + std::string(error));
  }
}

TEST(RegexSyntaxTest, KnowsWhatPoliciesWrite) {
  for (const char* pattern : {"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "^images\\.example\\.com/[\\w.-]+(:[\\w][\\w.-]{0,127})?(@sha256:[a-f0-9]{64})?$",
                              "", "^$", "a|b|", "(?:x)+?", "\\d+\\s\\bok\\b"}) {
    EXPECT_TRUE(is_surely_valid(pattern)) << pattern;
  }
  for (const char* pattern : {"(", ")", "a{2,1}", "(a{100}){100}", "[a", "a++", "(?i)a", "[[:alpha:]]", "\\p{L}", "\\q", "é", "((((x{30}y){30}){1}z)"}) {
    EXPECT_FALSE(is_surely_valid(pattern)) << pattern;
  }
}

// Whatever is called valid compiles: patterns put together at random from pieces that are easily got wrong.
TEST(RegexSyntaxTest, NeverVouchesForWhatFails) {
  constexpr std::string_view kPieces[] = {"a",   "-",     "]",    "[",   "[^",   "[-a", "a-",  "(",   ")",    "(?:", "?",  "*",   "+",    "{",
                                          "}",   "{2}",   "{2,}", "{,2}", "{900}", "|",  "^",   "$",   "\\",   "\\d", "\\w-", ".", "z-a", "\\b",
                                          "[a-z]", "\\]", "--",   "\\Q", "\\E",  "\\1", "{2,1}", "[]", "[^]",  "(?", "\t", "\\.", "[+--]", "&&"};
  std::mt19937 random(1);
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(32 << 20);
  size_t valid = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string pattern;
    for (size_t pieces = 1 + random() % 7; pieces > 0; --pieces) pattern += kPieces[random() % std::size(kPieces)];
    if (!is_surely_valid(pattern)) continue;
    ++valid;
    EXPECT_TRUE(RE2(pattern, options).ok()) << pattern;
  }
  EXPECT_GT(valid, 2000U);
}

}  // namespace
}  // namespace plimsoll::cel
