#include "webhook/judge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/value/base64.h"
#include "engine/value/json.h"
#include "tests/temporary_folder.h"

namespace plimsoll::webhook {
namespace {

const std::string kReviews = PLIMSOLL_SOURCE_DIR "/tests/conformance/data/admission/reviews";

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

constexpr std::string_view kPolicies = R"(
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: replicas}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [deployments]}
  validations:
  - expression: request.operation != 'DELETE'
    message: may not be deleted
    reason: Forbidden
  - expression: request.operation == 'DELETE' || object.spec.replicas <= 3
    messageExpression: '"at most 3 replicas, not " + string(object.spec.replicas)'
  auditAnnotations:
  - {key: user, valueExpression: request.userInfo.username}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: labels}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
  validations:
  - {expression: has(object.metadata.labels), message: no labels}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: labels}
spec: {policyName: labels, validationActions: [Warn, Audit]}
)";

std::string review(std::string_view operation, std::string_view space, std::string_view object) {
  const bool gone = operation == "DELETE";
  return fmt::format(R"({{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {{"uid": "u-1",
    "operation": "{}", "kind": {{"group": "apps", "version": "v1", "kind": "Deployment"}},
    "resource": {{"group": "apps", "version": "v1", "resource": "deployments"}}, "namespace": "{}", "name": "web",
    "userInfo": {{"username": "alice"}}, "object": {}, "oldObject": {}}}}})",
                     operation, space, gone ? "null" : object, gone ? object : "null");
}

constexpr std::string_view kLarge =
    R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "annotations":
  {"plimsoll.dev/ignore": "replicas: load test"}}, "spec": {"replicas": 5}})";

class JudgeTest : public testing::Test {
 protected:
  void load(std::string_view policies, std::string_view settings = {}, std::vector<std::string> packs = {}) {
    folder_.write("policies/all.yaml", policies);
    folder_.write("webhook.yaml", settings);
    sources_.packs = std::move(packs);
    sources_.policies = (folder_.path() / "policies").string();
    sources_.config = (folder_.path() / "webhook.yaml").string();
    auto book = load_rulebook(sources_, ++generation_);
    ASSERT_TRUE(book) << book.error().to_string();
    if (store_) {
      store_->replace(*book);
      return;
    }
    store_ = std::make_unique<RulebookStore>(*book);
    judge_ = std::make_unique<Judge>(*store_, cluster_, metrics_.part(0), log_, on_fault_);
  }

