#include "engine/cluster/policies.h"

#include <gtest/gtest.h>

#include "engine/policy/engine.h"

namespace plimsoll::cluster {
namespace {

class PoliciesTest : public testing::Test {
 protected:
  void add(std::string_view text) {
    const auto document = yaml::read(text, {.file = "test.yaml"});
    ASSERT_TRUE(document) << document.error().to_string();
    documents_.push_back(*document);
    objects_.add(documents_.back().root());
  }
  std::vector<yaml::Document> documents_;
  policy::ObjectIndex objects_;
};

TEST_F(PoliciesTest, PoliciesAndExceptionsOfTheClusterAreRules) {
  add(R"({apiVersion: plimsoll.dev/v1, kind: Policy, metadata: {name: small, uid: a, resourceVersion: "5", generation: 1, creationTimestamp: "2026-11-21T00:00:00Z"},
      spec: {matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]},
      validations: [{expression: object.spec.replicas < 3, message: too large}]}})");
  add(R"({apiVersion: plimsoll.dev/v1, kind: PolicyException, metadata: {name: e, namespace: shop}, spec: {rule: small, name: web, reason: sale, expires: "2999-12-31"}})");
  const auto rules = read_rules(objects_);
  ASSERT_TRUE(rules) << rules.error().to_string();
  ASSERT_EQ(rules->exceptions.size(), 1U);
  EXPECT_EQ(rules->exceptions[0].rule, "small");
  EXPECT_EQ(rules->exceptions[0].namespace_name, "shop");
  policy::RuleSetBuilder builder;
  for (const yaml::Document& document : rules->documents) {
    const auto added = builder.add_policy_document(document);
    ASSERT_TRUE(added) << added.error().to_string();
  }
  const auto set = builder.build();
  ASSERT_TRUE(set) << set.error().to_string();
  const auto deployment = *yaml::read("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 5}}");
  policy::EvaluationScratch scratch;
  const auto findings = (*set)->evaluate({.object = deployment.root()}, scratch);
  ASSERT_TRUE(findings);
  ASSERT_EQ(findings->size(), 1U);
  EXPECT_EQ((*findings)[0].message, "too large");
}

TEST_F(PoliciesTest, AnObjectThatCannotBeReadIsNamed) {
  add(R"({apiVersion: plimsoll.dev/v1, kind: PolicyException, metadata: {name: e, namespace: shop}, spec: {rule: small, reason: x, namespace: other, expires: soon}})");
  const auto rules = read_rules(objects_);
  ASSERT_FALSE(rules);
  EXPECT_NE(rules.error().to_string().find("PolicyException/shop/e"), std::string::npos) << rules.error().to_string();
  EXPECT_NE(rules.error().to_string().find("spec.expires"), std::string::npos) << rules.error().to_string();
}

}  // namespace
}  // namespace plimsoll::cluster
