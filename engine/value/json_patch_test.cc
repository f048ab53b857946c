#include "engine/value/json_patch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/value/json.h"

namespace plimsoll {
namespace {

class JsonPatchTest : public testing::Test {
 protected:
  Value value(std::string_view text) { return *json::read(arena_, text); }

  // The patched document, or the error.
  std::string apply(std::string_view document, std::vector<JsonPatchOperation> patch) {
    const auto outcome = apply_json_patch(value(document), patch, arena_);
    return outcome ? json::write(outcome->document) : outcome.error().message();
  }

  Arena arena_;
};

TEST_F(JsonPatchTest, AppliesEachOperation) {
  EXPECT_EQ(apply(R"({"a":1})", {{"add", "/b", "", value("[2]")}}), R"({"a":1,"b":[2]})");
  EXPECT_EQ(apply(R"({"a":[1,3]})", {{"add", "/a/1", "", value("2")}}), R"({"a":[1,2,3]})");
  EXPECT_EQ(apply(R"({"a":[1]})", {{"add", "/a/-", "", value("2")}}), R"({"a":[1,2]})");
  EXPECT_EQ(apply(R"({"a":[1,2]})", {{"remove", "/a/0"}}), R"({"a":[2]})");
  EXPECT_EQ(apply(R"({"a":[1,2]})", {{"replace", "/a/-1", "", value("9")}}), R"({"a":[1,9]})");
  EXPECT_EQ(apply(R"({"a":1})", {{"move", "/b", "/a"}}), R"({"b":1})");
  EXPECT_EQ(apply(R"({"a":{"x":1}})", {{"copy", "/b", "/a"}, {"add", "/b/y", "", value("2")}}), R"({"a":{"x":1},"b":{"x":1,"y":2}})");
  EXPECT_EQ(apply(R"({"a/b":{"m~n":1}})", {{"remove", "/a~1b/m~0n"}}), R"({"a/b":{}})");
}

TEST_F(JsonPatchTest, DiffersFromTheStandardWhereTheServerDoes) {
  EXPECT_EQ(apply(R"({"a":1})", {{"replace", "/b", "", value("2")}}), R"({"a":1,"b":2})");
  EXPECT_EQ(apply(R"({"a":1})", {{"copy", "/b", "/nope"}}), R"({"a":1,"b":null})");
  EXPECT_EQ(apply(R"({"a":1})", {{"add", "x/b", "", value("2")}}), R"({"a":1,"b":2})");
  EXPECT_EQ(apply(R"({"a":1})", {{"add", "/a", "", value("2")}, {"test", "/nope", "", value("null")}}), R"({"a":1})");
}

TEST_F(JsonPatchTest, SaysWhatIsMissing) {
  EXPECT_EQ(apply("{}", {{"add", "/a/b", "", value("1")}}), "add operation does not apply: doc is missing path: \"/a/b\": missing value");
  EXPECT_EQ(apply("{}", {{"remove", "/a"}}), "error in remove for path: '/a': Unable to remove nonexistent key: a: missing value");
  EXPECT_EQ(apply(R"({"a":[]})", {{"remove", "/a/3"}}),
            "error in remove for path: '/a/3': Unable to access invalid index: 3: invalid index referenced");
  EXPECT_EQ(apply(R"({"a":[]})", {{"add", "/a/x", "", value("1")}}),
            "error in add for path: '/a/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax");
  EXPECT_EQ(apply("{}", {{"frob", "/a"}}), "Unexpected kind: frob");
}

TEST_F(JsonPatchTest, LeavesTheOriginalAlone) {
  const Value document = value(R"({"a":{"b":1}})");
  const JsonPatchOperation remove{"remove", "/a/b"};
  ASSERT_TRUE(apply_json_patch(document, std::span(&remove, 1), arena_));
  EXPECT_EQ(json::write(document), R"({"a":{"b":1}})");
}

TEST_F(JsonPatchTest, BoundsCopiesAndDepth) {
  // Each copy doubles the document.
  std::vector<JsonPatchOperation> doubling;
  for (int i = 0; i < 60; ++i) doubling.push_back({"copy", arena_.copy("/a/" + std::to_string(i)), "/a"});
  EXPECT_NE(apply(R"({"a":{"text":"0123456789"}})", doubling).find("exceeding the limit"), std::string::npos);
  // Each round nests it a level deeper.
  std::vector<JsonPatchOperation> nesting;
  for (int i = 0; i < 5000; ++i) {
    nesting.push_back({"add", "/b", "", value("{}")});
    nesting.push_back({"move", "/b/x", "/a"});
    nesting.push_back({"move", "/a", "/b"});
  }
  EXPECT_NE(apply(R"({"a":{}})", nesting).find("nested deeper"), std::string::npos);
  EXPECT_NE(apply("{}", {{"add", std::string_view(arena_.copy(std::string(2000, '/'))), "", value("1")}}).find("more than"),
            std::string::npos);
}

}  // namespace
}  // namespace plimsoll
