#include <gtest/gtest.h>

#include "tests/cli/program.h"

// `plimsoll render --enforce`: what is printed, what stays as it is, and what is told of rules that cannot have their way.
namespace plimsoll::cli_test {
namespace {

constexpr std::string_view kReplicas = R"(apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata:
  name: NAME
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: "Object{spec: Object.spec{replicas: COUNT}}"
)";

std::string replicas(const std::string& name, const std::string& count) {
  std::string text(kReplicas);
  text.replace(text.find("NAME"), 4, name);
  text.replace(text.find("COUNT"), 5, count);
  return text;
}

class EnforceTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    folder_.write("web/templates/deployment.yaml",
                  "# the web server\n"
                  "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
                  "spec:\n"
                  "  selector: {matchLabels: {app: web}}\n"
                  "  template:\n"
                  "    metadata: {labels: {app: web}}\n"
                  "    spec:\n"
                  "      containers:\n"
                  "        - name: web\n"
                  "          image: web:1.0\n"
                  "          securityContext: {privileged: true, capabilities: {drop: [ALL]}}\n");
    folder_.write("web/templates/config.yaml",
                  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}   # stays\ndata: {\"b\": 'x', a: \"y\"}\n");
    folder_.write("web/templates/tests/job.yaml",
                  "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: try\n  annotations: {helm.sh/hook: test}\n"
                  "spec: {template: {spec: {restartPolicy: Never, containers: [{name: try, image: web:1.0}]}}}\n");
    folder_.write("web/crds/thing.yaml",
                  "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\nspec: {}\n");
  }

  Outcome render(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"render", "web", "--no-config"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return folder_.run(arguments);
  }

  Folder folder_;
};

TEST_F(EnforceTest, PrintsCompliantManifestsAndLeavesTheRestAlone) {
  const Outcome outcome = render({"--enforce", "--pack", "pod-security-restricted"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "---\n# Source: web/templates/config.yaml\n"
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}   # stays\ndata: {\"b\": 'x', a: \"y\"}\n"
            "---\n# Source: web/templates/deployment.yaml\n"
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n"
            "spec:\n"
            "  selector:\n    matchLabels:\n      app: web\n"
            "  template:\n"
            "    metadata:\n      labels:\n        app: web\n"
            "    spec:\n"
            "      containers:\n"
            "      - image: web:1.0\n"
            "        name: web\n"
            "        securityContext:\n"
            "          allowPrivilegeEscalation: false\n"
            "          capabilities:\n            drop:\n            - ALL\n"
            "          runAsNonRoot: true\n"
            "          seccompProfile:\n            type: RuntimeDefault\n"
            "---\n# Source: web/templates/tests/job.yaml\n"
            "apiVersion: batch/v1\nkind: Job\nmetadata:\n  annotations:\n    helm.sh/hook: test\n  name: try\n"
            "spec:\n"
            "  template:\n"
            "    spec:\n"
            "      containers:\n"
            "      - image: web:1.0\n"
            "        name: try\n"
            "        securityContext:\n"
            "          allowPrivilegeEscalation: false\n"
            "          capabilities:\n            drop:\n            - ALL\n"
            "          runAsNonRoot: true\n"
            "          seccompProfile:\n            type: RuntimeDefault\n"
            "      restartPolicy: Never\n");
  EXPECT_TRUE(contains(outcome.err, "changes in 2 objects; nothing remains to be found")) << outcome.err;
  // What is compliant is printed as it is rendered.
  folder_.write("web/templates/deployment.yaml", "");
  folder_.write("web/templates/tests/job.yaml", "");
  EXPECT_EQ(render({"--enforce", "--pack", "pod-security-restricted", "--include-crds"}).out, render({"--include-crds"}).out);
}

