#include "engine/policy/mutate.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/value/json.h"

namespace plimsoll::policy {
namespace {

// Policies on pods, all bound without conditions.
class MutateTest : public testing::Test {
 protected:
  Value value(std::string_view text) { return *json::read(arena_, text); }

  void add(std::string_view name, std::string_view mutations, std::string_view extra = "") {
    const std::string text = R"({"kind":"MutatingAdmissionPolicy","metadata":{"name":")" + std::string(name) +
                             R"("},"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],)"
                             R"("operations":["CREATE"],"resources":["pods"]}]},"reinvocationPolicy":"Never",)" +
                             std::string(extra) + R"("mutations":)" + std::string(mutations) + "}}";
    DecodeState state;
    PolicyCompiler compiler;
    BoundPolicy bound{compiler.compile(decode_policy(value(text), state)), {Binding()}};
    ASSERT_FALSE(state.failure) << state.failure->message;
    ASSERT_EQ(bound.policy->first_error(), nullptr) << bound.policy->first_error()->error;
    bound.bindings[0].mutating = true;
    bound.bindings[0].metadata.name = std::string(name) + "-binding";
    bound.bindings[0].policy_name = name;
    policies_.push_back(std::move(bound));
  }
  static std::string apply(std::string_view expression) {
    std::string out = R"({"patchType":"ApplyConfiguration","applyConfiguration":{"expression":)";
    json::append_quoted(out, expression);
    return out + "}}";
  }
  static std::string patch(std::string_view expression) {
    std::string out = R"({"patchType":"JSONPatch","jsonPatch":{"expression":)";
    json::append_quoted(out, expression);
    return out + "}}";
  }

  MutationOutcome run() { return *attempt(); }
  Result<MutationOutcome> attempt(std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt) {
    const schema::TypeCatalog catalog(types_);
    const Defaulting defaulting(catalog);
    const Value written = value(written_);
    pod_ = defaulting.decode(written, arena_).object;
    defaulting.admit(pod_, arena_);
    std::string scratch;
    const Request request = request_to_create(pod_, "default", kinds_, scratch);
    const Surroundings surroundings{&kinds_, nullptr, nullptr, true};
    return mutate(request, policies_, surroundings, defaulting, arena_, written, deadline);
  }

  std::string_view written_ =
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1"}]}})";

  std::shared_ptr<const schema::KubernetesTypes> types_ = *schema::KubernetesTypes::load();
  KindTable kinds_;
  Arena arena_;
  Value pod_;
  std::vector<BoundPolicy> policies_;
};

TEST_F(MutateTest, RecordsWhatEachPolicyChanged) {
  add("tty", "[" + apply("Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', tty: true}]}}") + "]");
  add("label", "[" + patch("[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': 'b'}}]") + "]");
  const MutationOutcome outcome = run();
  ASSERT_TRUE(outcome.allowed) << outcome.message;
  EXPECT_TRUE(outcome.object["spec"]["containers"].items()[0]["tty"].bool_or(false));
  EXPECT_TRUE(pod_["spec"]["containers"].items()[0]["tty"].is_null());
  ASSERT_EQ(outcome.changes.size(), 2U);
  EXPECT_EQ(outcome.changes[0].policy, "tty");
  EXPECT_EQ(outcome.changes[0].difference.place, "spec.containers[name=\"c\"].tty");
  EXPECT_TRUE(outcome.changes[0].difference.added);
  EXPECT_EQ(outcome.changes[1].binding, "label-binding");
  EXPECT_EQ(changes_at(outcome.changes, Path().key("metadata").key("labels").key("a")), std::vector<size_t>{1});
  EXPECT_TRUE(outcome.conflicts.empty());
}

TEST_F(MutateTest, EndsWhereTimeOrMemoryIsUsedUp) {
  add("tty", "[" + apply("Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', tty: true}]}}") + "]");
  const auto late = attempt(std::chrono::steady_clock::now());
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::kLimit);
  EXPECT_NE(late.error().message().find("deadline"), std::string::npos);
  EXPECT_TRUE(attempt(std::chrono::steady_clock::now() + std::chrono::hours(1)));
  arena_ = Arena(1);
  const auto large = attempt();
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), ErrorCode::kLimit);
  EXPECT_NE(large.error().message().find("memory"), std::string::npos);
}

TEST_F(MutateTest, TellsOfPoliciesThatDisagree) {
  add("one", "[" + apply("Object{spec: Object.spec{hostname: 'one'}}") + "]");
  add("two", "[" + apply("Object{spec: Object.spec{hostname: 'two'}}") + "]");
  const MutationOutcome outcome = run();
  EXPECT_EQ(outcome.object["spec"]["hostname"].string_or(), "two");
  ASSERT_EQ(outcome.conflicts.size(), 1U);
  EXPECT_EQ(outcome.conflicts[0].place, "spec.hostname");
  EXPECT_EQ(outcome.conflicts[0].first, "one");
  EXPECT_EQ(outcome.conflicts[0].second, "two");
  EXPECT_EQ(outcome.conflicts[0].first_value.string_or(), "one");
}

