#include "engine/policy/engine.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

namespace plimsoll::policy {
namespace {

constexpr std::string_view kReplicas = R"(
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: replicas
  annotations:
    plimsoll.dev/title: Deployments are small
    plimsoll.dev/severity: error
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
  variables:
  - {name: limit, expression: 'params == null ? 3 : int(params.data.limit)'}
  validations:
  - expression: object.spec.replicas <= variables.limit
    messageExpression: '"at most " + string(variables.limit) + " replicas"'
)";

constexpr std::string_view kDeployment =
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 5}}";

yaml::Document document(std::string_view text) {
  auto result = yaml::read(text, {.file = "test.yaml"});
  EXPECT_TRUE(result) << result.error().to_string();
  return *std::move(result);
}

// "path(steps that exist)", one after another.
std::string places(const Finding& finding) {
  std::string result;
  for (const Blame& blame : finding.paths) {
    if (!result.empty()) result += ' ';
    result += blame.path.to_string() + "(" + std::to_string(blame.existing) + ")";
  }
  return result;
}

class EngineTest : public testing::Test {
 protected:
  void add(std::string_view text) {
    const auto added = builder_.add_policy_document(document(text));
    ASSERT_TRUE(added) << added.error().to_string();
  }
  std::vector<Finding> lint(std::string_view object) {
    if (!rules_) {
      auto built = builder_.build();
      EXPECT_TRUE(built) << built.error().to_string();
      rules_ = *built;
    }
    documents_.push_back(document(object));
    auto findings = rules_->evaluate({.object = documents_.back().root()}, scratch_);
    EXPECT_TRUE(findings) << findings.error().to_string();
    return *std::move(findings);
  }

  RuleSetBuilder builder_;
  std::shared_ptr<const RuleSet> rules_;
  std::vector<yaml::Document> documents_;
  EvaluationScratch scratch_;
};

TEST_F(EngineTest, PolicyWithoutBindingAppliesToEverything) {
  add(kReplicas);
  const auto findings = lint(kDeployment);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].message, "at most 3 replicas");
  EXPECT_EQ(findings[0].rule->title, "Deployments are small");
  EXPECT_EQ(findings[0].kind, Finding::Kind::kViolation);
  EXPECT_EQ(findings[0].validation, 0U);
  EXPECT_EQ(places(findings[0]), "spec.replicas(2)");
  EXPECT_TRUE(lint("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2}}").empty());
  EXPECT_TRUE(lint("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web}, spec: {replicas: 5}}").empty());
}

TEST_F(EngineTest, BindingsGiveParamsAndActions) {
  add(kReplicas);
  add(R"({apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: warn},
          spec: {policyName: replicas, validationActions: [Warn], paramRef: {name: limits, parameterNotFoundAction: Deny}}})");
  add("{apiVersion: v1, kind: ConfigMap, metadata: {name: limits}, data: {limit: '4'}}");
  const auto findings = lint(kDeployment);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].message, "at most 4 replicas");
  EXPECT_EQ(findings[0].severity, Severity::kWarning);
  EXPECT_EQ(findings[0].binding, "warn");
}

TEST_F(EngineTest, MissingParamIsAFaultOfThePolicy) {
  add(kReplicas);
  add(R"({apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: b},
          spec: {policyName: replicas, validationActions: [Deny], paramRef: {name: absent, parameterNotFoundAction: Deny}}})");
  const auto findings = lint(kDeployment);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, Finding::Kind::kPolicyFault);
  EXPECT_EQ(findings[0].message,
            "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction");
}

constexpr std::string_view kShrinking = R"(
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: shrinking}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [UPDATE, DELETE], resources: [deployments]}
  validations:
  - expression: request.operation == 'DELETE' || object.spec.replicas >= oldObject.spec.replicas
    message: must not shrink
  - expression: request.operation != 'DELETE' || request.userInfo.username == 'admin'
    message: only admin may delete
    reason: Forbidden
  auditAnnotations:
  - {key: who, valueExpression: request.userInfo.username}
)";

TEST_F(EngineTest, RequestsAreJudgedByTheirOperationOldObjectAndUser) {
  add(kShrinking);
  add(kReplicas);
  const auto rules = *builder_.build();
  ASSERT_TRUE(rules->compile_all());
  const yaml::Document before = document(kDeployment);
  const yaml::Document after =
      document("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2}}");
  Request request;
  request.operation = "UPDATE";
  request.kind = {"apps", "v1", "Deployment"};
  request.resource = {"apps", "v1", "deployments"};
  request.name = "web";
  request.namespace_name = "shop";
  request.user.name = "alice";
  request.object = after.root();
  request.old_object = before.root();

  auto admission = rules->admit({.request = request}, scratch_);
  ASSERT_TRUE(admission) << admission.error().to_string();
  ASSERT_EQ(admission->findings.size(), 1U);
  EXPECT_EQ(admission->findings[0].message, "must not shrink");
  EXPECT_TRUE(admission->findings[0].actions.deny);
  ASSERT_EQ(admission->applied.size(), 1U);
  EXPECT_EQ(admission->applied[0]->id, "shrinking");
  ASSERT_EQ(admission->audit_annotations.size(), 1U);
  EXPECT_EQ(admission->audit_annotations[0].key, "who");
  EXPECT_EQ(admission->audit_annotations[0].value, "alice");

  request.operation = "DELETE";
  request.object = Value::null();
  admission = rules->admit({.request = request}, scratch_);
  ASSERT_EQ(admission->findings.size(), 1U);
  EXPECT_EQ(admission->findings[0].reason, "Forbidden");

  request.subresource = "scale";
  EXPECT_TRUE(rules->admit({.request = request}, scratch_)->applied.empty());

  request.subresource = {};
  const auto late = rules->admit({.request = request, .deadline = std::chrono::steady_clock::now()}, scratch_);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::kLimit);
}

