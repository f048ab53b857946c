#include "engine/policy/exception.h"

#include <gtest/gtest.h>

#include "engine/value/json.h"

namespace plimsoll::policy {
namespace {

constexpr std::string_view kToday = "2026-11-21";

RuleInfo rule_named(std::string id, std::string pack) {
  RuleInfo rule;
  rule.id = std::move(id);
  rule.pack = std::move(pack);
  return rule;
}

const RuleInfo kStorage = rule_named("lightrun-mq-storage", "lightrun");

TEST(ParseExceptions, ReadsLinesAndSemicolons) {
  const auto exceptions =
      parse_exceptions("a: one; b, c: two until 2027-01-31\n\n*: three (until 2027-02-01)\nd: colons: stay");
  ASSERT_TRUE(exceptions) << exceptions.error().to_string();
  ASSERT_EQ(exceptions->size(), 5U);
  EXPECT_EQ((*exceptions)[0].rule, "a");
  EXPECT_EQ((*exceptions)[0].reason, "one");
  EXPECT_EQ((*exceptions)[0].expires, "");
  EXPECT_EQ((*exceptions)[2].rule, "c");
  EXPECT_EQ((*exceptions)[2].reason, "two");
  EXPECT_EQ((*exceptions)[2].expires, "2027-01-31");
  EXPECT_EQ((*exceptions)[3].rule, "*");
  EXPECT_EQ((*exceptions)[3].reason, "three");
  EXPECT_EQ((*exceptions)[3].expires, "2027-02-01");
  EXPECT_EQ((*exceptions)[4].reason, "colons: stay");
}

TEST(ParseExceptions, WantsReasonsAndRealDates) {
  EXPECT_FALSE(parse_exceptions("rule"));
  EXPECT_FALSE(parse_exceptions("rule:  "));
  EXPECT_FALSE(parse_exceptions(": reason"));
  EXPECT_FALSE(parse_exceptions("rule: until 2027-01-31"));
  EXPECT_FALSE(parse_exceptions("rule: reason until 2027-02-29"));
  EXPECT_EQ(parse_exceptions("rule: waits until further notice")->front().reason, "waits until further notice");
  EXPECT_EQ(parse_exceptions("rule: leap year until 2028-02-29")->front().expires, "2028-02-29");
}

TEST(FindException, MatchesRuleByIdPackOrStar) {
  for (const char* rule : {"lightrun-mq-storage", "lightrun/lightrun-mq-storage", "*", "lightrun-*"}) {
    const std::vector<Exception> one{{.rule = rule, .reason = "r"}};
    EXPECT_NE(find_exception(one, kStorage, {}, kToday).exception, nullptr) << rule;
  }
  for (const char* rule : {"mq-storage", "other/lightrun-mq-storage"}) {
    const std::vector<Exception> one{{.rule = rule, .reason = "r"}};
    EXPECT_EQ(find_exception(one, kStorage, {}, kToday).exception, nullptr) << rule;
  }
}

TEST(FindException, EveryGivenFieldMustMatch) {
  const std::vector<Exception> one{
      {.rule = "*", .kind = "StatefulSet", .name = "mq-*", .namespace_name = "prod", .path = "legacy/", .reason = "r"}};
  const ExceptionSubject subject{"StatefulSet", "mq-0", "prod", "deploy/mq.yaml"};
  EXPECT_EQ(find_exception(one, kStorage, subject, kToday).exception, nullptr);
  std::vector<Exception> paths = one;
  for (const char* path : {"*.yaml", "deploy/**", "/deploy/mq.yaml", "mq.yaml"}) {
    paths[0].path = path;
    EXPECT_NE(find_exception(paths, kStorage, subject, kToday).exception, nullptr) << path;
    EXPECT_EQ(find_exception(paths, kStorage, {"Deployment", "mq-0", "prod", "deploy/mq.yaml"}, kToday).exception,
              nullptr);
    EXPECT_EQ(find_exception(paths, kStorage, {"StatefulSet", "db-0", "prod", "deploy/mq.yaml"}, kToday).exception,
              nullptr);
    EXPECT_EQ(find_exception(paths, kStorage, {"StatefulSet", "mq-0", "test", "deploy/mq.yaml"}, kToday).exception,
              nullptr);
  }
}

TEST(FindException, HoldsThroughItsLastDay) {
  std::vector<Exception> one{{.rule = "*", .reason = "r", .expires = "2026-11-21"}};
  EXPECT_FALSE(find_exception(one, kStorage, {}, kToday).expired);
  const ExceptionMatch over = find_exception(one, kStorage, {}, "2026-11-22");
  EXPECT_TRUE(over.expired);
  EXPECT_NE(over.exception, nullptr);
  one.push_back({.rule = "lightrun-mq-storage", .reason = "still"});
  EXPECT_EQ(find_exception(one, kStorage, {}, "2026-11-22").exception->reason, "still");
}

TEST(ExceptionsOf, ReadsTheAnnotation) {
  Arena arena;
  const Value object = *json::read(arena, R"({"metadata": {"annotations": {"plimsoll.dev/ignore": "a: because"}}})");
  EXPECT_EQ(exceptions_of(object)->front().rule, "a");
  EXPECT_TRUE(exceptions_of(*json::read(arena, R"({"metadata": {}})"))->empty());
}

}  // namespace
}  // namespace plimsoll::policy