  HttpResponse ask(std::string_view body, std::string_view query = {}, std::string_view pack = {}) {
    return judge_->answer(Endpoint::kValidate, pack,
                          {.query = query, .body = body, .received = std::chrono::steady_clock::now() - delay_});
  }
  Value response(std::string_view body, std::string_view query = {}) {
    const HttpResponse answer = ask(body, query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto value = json::read(arena_, answer.body);
    return value ? (*value)["response"] : Value::null();
  }

  TemporaryFolder folder_;
  RulebookSources sources_;
  uint64_t generation_ = 0;
  Metrics metrics_{1};
  Log log_{LogFormat::kText, LogLevel::kError};
  OnFault on_fault_ = OnFault::kDeny;
  std::chrono::milliseconds delay_{0};
  ClusterWindow cluster_;
  std::unique_ptr<RulebookStore> store_;
  std::unique_ptr<Judge> judge_;
  Arena arena_;
};

TEST_F(JudgeTest, DeniesWarnsAndAuditsAsBindingsSay) {
  load(kPolicies);
  const Value denied = response(review("CREATE", "shop", kLarge));
  EXPECT_EQ(denied["uid"].string_or(), "u-1");
  EXPECT_FALSE(denied["allowed"].bool_or(true));
  EXPECT_EQ(denied["status"]["message"].string_or(), "at most 3 replicas, not 5 [replicas]");
  EXPECT_EQ(denied["status"]["code"].int_or(0), 422);
  EXPECT_EQ(denied["status"]["reason"].string_or(), "Invalid");
  ASSERT_EQ(denied["warnings"].size(), 1U);
  EXPECT_EQ(denied["warnings"].items()[0].string_or(), "no labels [labels]");
  EXPECT_EQ(denied["auditAnnotations"]["replicas.user"].string_or(), "alice");
  EXPECT_EQ(denied["auditAnnotations"]["violations"].string_or(),
            "[{\"rule\":\"replicas\",\"message\":\"at most 3 replicas, not 5\",\"action\":\"deny\"},"
            "{\"rule\":\"labels\",\"message\":\"no labels\",\"action\":\"warn\"}]");

  const Value deleted = response(review("DELETE", "shop", kLarge));
  EXPECT_EQ(deleted["status"]["message"].string_or(), "may not be deleted [replicas]");
  EXPECT_EQ(deleted["status"]["code"].int_or(0), 403);

  const Value updated = response(review("UPDATE", "shop", R"({"metadata": {}, "spec": {"replicas": 1}})"));
  EXPECT_TRUE(updated["allowed"].bool_or(false));
  EXPECT_EQ(updated.find("status"), nullptr);
  EXPECT_EQ(updated.find("warnings"), nullptr);
}

TEST_F(JudgeTest, ModesAndExemptNamespacesLowerWhatComesOfAViolation) {
  load(kPolicies, R"(
apiVersion: plimsoll.dev/v1
kind: WebhookConfiguration
exemptNamespaces: [kube-system, node-*]
modes:
- {rule: replicas, namespaces: [dev, "dev-*"], mode: warn}
- {namespaces: [lab], mode: audit}
- {rule: "*", namespaces: wild, mode: "off"}
)");
  for (const std::string_view space : {"kube-system", "node-a", "wild"}) {
    const Value free = response(review("CREATE", space, kLarge));
    EXPECT_TRUE(free["allowed"].bool_or(false)) << space;
    EXPECT_EQ(free.find("warnings"), nullptr) << space;
  }
  const Value warned = response(review("CREATE", "dev-1", kLarge));
  EXPECT_TRUE(warned["allowed"].bool_or(false));
  EXPECT_EQ(warned["warnings"].size(), 2U);
  const Value audited = response(review("CREATE", "lab", kLarge));
  EXPECT_TRUE(audited["allowed"].bool_or(false));
  EXPECT_EQ(audited.find("warnings"), nullptr);
  EXPECT_NE(audited["auditAnnotations"]["violations"].string_or().find("\"action\":\"audit\""), std::string_view::npos);
  EXPECT_FALSE(response(review("CREATE", "shop", kLarge))["allowed"].bool_or(true));

  const std::string page = metrics_.write({});
  EXPECT_NE(page.find("plimsoll_admission_requests_total{endpoint=\"validate\",operation=\"CREATE\",kind="
                      "\"Deployment\",verdict=\"exempt\"} 2"),
            std::string::npos);
  EXPECT_NE(page.find("plimsoll_rule_evaluations_total{rule=\"replicas\"} 4"), std::string::npos);
  EXPECT_NE(page.find("plimsoll_rule_violations_total{rule=\"replicas\",action=\"deny\"} 1"), std::string::npos);
  EXPECT_NE(page.find("plimsoll_rule_violations_total{rule=\"replicas\",action=\"warn\"} 1"), std::string::npos);
  EXPECT_NE(page.find("plimsoll_admission_request_duration_seconds_count{endpoint=\"validate\"} 6"), std::string::npos);
}

TEST_F(JudgeTest, ExceptionsHoldUntilTheirLastDay) {
  constexpr std::string_view kSettings = R"(
exceptions:
- {{rule: replicas, kind: Deployment, name: web, namespace: shop, reason: moving, expires: "{}"}}
objectExceptions: {}
)";
  load(kPolicies, fmt::format(kSettings, "2999-01-01", false));
  EXPECT_TRUE(response(review("CREATE", "shop", kLarge))["allowed"].bool_or(false));
  EXPECT_FALSE(response(review("CREATE", "other", kLarge))["allowed"].bool_or(true));
  load(kPolicies, fmt::format(kSettings, "2020-01-01", false));
  EXPECT_FALSE(response(review("CREATE", "shop", kLarge))["allowed"].bool_or(true));
  load(kPolicies, fmt::format(kSettings, "2020-01-01", true));
  EXPECT_TRUE(response(review("CREATE", "shop", kLarge))["allowed"].bool_or(false));
}

std::chrono::system_clock::time_point pretended_time;

