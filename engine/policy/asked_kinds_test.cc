#include "engine/policy/asked_kinds.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/policy/engine.h"

namespace plimsoll::policy {
namespace {

struct Asked {
  std::string kinds;  // "apps/v1/Deployment v1/Secret"
  std::vector<Error> untold;
};

Asked asked_by(RuleSetBuilder& builder) {
  const auto rules = builder.build();
  EXPECT_TRUE(rules) << rules.error().to_string();
  EXPECT_TRUE((*rules)->compile_all());
  Asked asked;
  for (const AskedKind& kind : (*rules)->asked_kinds(&asked.untold)) {
    asked.kinds += fmt::format("{}{}/{}", asked.kinds.empty() ? "" : " ", kind.api_version, kind.kind);
  }
  return asked;
}

// Of a Policy with these lines of spec.
Asked asked_by(std::string_view spec, std::string_view annotations = "{}") {
  const auto document = yaml::read(fmt::format(R"yaml(
apiVersion: plimsoll.dev/v1
kind: Policy
metadata: {{name: others, annotations: {}}}
spec:
  matchConstraints:
    resourceRules: [{{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}}]
{})yaml", annotations, spec), {.file = "policies.yaml"});
  EXPECT_TRUE(document) << document.error().to_string();
  RuleSetBuilder builder;
  const auto added = builder.add_policy_document(*document);
  EXPECT_TRUE(added) << added.error().to_string();
  return asked_by(builder);
}

Asked asked_by_expression(std::string_view expression) { return asked_by(fmt::format("  validations: [{{expression: \"{}\"}}]\n", expression)); }

TEST(AskedKindsTest, AreFoundInEveryExpressionOfAPolicy) {
  const Asked asked = asked_by(R"yaml(
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConditions:
  - {name: a, expression: "resources.complete('example.com/v1', 'InCondition')"}
  variables:
  - {name: all, expression: "resources . list( 'example.com/v1' , \"InVariable\")"}
  - {name: unused, expression: "[1].map(x, [2].map(y, resources.get('example.com/v1', 'Nested', '', 'a')))"}
  validations:
  - expression: resources.get('example.com/v1', 'InValidation', 'a', 'b').hasValue()
    messageExpression: "string(resources.list('example.com/v1', 'InMessage', 'a').size())"
  auditAnnotations:
  - {key: k, valueExpression: "string(resources.list('example.com/v1', 'InAnnotation', '', 'a=b').size())"}
)yaml");
  EXPECT_EQ(asked.kinds, "example.com/v1/InAnnotation example.com/v1/InCondition example.com/v1/InMessage example.com/v1/InValidation "
                         "example.com/v1/InVariable example.com/v1/Nested v1/ConfigMap");
  EXPECT_TRUE(asked.untold.empty());
}

// What only looks like a question is none.
TEST(AskedKindsTest, TextsAndOtherFunctionsAreNoQuestions) {
  EXPECT_EQ(asked_by_expression("'resources.list(\\\\'v1\\\\', \\\\'Pod\\\\')' != 'a'").kinds, "");
  EXPECT_EQ(asked_by_expression("[1].exists(resources, [resources][0] == 1)").kinds, "");
}

TEST(AskedKindsTest, ChoicesAmongTextsAreAllAskedFor) {
  for (const auto& [expression, kinds] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"resources.list('apps/' + 'v1', 'Job').size() == 0", "apps/v1/Job"},
           {"resources.list('v1', object.kind == 'a' ? 'Pod' : 'Service').size() == 0", "v1/Pod v1/Service"},
           {"['Deployment', 'StatefulSet'].all(k, resources.list('apps/v1', k).size() == 0)", "apps/v1/Deployment apps/v1/StatefulSet"},
           {"(['A'] + ['B']).filter(k, k != 'x').all(k, resources.list('v1', k + 'Set').size() == 0)", "v1/ASet v1/BSet"},
           {"['A', 'B'].all(i, k, resources.list('v1', k).size() == 0)", "v1/A v1/B"},
           {"{'Pod': 'v1'}.all(k, v, resources.list(v, k).size() == 0)", "v1/Pod"},
           {"{'Pod': 1}.all(k, resources.list('v1', k).size() == 0)", "v1/Pod"},
           {"[{'version': 'v1', 'kind': 'Pod'}].all(e, resources.list(e.version, e['kind']).size() == 0)", "v1/Pod"},
           {"resources.list('v1', {'a': 'Pod', 'b': 'Node'}[object.kind]).size() == 0", "v1/Node v1/Pod"},
           {"resources.list('v1', ['Pod', 'Node'][0]).size() == 0", "v1/Node v1/Pod"},
           {"resources.list('v1', dyn('Pod')).size() == 0", "v1/Pod"},
           {"[resources].all(r, r.list('v1', 'Pod').size() == 0)", "v1/Pod"}}) {
    const Asked asked = asked_by_expression(expression);
    EXPECT_EQ(asked.kinds, kinds) << expression;
    EXPECT_TRUE(asked.untold.empty()) << expression;
  }
  const Asked variables = asked_by(R"yaml(
  variables:
  - {name: version, expression: "'apps/v1'"}
  - {name: kinds, expression: "['Deployment', 'DaemonSet']"}
  validations:
  - expression: variables.kinds.all(k, resources.list(variables.version, k).size() == 0)
)yaml");
  EXPECT_EQ(variables.kinds, "apps/v1/DaemonSet apps/v1/Deployment");
}

TEST(AskedKindsTest, AComputedKindIsToldWithItsPlaceAndWhatToDo) {
  for (const std::string_view expression :
       {"resources.list('v1', object.kind).size() == 0", "resources.get(object.apiVersion, 'Pod', '', 'a').hasValue()",
        "object.kinds.all(k, resources.complete('v1', k))", "resources.list('v1', object.?kind.orValue('Pod')).size() == 0",
        "[['Pod', object.kind]].all(l, l.all(k, resources.list('v1', k).size() == 0))", "resources.list('v1', string(now)).size() == 0"}) {
    const Asked asked = asked_by_expression(expression);
    ASSERT_EQ(asked.untold.size(), 1U) << expression;
    const std::string told = asked.untold[0].to_string();
    EXPECT_TRUE(told.starts_with("policies.yaml:8:")) << told;
    EXPECT_NE(told.find("rule others: spec.validations[0].expression: resources."), std::string::npos) << told;
    EXPECT_NE(told.find("annotation plimsoll.dev/resources"), std::string::npos) << told;
  }
}

TEST(AskedKindsTest, AnAnnotationNamesKindsThatExpressionsCompute) {
  const Asked asked = asked_by("  validations: [{expression: \"resources.list('v1', object.kind).size() == 0\"}]\n",
                               "{plimsoll.dev/resources: 'v1/Secret,  apps/v1/Deployment\n'}");
  EXPECT_EQ(asked.kinds, "apps/v1/Deployment v1/Secret");
  EXPECT_TRUE(asked.untold.empty());
  for (const std::string_view wrong : {"Secret", "v1/", "/Secret", "a/b/v1/Secret", "v1/Secret; v1/Pod"}) {
    Metadata metadata;
    metadata.annotations.emplace_back(kResourcesAnnotation, wrong);
    EXPECT_FALSE(declared_kinds(metadata)) << wrong;
  }
}

// Texts that grow with every step are not followed without end.
TEST(AskedKindsTest, ForesightHasALimit) {
  std::string variables;
  for (int i = 1; i < 60; ++i) variables += fmt::format("  - {{name: v{}, expression: 'object.kind == \"{}\" ? variables.v{} + \"a\" : variables.v{} + \"b\"'}}\n", i, i, i - 1, i - 1);
  const Asked asked = asked_by(fmt::format("  variables:\n  - {{name: v0, expression: '\"x\"'}}\n{}  validations: [{{expression: \"resources.list('v1', variables.v59).size() == 0\"}}]\n", variables));
  EXPECT_EQ(asked.untold.size(), 1U);
  std::string doubling = "  - {name: v0, expression: '\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"'}\n";
  for (int i = 1; i < 40; ++i) doubling += fmt::format("  - {{name: v{}, expression: 'variables.v{} + variables.v{}'}}\n", i, i - 1, i - 1);
  EXPECT_EQ(asked_by("  variables:\n" + doubling + "  validations: [{expression: \"resources.list('v1', variables.v39).size() == 0\"}]\n").untold.size(), 1U);
}

TEST(AskedKindsTest, RulesOfAllPacksTellTheirs) {
  RuleSetBuilder builder;
  for (const PackInfo& pack : built_in_packs()) ASSERT_TRUE(builder.add_pack(pack.name));
  const Asked asked = asked_by(builder);
  EXPECT_NE(asked.kinds.find("networking.k8s.io/v1/NetworkPolicy"), std::string::npos);
  EXPECT_NE(asked.kinds.find("v1/Secret"), std::string::npos);
  for (const Error& untold : asked.untold) ADD_FAILURE() << untold.to_string();
}

}  // namespace
}  // namespace plimsoll::policy
