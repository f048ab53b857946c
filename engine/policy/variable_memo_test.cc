#include "engine/policy/variable_memo.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/policy/engine.h"

namespace plimsoll::policy {
namespace {

std::string policy(std::string_view name, const std::vector<std::string>& variables,
                   const std::vector<std::string>& validations, std::string_view more = {}) {
  std::string text = fmt::format(
      "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {{name: {}}}\nspec:\n{}"
      "  matchConstraints:\n    resourceRules:\n"
      "    - {{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}}\n  variables:\n",
      name, more);
  for (const std::string& variable : variables) {
    const size_t equals = variable.find('=');
    text += fmt::format("  - {{name: {}, expression: \"{}\"}}\n", variable.substr(0, equals), variable.substr(equals + 1));
  }
  text += "  validations:\n";
  for (const std::string& validation : validations) text += fmt::format("  - expression: \"{}\"\n", validation);
  return text;
}

// "policy: message" of each finding, in order.
std::vector<std::string> judge(const std::vector<std::string>& policies, std::string_view object) {
  RuleSetBuilder builder;
  for (const std::string& text : policies) {
    auto document = yaml::read(text, {.file = "test.yaml"});
    EXPECT_TRUE(document) << document.error().to_string();
    const auto added = builder.add_policy_document(*std::move(document));
    EXPECT_TRUE(added) << added.error().to_string();
  }
  const auto rules = builder.build();
  EXPECT_TRUE(rules) << rules.error().to_string();
  const auto subject = yaml::read(object, {.file = "object.yaml"});
  EvaluationScratch scratch;
  std::vector<std::string> results;
  // What a first object came to says nothing of a second.
  const auto other = yaml::read("{apiVersion: v1, kind: ConfigMap, metadata: {name: other}, data: {}}", {.file = "o.yaml"});
  EXPECT_TRUE((*rules)->evaluate({.object = other->root()}, scratch));
  const auto findings = (*rules)->evaluate({.object = subject->root()}, scratch);
  EXPECT_TRUE(findings) << findings.error().to_string();
  for (const Finding& finding : *findings) results.push_back(finding.rule->id + ": " + finding.message);
  return results;
}

constexpr std::string_view kObject = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: y, z: w}}";

TEST(VariableMemoTest, RulesShareValuesOfEqualVariablesOnly) {
  const std::vector<std::string> common = {"keys=object.?data.orValue({}).map(k, k)", "count=variables.keys.size()"};
  std::vector<std::string> other = common;
  other[0] = "keys=['one']";
  std::vector<std::string> replaced = common;
  replaced.push_back("keys=['one', 'two', 'three']");
  EXPECT_EQ(judge({policy("a", common, {"variables.count == 2"}), policy("b", common, {"variables.count == 2", "variables.count == 3"}),
                   policy("c", other, {"variables.count == 1"}), policy("d", replaced, {"variables.count == 3"}),
                   policy("e", common, {"variables.keys.size() == variables.count"})},
                  kObject),
            std::vector<std::string>({"b: failed expression: variables.count == 3"}));
}

TEST(VariableMemoTest, ErrorsAreThoseOfEachRule) {
  const std::vector<std::string> variables = {"bad=object.data.nothing", "also=variables.bad + 'x'"};
  const auto alone = judge({policy("b", variables, {"variables.also == 'x'"})}, kObject);
  ASSERT_EQ(alone.size(), 1U);
  const auto together = judge({policy("a", variables, {"variables.also == 'x'"}), policy("b", variables, {"variables.also == 'x'"})}, kObject);
  ASSERT_EQ(together.size(), 2U);
  EXPECT_EQ(together[1], alone[0]);
  EXPECT_EQ(together[0].substr(1), alone[0].substr(1));
}

TEST(VariableMemoTest, WhatDependsOnParamsIsNotShared) {
  const std::string params = "  paramKind: {apiVersion: v1, kind: ConfigMap}\n";
  const auto limited = [&](std::string_view name) {
    return policy(name, {"limit=int(params.data.limit)", "over=object.data.size() > variables.limit"}, {"!variables.over"}, params);
  };
  const auto binding = [](std::string_view policy_name, std::string_view param) {
    return fmt::format(
        "{{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {{name: {0}-{1}}},"
        " spec: {{policyName: {0}, validationActions: [Deny], paramRef: {{name: {1}, parameterNotFoundAction: Deny}}}}}}",
        policy_name, param);
  };
  const auto param = [](std::string_view name, int limit) {
    return fmt::format("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {}}}, data: {{limit: '{}'}}}}", name, limit);
  };
  EXPECT_EQ(judge({limited("a"), limited("b"), binding("a", "wide"), binding("b", "narrow"), param("wide", 5), param("narrow", 1)}, kObject),
            std::vector<std::string>({"b: failed expression: !variables.over"}));
}

TEST(VariableMemoTest, SharedValuesCostEachRuleWhatTheyCost) {
  // Variables of half a million cost units each; a policy may spend ten million.
  std::vector<std::string> heavy = {"words='abcdefghij'.split('').map(a, [a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a]).flatten()"};
  for (int i = 0; i < 30; ++i) {
    heavy.push_back(fmt::format("heavy{}=variables.words.all(a, variables.words.all(b, a != '{}' && b != '{}'))", i, i, i));
  }
  const auto uses = [](int count) {
    std::vector<std::string> validations;
    for (int i = 0; i < count; ++i) validations.push_back(fmt::format("variables.heavy{}", i));
    return validations;
  };
  const std::string modest = policy("modest", heavy, uses(10)), greedy = policy("greedy", heavy, uses(30));
  EXPECT_EQ(judge({modest}, kObject), std::vector<std::string>());
  const auto alone = judge({greedy}, kObject);
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_NE(alone[0].find("cost budget"), std::string::npos) << alone[0];
  EXPECT_EQ(judge({modest, greedy}, kObject), alone);
  EXPECT_EQ(judge({greedy, modest}, kObject), alone);
}

}  // namespace
}  // namespace plimsoll::policy