TEST_F(JudgeTest, AnExceptionEndsWhileTheWebhookRuns) {
  load(kPolicies, "exceptions: [{rule: replicas, reason: moving, expires: \"2027-03-31\"}]\n");
  judge_ = std::make_unique<Judge>(*store_, cluster_, metrics_.part(0), log_, OnFault::kDeny, [] { return pretended_time; });
  const auto allowed_at = [&](std::chrono::sys_seconds time) {
    pretended_time = time;
    return response(review("CREATE", "shop", kLarge))["allowed"].bool_or(false);
  };
  using namespace std::chrono;
  const sys_seconds last_day = sys_days(2027y / March / 31);
  EXPECT_TRUE(allowed_at(last_day + hours(23) + minutes(59) + seconds(59)));
  EXPECT_FALSE(allowed_at(last_day + hours(24)));
  EXPECT_FALSE(allowed_at(sys_days(2030y / January / 1)));
}

// A Namespace is no object of its own namespace, though the API server says so in its requests; and other objects have none.
TEST_F(JudgeTest, NamespacesAndObjectsWithoutOne) {
  load(R"(
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: never}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: ["*"], apiVersions: ["*"], operations: [CREATE], resources: [namespaces, clusterroles, pods]}]
  validations: [{expression: "false"}]
)",
       R"(
exemptNamespaces: [kube-system]
modes:
- {rule: never, namespaces: [dev], mode: warn}
exceptions:
- {rule: never, namespace: shop, reason: of the namespace}
- {rule: never, kind: ClusterRole, name: reader-*, reason: of all}
)");
  const auto verdict = [&](std::string_view kind, std::string_view resource, std::string_view space, std::string_view name, std::string_view generate = {}) {
    const Value answer = response(fmt::format(R"({{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {{"uid": "u-1",
        "operation": "CREATE", "kind": {{"group": "", "version": "v1", "kind": "{}"}}, "resource": {{"group": "", "version": "v1", "resource": "{}"}},
        "namespace": "{}", "name": "{}", "object": {{"metadata": {{"name": "{}", "generateName": "{}"}}}}}}}})",
                                              kind, resource, space, name, name, generate));
    return !answer["allowed"].bool_or(false) ? "denied" : answer.find("warnings") != nullptr ? "warned" : "allowed";
  };
  EXPECT_STREQ(verdict("Pod", "pods", "shop", "a"), "allowed");
  EXPECT_STREQ(verdict("Namespace", "namespaces", "shop", "shop"), "denied") << "who may write exceptions in a namespace does not own it";
  EXPECT_STREQ(verdict("Namespace", "namespaces", "kube-system", "kube-system"), "allowed");
  EXPECT_STREQ(verdict("Namespace", "namespaces", "dev", "dev"), "warned");
  EXPECT_STREQ(verdict("ClusterRole", "clusterroles", "", "kube-system"), "denied");
  EXPECT_STREQ(verdict("ClusterRole", "clusterroles", "", "reader-a"), "allowed");
  EXPECT_STREQ(verdict("ClusterRole", "clusterroles", "", "", "reader-"), "allowed") << "what has no name yet is known by generateName";
  EXPECT_STREQ(verdict("ClusterRole", "clusterroles", "", "", "writer-"), "denied");
  EXPECT_STREQ(verdict("ClusterRole", "clusterroles", "", "writer-a", "reader-"), "denied") << "the name counts where there is one";
  load(kPolicies, "modes: [{rule: replicas, mode: audit}]\n");
  const std::string unnamed = R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "u-1", "operation": "CREATE",
      "kind": {"group": "apps", "version": "v1", "kind": "Deployment"}, "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
      "object": {"metadata": {}, "spec": {"replicas": 5}}}})";
  EXPECT_TRUE(response(unnamed)["allowed"].bool_or(false)) << "a mode without namespaces holds where there is none, too";
}

TEST_F(JudgeTest, LateRequestsAreFaultsThatTheFailurePolicyDecides) {
  delay_ = std::chrono::milliseconds(200);
  load(kPolicies);
  const Value closed = response(review("CREATE", "shop", kLarge), "timeout=100ms");
  EXPECT_FALSE(closed["allowed"].bool_or(true));
  EXPECT_EQ(closed["status"]["code"].int_or(0), 504);
  EXPECT_EQ(closed["status"]["reason"].string_or(), "Timeout");
  judge_ = std::make_unique<Judge>(*store_, cluster_, metrics_.part(0), log_, OnFault::kAllow);
  const Value open = response(review("CREATE", "shop", kLarge), "x=y&timeout=100ms");
  EXPECT_TRUE(open["allowed"].bool_or(false));
  ASSERT_EQ(open["warnings"].size(), 1U);
  EXPECT_FALSE(response(review("CREATE", "shop", kLarge), "timeout=10s")["allowed"].bool_or(true));
}