TEST_F(EnforceTest, DiffAndJsonNameTheRules) {
  const Outcome diff = render({"--enforce", "--diff", "--pack", "pod-security-restricted"});
  EXPECT_EQ(diff.code, 0) << diff.err;
  EXPECT_TRUE(contains(diff.out, "Deployment web\n  spec.template.spec.containers[name=\"web\"].securityContext.privileged: removed "
                                 "(rule pod-security-baseline/pss-baseline-privileged)\n"))
      << diff.out;
  EXPECT_TRUE(contains(diff.out, "--- a/web/templates/deployment.yaml\n+++ b/web/templates/deployment.yaml\n@@ -1")) << diff.out;
  EXPECT_TRUE(contains(diff.out, " @@ (rule pod-security-baseline/pss-baseline-privileged, ")) << diff.out;
  EXPECT_TRUE(contains(diff.out, "\n-          privileged: true\n+          runAsNonRoot: true\n")) << diff.out;
  EXPECT_FALSE(contains(diff.out, "ConfigMap"));

  const Outcome json = render({"--enforce", "--output", "json", "--pack", "pod-security-restricted"});
  Arena arena;
  const Value document = parse_json(arena, json.out);
  ASSERT_EQ(document["objects"].size(), 2U) << json.out;
  const Value change = document["objects"].items()[0]["changes"].items()[0];
  EXPECT_EQ(change["rule"].string_or(), "pod-security-baseline/pss-baseline-privileged");
  EXPECT_EQ(change["pointer"].string_or(), "/spec/template/spec/containers/0/securityContext/privileged");
  EXPECT_EQ(change["op"].string_or(), "remove");
  EXPECT_TRUE(change["before"].bool_or(false));
  EXPECT_EQ(document["findings"].size(), 0U);
}

TEST_F(EnforceTest, TellsOfRulesThatDisagree) {
  folder_.write("policies/a.yaml", replicas("one", "1 + 1"));
  folder_.write("policies/b.yaml", replicas("two", "3"));
  const Outcome outcome = render({"--enforce", "--policy", "policies"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.err, "error: Deployment web: two rules disagree about spec.replicas: one wants 2, two wants 3, which stands\n"))
      << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "  replicas: 3\n")) << outcome.out;
}

TEST_F(EnforceTest, TellsWhatALaterValidationRefuses) {
  folder_.write("policies/a.yaml", replicas("many", "3"));
  folder_.write("policies/b.yaml",
                "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: few}\n"
                "spec:\n  matchConstraints:\n    resourceRules:\n"
                "      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}\n"
                "  validations: [{expression: 'object.spec.replicas < 3', message: too many}]\n");
  const Outcome outcome = render({"--enforce", "--policy", "policies"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.err, "error: Deployment web: spec.replicas: too many [few]; it refuses what rule many made there\n"))
      << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "1 change in 1 object; 1 error and 0 warnings remain\n")) << outcome.err;
}

TEST_F(EnforceTest, LeavesAloneWhatAnExceptionAccepts) {
  folder_.write("web/templates/deployment.yaml", std::string(kBadPod));
  folder_.write("web/templates/pod.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: probe\n  annotations:\n"
                "    plimsoll.dev/ignore: \"pss-baseline-privileged: probes the node\"\n"
                "spec: {containers: [{name: probe, image: p:1, securityContext: {privileged: true}}]}\n");
  const Outcome outcome = render({"--enforce", "--pack", "pod-security-baseline", "--show-only", "templates/pod.yaml"});
  EXPECT_TRUE(contains(outcome.out, "{privileged: true}")) << outcome.out;
  EXPECT_FALSE(contains(outcome.err, "pss-baseline-privileged")) << outcome.err;
  // No mutation can know what is to become of the host's network.
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.err, "[pod-security-baseline/pss-baseline-host-namespaces]")) << outcome.err;
}

TEST_F(EnforceTest, ShowsNoSecrets) {
  folder_.write("web/templates/deployment.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {key: c2VzYW1l}\nstringData: {other: sesame}\n");
  folder_.write("label.yaml", "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingAdmissionPolicy\nmetadata: {name: label}\n"
                              "spec:\n  reinvocationPolicy: Never\n  matchConstraints:\n    resourceRules:\n"
                              "      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [secrets]}\n"
                              "  mutations:\n    - patchType: JSONPatch\n      jsonPatch:\n        expression: >-\n"
                              "          [JSONPatch{op: 'add', path: '/data/key', value: 'bmV3'}]\n");
  for (const char* const format : {"diff", "json"}) {
    const Outcome outcome = render({"--enforce", "--output", format, "--policy", "label.yaml"});
    EXPECT_TRUE(contains(outcome.out, "label")) << outcome.out << outcome.err;
    for (const char* const secret : {"c2VzYW1l", "sesame", "bmV3"}) EXPECT_FALSE(contains(outcome.out, secret)) << outcome.out;
  }
}

TEST_F(EnforceTest, RefusesFlagsThatDoNotGoTogether) {
  EXPECT_EQ(render({"--diff"}).code, 2);
  EXPECT_EQ(render({"--enforce", "--annotate"}).code, 2);
  const Outcome unknown = render({"--enforce", "--pack", "pod-security-restrictd"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(contains(unknown.err, "did you mean \"pod-security-restricted\"")) << unknown.err;
}

}  // namespace
}  // namespace plimsoll::cli_test
