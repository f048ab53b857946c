#include "webhook/asked_kinds.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace plimsoll::webhook {
namespace {

using cluster::WatchedKind;

constexpr std::string_view kPolicies = R"yaml(
apiVersion: plimsoll.dev/v1
kind: Policy
metadata: {name: others}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  variables:
  - {name: all, expression: "resources . list( 'apps/v1' , \"Deployment\")"}
  validations:
  - expression: resources.get('v1', 'Secret', 'a', 'b').hasValue() && resources.complete('v1', 'Secret')
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: params}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: "true"}]
)yaml";

TEST(AskedKindsTest, AreThoseOfParamsAndOfExpressions) {
  const auto documents = yaml::read_stream(kPolicies, {.file = "policies.yaml"});
  ASSERT_TRUE(documents);
  const auto kinds = asked_kinds({}, *documents);
  ASSERT_TRUE(kinds);
  const std::vector<WatchedKind> expected = {
      {"apps/v1", "Deployment"}, {"v1", "ConfigMap"}, {"v1", "Namespace"}, {"v1", "Secret"}};
  EXPECT_EQ(*kinds, expected);
}

TEST(AskedKindsTest, OfPacksIncludeThoseTheyExtend) {
  const auto kinds = asked_kinds({"lightrun", "pod-security-restricted"}, {});
  ASSERT_TRUE(kinds) << kinds.error().to_string();
  EXPECT_GT(kinds->size(), 3U);
  EXPECT_NE(std::ranges::find(*kinds, WatchedKind{"v1", "Secret"}), kinds->end());
  EXPECT_FALSE(asked_kinds({"none"}, {}));
}

}  // namespace
}  // namespace plimsoll::webhook