TEST_F(JudgeTest, WarningsFitTheHeadersOfTheServer) {
  std::string policies;
  for (int i = 0; i < 20; ++i) {
    policies += fmt::format(R"(
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: p{}, annotations: {{plimsoll.dev/severity: warning}}}}
spec:
  matchConstraints:
    resourceRules: [{{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}}]
  validations: [{{expression: 'false', message: "{}"}}]
)",
                            i, std::string(400, 'x'));
  }
  load(policies);
  const Value answer = response(review("CREATE", "shop", kLarge));
  EXPECT_TRUE(answer["allowed"].bool_or(false));
  size_t total = 0;
  for (const Value& warning : answer["warnings"].items()) {
    EXPECT_LE(warning.size(), 256U);
    total += warning.size();
  }
  EXPECT_GT(total, 3800U);
  EXPECT_LE(total, 4096U + 256U);
}

TEST_F(JudgeTest, MutatesByPatchesWhereARuleMayDeny) {
  load(R"(
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: team}
spec:
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, DELETE], resources: [deployments]}]
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'team': 'a'}}}"}
)",
       "modes: [{rule: team, namespaces: dev, mode: warn}]\nexemptNamespaces: [free]\n");
  const auto mutated = [&](std::string_view operation, std::string_view space) {
    const std::string body = review(operation, space, kLarge);
    const HttpResponse answer =
        judge_->answer(Endpoint::kMutate, {}, {.body = body, .received = std::chrono::steady_clock::now()});
    const auto value = json::read(arena_, answer.body);
    EXPECT_TRUE(value) << answer.body;
    EXPECT_TRUE((*value)["response"]["allowed"].bool_or(false)) << answer.body;
    return (*value)["response"];
  };
  const Value changed = mutated("CREATE", "shop");
  EXPECT_EQ(changed["patchType"].string_or(), "JSONPatch");
  EXPECT_EQ(base64::decode(changed["patch"].string_or()),
            R"([{"op":"add","path":"/metadata/labels","value":{"team":"a"}}])");
  EXPECT_EQ(changed["auditAnnotations"]["mutations"].string_or(), "team");
  EXPECT_EQ(mutated("CREATE", "dev").find("patch"), nullptr);
  EXPECT_EQ(mutated("CREATE", "free").find("patch"), nullptr);
  EXPECT_EQ(mutated("DELETE", "shop").find("patch"), nullptr);
}

// Kinds, names and users are what anybody writes who reaches the webhook.
TEST_F(JudgeTest, NamesThatClientsMakeUpFloodNeitherMetricsNorLog) {
  load(kPolicies);
  const auto ask_about = [&](std::string_view kind) {
    return response(fmt::format(R"({{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {{"uid": "u-1", "operation": "CREATE",
        "kind": {{"group": "", "version": "v1", "kind": "{}"}}, "resource": {{"group": "", "version": "v1", "resource": "pods"}}, "object": {{}}}}}})", kind));
  };
  for (const std::string& kind : {std::string("Pod\\n# HELP x"), std::string("a\\\"} 1"), std::string(1UL << 20, 'x'), std::string("P\xC3\xB6" "d")}) ask_about(kind);
  EXPECT_NE(metrics_.write({}).find("kind=\"other\",verdict=\"allowed\"} 4\n"), std::string::npos) << metrics_.write({});
  for (int i = 0; i < 3000; ++i) ask_about(fmt::format("Kind{}", i));
  const std::string page = metrics_.write({});
  EXPECT_LT(page.size(), 200'000U);
  EXPECT_NE(page.find("plimsoll_admission_request_duration_seconds_count{endpoint=\"validate\"} 3004"), std::string::npos);
}

TEST_F(JudgeTest, ReloadsServeTheNextRequest) {
  load(kPolicies);
  EXPECT_FALSE(response(review("DELETE", "shop", kLarge))["allowed"].bool_or(true));
  load({});
  EXPECT_TRUE(response(review("DELETE", "shop", kLarge))["allowed"].bool_or(false));
}

TEST_F(JudgeTest, PacksHaveTheirOwnPath) {
  load(kPolicies, {}, {"pod-security-baseline"});
  EXPECT_EQ(ask(review("CREATE", "shop", kLarge), {}, "nonsense").status, 404);
  const std::string body = read_text(kReviews + "/pod-create-privileged.validating.json");
  const HttpResponse denied = ask(body, {}, "pod-security-baseline");
  EXPECT_NE(denied.body.find("privileged containers are not allowed"), std::string::npos) << denied.body;
  EXPECT_NE(denied.body.find("[pod-security-baseline/pss-baseline-privileged]"), std::string::npos);
  // The policies of the folder are not of the pack.
  EXPECT_NE(ask(review("CREATE", "shop", kLarge), {}, "pod-security-baseline").body.find("\"allowed\":true"),
            std::string::npos);
}