TEST_F(EngineTest, FailedExpressionIsAFaultUnlessIgnored) {
  add(kReplicas);
  const auto findings = lint("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {}}");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, Finding::Kind::kPolicyFault);
  EXPECT_EQ(findings[0].message,
            "expression 'object.spec.replicas <= variables.limit' resulted in error: no such key: replicas");
  EXPECT_EQ(places(findings[0]), "spec.replicas(1)");
}

TEST_F(EngineTest, RefusesWhatTheApiServerRefusesWithItsPlace) {
  const auto refusal = [](std::string_view text) {
    RuleSetBuilder builder;
    const auto added = builder.add_policy_document(document(text));
    return added ? std::string("accepted") : added.error().to_string();
  };
  const std::string message = refusal(R"(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations:
  - expression: object.nope(
)");
  EXPECT_TRUE(message.starts_with(
      "test.yaml:8:17: spec.validations[0].expression: Invalid value: \"object.nope(\": compilation failed"))
      << message;
  EXPECT_TRUE(refusal("{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: "
                      "p}, spec: {validation: []}}")
                  .ends_with("spec.validation: unknown field"));
  RuleSetBuilder builder;
  ASSERT_TRUE(builder.add_policy_document(
      document("{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: "
               "b}, spec: {policyName: none, validationActions: [Deny]}}")));
  EXPECT_FALSE(builder.build()) << "a binding whose policy is not there";
}

// A set may be where another was that is gone: what the scratch knows of that one does not count.
TEST_F(EngineTest, ScratchTellsRuleSetsApart) {
  const auto findings_of = [&](const char* resource, const char* object) {
    RuleSetBuilder builder;
    const std::string policy = fmt::format(
        "{{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {{name: no-{0}}}, spec: {{"
        "matchConstraints: {{resourceRules: [{{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [{0}]}}]}}, "
        "validations: [{{expression: 'false'}}]}}}}",
        resource);
    EXPECT_TRUE(builder.add_policy_document(document(policy)));
    const auto rules = *builder.build();
    const yaml::Document judged = document(object);
    return rules->evaluate({.object = judged.root()}, scratch_)->size();
  };
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(findings_of("secrets", "{apiVersion: v1, kind: Secret, metadata: {name: s}}"), 1U);
    EXPECT_EQ(findings_of("pods", "{apiVersion: v1, kind: Secret, metadata: {name: s}}"), 0U);
  }
}

TEST_F(EngineTest, PacksTakeParams) {
  RuleSetBuilder builder;
  EXPECT_EQ(builder.add_pack("no-such-pack").error().code(), ErrorCode::kNotFound);
  ASSERT_TRUE(builder.add_pack("lightrun"));
  ASSERT_TRUE(builder.override_param("lightrun.heapPercent", "50"));
  EXPECT_TRUE(builder.build());
  RuleSetBuilder wrong;
  ASSERT_TRUE(wrong.add_pack("lightrun"));
  ASSERT_TRUE(wrong.override_param("lightrun.heepPercent", "50"));
  EXPECT_EQ(wrong.build().error().code(), ErrorCode::kNotFound);
}

TEST_F(EngineTest, StricterRulesReplaceThoseTheyOverride) {
  RuleSetBuilder baseline, restricted;
  ASSERT_TRUE(baseline.add_pack("pod-security-baseline"));
  ASSERT_TRUE(restricted.add_pack("pod-security-restricted"));
  const auto one = *baseline.build(), both = *restricted.build();
  EXPECT_NE(one->find("pss-baseline-capabilities"), nullptr);
  EXPECT_EQ(both->find("pss-baseline-capabilities"), nullptr);
  EXPECT_NE(both->find("pss-restricted-capabilities"), nullptr);
  EXPECT_NE(both->find("pod-security-baseline/pss-baseline-privileged"), nullptr);
}

TEST_F(EngineTest, PathsAreThoseOfTheDocumentWhateverTheServerMakesOfIt) {
  add(R"({apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: p}, spec: {
          matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]},
          matchConditions: [{name: c, expression: 'object.spec.paused == false'}],
          validations: [{expression: 'has(object.spec.strategy)'}]}})");
  // Null is absent to the expression, yet the key is there to be pointed at.
  EXPECT_EQ(places(lint("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {paused: false, strategy: null}}").at(0)),
            "spec.strategy(2)");
  EXPECT_EQ(places(lint("{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: web}, spec: {}}").at(0)), "spec.paused(1)");
}

TEST_F(EngineTest, ThreadsShareOneRuleSet) {
  RuleSetBuilder builder;
  ASSERT_TRUE(builder.add_pack("pod-security-restricted"));
  const std::shared_ptr<const RuleSet> rules = *builder.build();
  const yaml::Document pod = document(
      "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i, securityContext: "
      "{privileged: true}}, {name: d, image: i}]}}");
  // All compile and judge at once; what they find, and where, is the same.
  std::vector<std::string> found(8);
  std::vector<std::thread> threads;
  for (std::string& own : found) {
    threads.emplace_back([&] {
      EvaluationScratch scratch;
      for (int round = 0; round < 20; ++round) {
        own.clear();
        const auto findings = rules->evaluate({.object = pod.root()}, scratch);
        for (const Finding& finding : findings.value()) {
          own += finding.rule->id + ": " + finding.message + " at " + places(finding) + "\n";
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(found.front().find("allowPrivilegeEscalation(4) spec.containers[1].securityContext.allowPrivilegeEscalation(3)"),
            std::string::npos)
      << found.front();
  for (const std::string& own : found) EXPECT_EQ(own, found.front());
}

}  // namespace
}  // namespace plimsoll::policy
