#include "webhook/patch.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/value/json.h"
#include "engine/value/json_patch.h"

namespace plimsoll::webhook {
namespace {

struct Case {
  std::string_view sent, before, after, patch;
};

TEST(PatchTest, TellsOfTheMutationAloneAndFitsWhatWasSent) {
  const std::vector<Case> cases = {
      {R"({"a":1})", R"({"a":1,"b":2})", R"({"a":1,"b":2})", ""},
      {R"({"a":1})", R"({"a":1,"b":2})", R"({"a":1,"b":2,"c":3})", R"([{"op":"add","path":"/c","value":3}])"},
      {R"({"a":1})", R"({"a":1})", R"({"a":2})", R"([{"op":"replace","path":"/a","value":2}])"},
      {R"({"a":1,"b":2})", R"({"a":1,"b":2})", R"({"a":1})", R"([{"op":"remove","path":"/b"}])"},
      // A map that only defaulting made is added whole.
      {R"({})", R"({"m":{"d":1}})", R"({"m":{"d":1,"e":2}})", R"([{"op":"add","path":"/m","value":{"d":1,"e":2}}])"},
      {R"({"m":{}})", R"({"m":{"d":1}})", R"({"m":{"d":1,"e":2}})", R"([{"op":"add","path":"/m/e","value":2}])"},
      {R"({"a/b~c":1})", R"({"a/b~c":1})", R"({"a/b~c":2})", R"([{"op":"replace","path":"/a~1b~0c","value":2}])"},
      {R"({"l":[1,2,3]})", R"({"l":[1,2,3]})", R"({"l":[0,1,2,3]})", R"([{"op":"add","path":"/l/0","value":0}])"},
      {R"({"l":[1,2,3]})", R"({"l":[1,2,3]})", R"({"l":[1,2,3,4]})", R"([{"op":"add","path":"/l/3","value":4}])"},
      {R"({"l":[1,2,3]})", R"({"l":[1,2,3]})", R"({"l":[3]})",
       R"([{"op":"remove","path":"/l/1"},{"op":"remove","path":"/l/0"}])"},
      {R"({"l":[1,2]})", R"({"l":[1,2]})", R"({"l":[]})",
       R"([{"op":"remove","path":"/l/1"},{"op":"remove","path":"/l/0"}])"},
      {R"({"l":[{"n":"a"},{"n":"b"}]})", R"({"l":[{"n":"a","d":1},{"n":"b","d":1}]})",
       R"({"l":[{"n":"a","d":1},{"n":"b","d":1,"x":2},{"n":"c"}]})",
       R"([{"op":"add","path":"/l/1/x","value":2},{"op":"add","path":"/l/2","value":{"n":"c"}}])"},
  };
  for (const Case& test : cases) {
    Arena arena;
    const Value sent = *json::read(arena, test.sent), before = *json::read(arena, test.before),
                after = *json::read(arena, test.after);
    const std::string patch = make_patch(sent, before, after);
    EXPECT_EQ(patch, test.patch) << test.sent << " -> " << test.after;
    if (patch.empty()) continue;
    // It applies.
    const Value list = *json::read(arena, patch);
    std::vector<JsonPatchOperation> operations;
    for (const Value& item : list.items()) {
      operations.push_back({.op = item["op"].string_or(), .path = item["path"].string_or(), .value = item["value"]});
    }
    EXPECT_TRUE(apply_json_patch(sent, operations, arena)) << patch;
  }
}

}  // namespace
}  // namespace plimsoll::webhook