// Bodies of a real API server, byte for byte.
TEST_F(JudgeTest, AnswersEveryRecordedReview) {
  load(kPolicies, {}, {"pod-security-restricted", "lightrun"});
  size_t count = 0, denied = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kReviews)) {
    const std::string name = entry.path().filename().string();
    if (name == "index.json") continue;
    ++count;
    const std::string body = read_text(entry.path());
    const auto asked = json::read(arena_, body);
    ASSERT_TRUE(asked) << name;
    const bool mutating = name.find(".mutating") != std::string::npos;
    const HttpResponse answer =
        judge_->answer(mutating ? Endpoint::kMutate : Endpoint::kValidate, {},
                       {.query = "timeout=10s", .body = body, .received = std::chrono::steady_clock::now()});
    ASSERT_EQ(answer.status, 200) << name << ": " << answer.body;
    const auto said = json::read(arena_, answer.body);
    ASSERT_TRUE(said) << name;
    EXPECT_EQ((*said)["kind"].string_or(), "AdmissionReview") << name;
    EXPECT_EQ((*said)["apiVersion"].string_or(), "admission.k8s.io/v1") << name;
    const Value response = (*said)["response"];
    EXPECT_EQ(response["uid"].string_or(), (*asked)["request"]["uid"].string_or("?")) << name;
    ASSERT_TRUE(response["allowed"].is_bool()) << name;
    if (response["allowed"].as_bool()) continue;
    ++denied;
    EXPECT_GE(response["status"]["code"].int_or(0), 400) << name;
    EXPECT_FALSE(response["status"]["message"].string_or().empty()) << name;
    EXPECT_EQ(answer.body.find("Plimsoll could not judge"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(count, 88U);
  EXPECT_GT(denied, 10U);
  EXPECT_LT(denied, 60U);
}

TEST_F(JudgeTest, RefusesOtherVersionsWithAStatus) {
  load(kPolicies);
  const HttpResponse answer = ask(R"({"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview"})");
  EXPECT_EQ(answer.status, 400);
  const auto status = json::read(arena_, answer.body);
  ASSERT_TRUE(status);
  EXPECT_EQ((*status)["kind"].string_or(), "Status");
  EXPECT_EQ((*status)["code"].int_or(0), 400);
  EXPECT_NE((*status)["message"].string_or().find("v1beta1"), std::string_view::npos);
}

TEST(SettingsTest, MistakesHaveTheirPlace) {
  const auto error = [](std::string_view text) {
    const auto settings = parse_settings(text, "/etc/webhook.yaml");
    return settings ? "accepted" : settings.error().to_string();
  };
  EXPECT_EQ(error("modes:\n- {rule: a, mode: loud}\n"),
            "/etc/webhook.yaml:2:19: modes[0].mode must be off, audit, warn, deny, not \"loud\"");
  EXPECT_EQ(error("exempt: []\n"),
            "/etc/webhook.yaml:1:1: unknown key \"exempt\"; did you mean \"exemptNamespaces\"?; known keys: "
            "apiVersion, kind, packs, params, kubeVersion, "
            "exemptNamespaces, modes, exceptions, objectExceptions");
  EXPECT_EQ(error("exceptions: [{rule: a}]\n"),
            "/etc/webhook.yaml:1:14: exceptions[0].reason must be given, not a null");
  EXPECT_EQ(error("kind: Deployment\n"),
            "/etc/webhook.yaml:1:7: kind must be WebhookConfiguration, not \"Deployment\"");
}

TEST(RulebookTest, LoadingSaysWhatIsWrongWhere) {
  const TemporaryFolder folder;
  folder.write(
      "bad.yaml",
      "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: x}\nspec:\n"
      "  matchConstraints:\n    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: "
      "[pods]}]\n"
      "  validations: [{expression: object.}]\n");
  const auto book = load_rulebook({.policies = folder.path().string()}, 1);
  ASSERT_FALSE(book);
  EXPECT_NE(book.error().to_string().find("bad.yaml:7:"), std::string::npos) << book.error().to_string();
}

}  // namespace
}  // namespace plimsoll::webhook
