#include "engine/policy/absent.h"

#include <gtest/gtest.h>

#include "engine/value/json.h"

namespace plimsoll::policy {
namespace {

std::string decoded(std::string_view text) {
  Arena arena;
  return json::write(without_nulls(*json::read(arena, text), arena));
}

TEST(AbsentTest, NullFieldsAreAbsentAtAnyDepth) {
  EXPECT_EQ(decoded(R"({"kind":"Pod","spec":{"a":null,"containers":[{"name":"x","env":[{"name":"e","value":null}]}]},"status":null})"),
            R"({"kind":"Pod","spec":{"containers":[{"name":"x","env":[{"name":"e"}]}]}})");
}

TEST(AbsentTest, NullMembersOfMapsAreEmptyValues) {
  EXPECT_EQ(decoded(R"({"metadata":{"labels":{"a":null,"b":"c"}},"resources":{"limits":{"cpu":null}}})"),
            R"({"metadata":{"labels":{"a":"","b":"c"}},"resources":{"limits":{"cpu":"0"}}})");
  EXPECT_EQ(decoded(R"({"kind":"ConfigMap","data":{"a":null}})"), R"({"kind":"ConfigMap","data":{"a":""}})");
  EXPECT_EQ(decoded(R"({"kind":"Secret","data":{"a":null}})"), R"({"kind":"Secret","data":{"a":null}})");
}

TEST(AbsentTest, WhatHasNoNullIsNotCopied) {
  Arena arena;
  const Value object = *json::read(arena, R"({"spec":{"containers":[{"name":"x"}],"volumes":[]}})");
  EXPECT_EQ(without_nulls(object, arena).as_map(), object.as_map());
  const Value partly = *json::read(arena, R"({"spec":{"a":1},"metadata":{"name":null}})");
  EXPECT_EQ(without_nulls(partly, arena)["spec"].as_map(), partly["spec"].as_map());
}

}  // namespace
}  // namespace plimsoll::policy
