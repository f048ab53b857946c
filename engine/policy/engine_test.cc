#include "engine/policy/engine.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "engine/policy/default.h"
#include "engine/policy/mutate.h"
#include "engine/value/json.h"

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
  std::vector<Finding> lint(std::string_view object, const Defaulting* defaulting = nullptr) {
    if (!rules_) {
      auto built = builder_.build();
      EXPECT_TRUE(built) << built.error().to_string();
      rules_ = *built;
    }
    documents_.push_back(document(object));
    auto findings = rules_->evaluate({.object = documents_.back().root(), .defaulting = defaulting}, scratch_);
    EXPECT_TRUE(findings) << findings.error().to_string();
    return *std::move(findings);
  }

  std::vector<Finding> lint_as_served(std::string_view object) { return lint(object, &defaulting_); }

  schema::TypeCatalog catalog_{*schema::KubernetesTypes::load()};
  Defaulting defaulting_{catalog_};
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
  EXPECT_EQ(admission->audit_annotations[0].values, std::vector<std::string>{"alice"});

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
          matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]},
                                             {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [secrets]}]},
          validations: [{expression: 'object.kind != "Deployment" || has(object.spec.template.spec.nodeName)'},
                        {expression: 'object.kind != "Secret" || object.data.key == ""'}]}})");
  // Null is absent to the expression, yet the key is there to be pointed at.
  EXPECT_EQ(places(lint_as_served("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {nodeName: null}}}}")
                       .at(0)),
            "spec.template.spec.nodeName(4)");
  EXPECT_EQ(places(lint_as_served("{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: web}, spec: {}}").at(0)),
            "spec.template(1)");
  // What is written as text is judged as the bytes that the server keeps.
  EXPECT_EQ(places(lint_as_served("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {key: x}}").at(0)), "stringData.key(2)");
}

TEST_F(EngineTest, RulesSeeDefaultsAndFindingsTellSo) {
  add(R"({apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: p}, spec: {
          matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]},
          validations: [{expression: 'object.spec.replicas > 1'}]}})");
  constexpr std::string_view kOne = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {}}";
  const std::vector<Finding> findings = lint_as_served(kOne);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, Finding::Kind::kViolation);
  EXPECT_EQ(places(findings[0]), "spec.replicas(1)");
  EXPECT_EQ(findings[0].paths[0].default_value, "1");
  // As it is written, there is nothing to compare.
  EXPECT_EQ(lint(kOne).at(0).kind, Finding::Kind::kPolicyFault);
}

TEST_F(EngineTest, TellsWhatTheServerDropsOrRefuses) {
  add(kReplicas);
  const auto findings = lint_as_served(
      "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replica: 2, paused: 'no', template: {spec: {containers: []}}}}");
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].rule->qualified_id(), "kubernetes/wrong-type");
  EXPECT_EQ(findings[0].severity, Severity::kError);
  EXPECT_EQ(places(findings[0]), "spec.paused(2)");
  EXPECT_EQ(findings[1].rule, rules_->find("unknown-field"));
  EXPECT_EQ(findings[1].message, "unknown field spec.replica, which the API server drops; did you mean \"replicas\"?");
  // Kinds that no rule judges are not looked at, nor those of which nothing is known.
  EXPECT_TRUE(lint_as_served("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, dta: {}}").empty());
  EXPECT_TRUE(lint_as_served("{apiVersion: example.com/v1, kind: Thing, metadata: {name: c}, dta: {}}").empty());
}

TEST_F(EngineTest, MutatingPoliciesOfTheUserApplyWithOrWithoutBinding) {
  const std::string policy = R"({apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicy, metadata: {name: replicas},
      spec: {reinvocationPolicy: Never,
             matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]},
             mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: 'Object{spec: Object.spec{replicas: 3}}'}}]}})";
  add(kReplicas);
  add(policy);
  EXPECT_EQ(lint(kDeployment).size(), 1U);
  // One rule that judges and repairs.
  ASSERT_EQ(rules_->rules().size(), 1U);
  EXPECT_EQ(rules_->rules()[0].mutations, 1U);
  Arena arena;
  const yaml::Document written = document(kDeployment);
  const auto outcome = rules_->mutate({.object = written.root(), .defaulting = &defaulting_}, arena);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  ASSERT_EQ(outcome->changes.size(), 1U);
  EXPECT_EQ(outcome->changes[0].rule, &rules_->rules()[0]);
  EXPECT_EQ(json::write(outcome->written),
            R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":3}})");

  add(policy);
  add(R"({apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicyBinding, metadata: {name: b},
          spec: {policyName: replicas, matchResources: {objectSelector: {matchLabels: {small: 'yes'}}}}})");
  const std::shared_ptr<const RuleSet> bound = *builder_.build();
  EXPECT_FALSE(bound->mutate({.object = written.root(), .defaulting = &defaulting_}, arena)->changed());
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
