// Expressions meant to exhaust the reader: each ends soon, with an answer or a clear error.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "engine/cel/test_expressions.h"

namespace plimsoll::cel {
namespace {

// Generous, for sanitizers on a busy machine; what is exponential takes far longer.
constexpr std::chrono::seconds kSoon{20};

std::string repeat(std::string_view text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

// The first line of the result, of at most 120 bytes.
std::string outcome_of(const std::string& expression, Value object = {}) {
  const auto start = std::chrono::steady_clock::now();
  const TestRun run = run_expression(*test_environment(), expression, object);
  EXPECT_LT(std::chrono::steady_clock::now() - start, kSoon) << expression.substr(0, 100);
  return run.text.substr(0, std::min<size_t>(run.text.find('\n'), 120));
}

TEST(HostileTest, Syntax) {
  constexpr std::string_view kTooDeep = "ERROR: <input>:-1:0: max recursion depth exceeded";
  constexpr std::string_view kTooLong = "ERROR: <input>:-1:0: expression code point size exceeds limit: size: 200001, limit 100000";
  EXPECT_EQ(outcome_of(repeat("x", 200'001)), kTooLong);
  EXPECT_EQ(outcome_of(repeat("[", 1000) + repeat("]", 1000)).substr(0, 5), "ERROR");
  EXPECT_EQ(outcome_of(repeat("-", 99'999) + "1"), "-1");  // cel-go drops pairs of signs
  for (const std::string_view open : {"(", "[", "{1:", "f(", "a.", "a[", "a?b:", "1+", "1<", "x||", "x&&", "[1].map(x,", "{", "'"}) {
    const std::string text = repeat(open, 99'000 / open.size());
    EXPECT_EQ(outcome_of(text).substr(0, 5), "ERROR") << open;
    EXPECT_EQ(outcome_of(text + "1").substr(0, 5), "ERROR") << open;
  }
  EXPECT_EQ(outcome_of(repeat("(", 5000) + "1" + repeat(")", 5000)).substr(0, 5), "ERROR");
  EXPECT_EQ(outcome_of("object" + repeat(".a", 300)), kTooDeep);
  EXPECT_EQ(outcome_of("true" + repeat(" || true", 5000)), "true");  // chains are balanced
}

TEST(HostileTest, Evaluation) {
  constexpr std::string_view kLimit = "error: operation cancelled: actual cost limit exceeded";
  EXPECT_EQ(outcome_of("lists.range(10000).all(a, lists.range(10000).all(b, a + b >= 0))"), kLimit);
  std::string nested = "true";
  for (char variable = 'a'; variable < 'k'; ++variable) {
    nested = std::string("[1,2,3,4,5,6,7,8].all(") + variable + ", " + nested + ")";
  }
  EXPECT_EQ(outcome_of(nested), kLimit);
  EXPECT_NE(outcome_of("lists.range(9223372036854775807).size()").find("error"), std::string::npos);
  EXPECT_EQ(outcome_of("'%.1000000000f'.format([1.0])"), "\"%!(NOVERB)\"");
  EXPECT_EQ(outcome_of("lists.range(100000).map(i, lists.range(100000)).size()"), kLimit);

  // Each step doubles the text: stopped by cost or memory.
  std::string doubling = "[" + repeat("1,", 60) + "1].map(i, 'x')";
  EXPECT_EQ(outcome_of(doubling + ".map(x, x + x + x + x).size()"), "61");
  std::string text = "'xxxxxxxxxxxxxxxx'";
  for (int i = 0; i < 12; ++i) text = "(" + text + ").replace('x', 'xxxxxxxxxxxxxxxx')";
  EXPECT_EQ(outcome_of(text + ".size()").substr(0, 5), "error");
}

TEST(HostileTest, Patterns) {
  const std::string text(50'000, 'a');
  const Value object = Value::string(text);
  EXPECT_EQ(outcome_of("object.matches('^(a+)+$')", object), "true");
  EXPECT_EQ(outcome_of("object.matches('^(a|aa)*b$')", object), "false");
  EXPECT_EQ(outcome_of("object.matches('(a?){1000}a{1000}$')", object), "true");
  EXPECT_EQ(outcome_of("'a'.matches('((a{100}){100}){100}')"),
            "ERROR: <input>:1:13: invalid matches argument");
  EXPECT_EQ(outcome_of("'a'.find('((a{100}){100}){100}')"),
            "planning error: error parsing regexp: invalid repeat count: `{100}`");
  EXPECT_EQ(outcome_of("'a'.matches('" + repeat("(", 20'000) + "')"), "ERROR: <input>:1:13: invalid matches argument");
}

TEST(HostileTest, InvalidTextIsRead) {
  EXPECT_EQ(outcome_of("'\xff\xfe'.size()"), "2");
  EXPECT_EQ(outcome_of(std::string("1 +\0 2", 6)).substr(0, 5), "ERROR");
  EXPECT_EQ(outcome_of("").substr(0, 5), "ERROR");
}

// Programs are shared: their patterns are compiled by whichever thread matches first.
TEST(HostileTest, ThreadsShareAProgram) {
  const auto environment = test_environment();
  const auto program = *environment->compile("object.all(x, x.matches('^[a-c]{1,20}$') && x in ['a', 'ab', 'abc']) && [3, 1].sort()[0] == 1");
  std::vector<std::thread> threads;
  std::vector<int> failures(4);
  for (size_t t = 0; t < failures.size(); ++t) {
    threads.emplace_back([&, t] {
      Arena arena;
      TestObject activation(*json::read(arena, R"(["a", "ab", "abc"])"));
      for (int i = 0; i < 200; ++i) {
        Arena results;
        Budget budget;
        const Outcome outcome = program->evaluate(activation, results, budget);
        failures[t] += !(outcome.ok() && outcome.value().bool_or(false));
        failures[t] += !environment->compile("object.size() > 1").has_value();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, std::vector<int>(failures.size()));
}

}  // namespace
}  // namespace plimsoll::cel