TEST_F(MutateTest, TellsOfPoliciesThatUndoPartsOfEachOthersChanges) {
  add("whole", "[" + patch("[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': 'b', 'c': 'd'}}]") + "]");
  add("more", "[" + patch("[JSONPatch{op: 'add', path: '/metadata/labels/e', value: 'f'}]") + "]");
  EXPECT_TRUE(run().conflicts.empty());
  add("less", "[" + patch("[JSONPatch{op: 'remove', path: '/metadata/labels/a'}]") + "]");
  MutationOutcome outcome = run();
  ASSERT_EQ(outcome.conflicts.size(), 1U);
  EXPECT_EQ(outcome.conflicts[0].place, "metadata.labels.a");
  EXPECT_EQ(outcome.conflicts[0].first, "whole");
  policies_.pop_back();
  add("none", "[" + patch("[JSONPatch{op: 'remove', path: '/metadata/labels'}]") + "]");
  outcome = run();
  ASSERT_EQ(outcome.conflicts.size(), 1U);
  EXPECT_EQ(outcome.conflicts[0].second, "none");
}

TEST_F(MutateTest, TheObjectAsWrittenGetsWhatPoliciesSayAndNoDefaults) {
  written_ = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":null},"spec":{"containers":[
      {"name":"c","image":"i:1","resources":{"limits":{"cpu":"1000m"}},"ports":[{"containerPort":80}]}],"unknown":1,"tolerations":[
      {"key":"a"},{"key":"b"}]}})";
  add("sidecar", "[" + apply("Object{spec: Object.spec{containers: [Object.spec.containers{name: 's', image: 's:1', ports: "
                             "[Object.spec.containers.ports{containerPort: 81, protocol: 'TCP'}]}]}}") + "]");
  add("label", "[" + patch("[JSONPatch{op: 'add', path: '/metadata/labels', value: {'x': 'y'}}, "
                           "JSONPatch{op: 'add', path: '/spec/tolerations/-', value: {'key': 'c'}}, "
                           "JSONPatch{op: 'remove', path: '/spec/containers/0/resources'}]") + "]");
  const MutationOutcome outcome = run();
  ASSERT_TRUE(outcome.allowed) << outcome.message;
  const auto find = [&](std::string_view name) {
    for (const Value& container : outcome.written["spec"]["containers"].items()) {
      if (container["name"].string_or() == name) return json::write(container);
    }
    return std::string();
  };
  EXPECT_EQ(find("c"), R"({"name":"c","image":"i:1","ports":[{"containerPort":80}]})");
  EXPECT_EQ(find("s"), R"({"name":"s","image":"s:1","ports":[{"containerPort":81,"protocol":"TCP"}]})");
  EXPECT_EQ(json::write(outcome.written["metadata"]), R"({"name":"p","labels":{"x":"y"}})");
  // The server's own tolerations stay out of it.
  EXPECT_EQ(json::write(outcome.written["spec"]["tolerations"]), R"([{"key":"a"},{"key":"b"},{"key":"c"}])");
  EXPECT_EQ(outcome.written["spec"]["unknown"].int_or(0), 1);
  EXPECT_EQ(outcome.written["spec"]["restartPolicy"].string_or(), "");
}

TEST_F(MutateTest, FailurePolicyDecidesAboutErrors) {
  const std::string broken = "[" + apply("Object{metadata: Object.metadata{labels: {'x': object.metadata.annotations['y']}}}") + "]";
  add("lenient", broken, R"("failurePolicy":"Ignore",)");
  EXPECT_TRUE(run().allowed);
  add("strict", broken);
  const MutationOutcome outcome = run();
  EXPECT_FALSE(outcome.allowed);
  EXPECT_EQ(outcome.code, 403);
  EXPECT_EQ(outcome.reason, "Invalid");
  EXPECT_TRUE(outcome.message.starts_with("policy 'strict' with binding 'strict-binding' denied request: expression")) << outcome.message;
}

TEST_F(MutateTest, SaysWhatWouldCrashTheServer) {
  add("crash", "[" + patch("[JSONPatch{op: 'add', path: '/spec/tolerations', value: [Object.spec.tolerations{key: 'a'}]}]") + "]");
  const MutationOutcome outcome = run();
  EXPECT_FALSE(outcome.allowed);
  EXPECT_TRUE(outcome.crashes_server);
  EXPECT_NE(outcome.message.find("write it as a map"), std::string::npos) << outcome.message;
}

TEST_F(MutateTest, TakesNoMapForAnObjectInsideAList) {
  add("maps", "[" + apply("Object{spec: Object.spec{containers: [{'name': 'c', 'image': 'x'}]}}") + "]");
  const MutationOutcome outcome = run();
  EXPECT_FALSE(outcome.allowed);
  EXPECT_TRUE(outcome.message.ends_with("failed to convert patch object to typed object: .spec.containers: element 0: associative list with "
                                        "keys may not have non-map elements"))
      << outcome.message;
}

TEST_F(MutateTest, ChangesNothingWithoutNeed) {
  add("same", "[" + apply("Object{spec: Object.spec{restartPolicy: object.spec.restartPolicy}}") + "]");
  const MutationOutcome outcome = run();
  EXPECT_TRUE(outcome.allowed);
  EXPECT_FALSE(outcome.changed());
}

}  // namespace
}  // namespace plimsoll::policy
