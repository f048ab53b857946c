#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace plimsoll::cli_test {
namespace {

constexpr char kPolicy[] = R"yaml(
apiVersion: plimsoll.dev/v1
kind: Policy
metadata: {name: endpoint}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [plimsoll.dev], apiVersions: [v1], operations: [CREATE], resources: [helmvalues]}]
  validations:
    - expression: object.values.?general.?endpoint.orValue('') != ''
      message: the endpoint is not set
---
apiVersion: plimsoll.dev/v1
kind: Policy
metadata: {name: secret-exists}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations:
    - expression: resources.get('v1', 'Secret', request.namespace, object.spec.hostname).hasValue()
      messageExpression: "'no Secret ' + object.spec.hostname + (resources.complete('v1', 'Secret') ? '' : ' in this set')"
---
apiVersion: plimsoll.dev/v1
kind: Policy
metadata: {name: queue-is-rendered}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [plimsoll.dev], apiVersions: [v1], operations: [CREATE], resources: [releases]}]
  validations:
    - expression: "object.objects.exists(o, o.kind == 'StatefulSet') || !object.values.queue"
      message: the queue is enabled and not rendered
)yaml";

class ValuesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("policy.yaml", kPolicy);
    folder_.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    folder_.write("charts/web/values.yaml", "general:\n  name: web\n  endpoint: \"\"\nqueue: false\nsecret: tls\n");
    folder_.write("charts/web/templates/pod.yaml",
                  "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ required \"no endpoint\" .Values.general.endpoint }}\n"
                  "spec:\n  hostname: {{ .Values.secret }}\n");
    folder_.write("charts/web/templates/secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: tls}\n");
  }

  Outcome lint(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"lint", "--policy", "policy.yaml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return folder_.run(arguments);
  }

  Folder folder_;
};

TEST_F(ValuesTest, ValuesAloneAreJudgedAndTheLastFileIsNamed) {
  folder_.write("prod/values.yaml", "general:\n  name: x\n  endpoint: web.test\n");
  EXPECT_EQ(lint({"prod/values.yaml"}).code, 0);
  folder_.write("prod/more.yaml", "# later\ngeneral:\n  endpoint: \"\"\n");
  const Outcome outcome = lint({"prod/values.yaml", "prod/more.yaml"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "prod/more.yaml:3:13: error: the endpoint is not set")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "HelmValues default/release-name: values.general.endpoint")) << outcome.out;
  EXPECT_EQ(lint({"prod/values.yaml", "prod/more.yaml", "--set", "general.endpoint=web.test"}).code, 0);
  EXPECT_EQ(lint({"--values", "prod/values.yaml"}).code, 0);
}

TEST_F(ValuesTest, ValuesComeFromStandardInputToo) {
  const Outcome outcome = folder_.run({"lint", "--policy", "policy.yaml", "-"}, {.input = "general:\n  endpoint: \"\"\n", .environment = {}});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "<stdin>:2:13: error: the endpoint is not set")) << outcome.out;
}

TEST_F(ValuesTest, MissingKeyIsShownWhereItBelongs) {
  folder_.write("values.yaml", "# of web\ngeneral:\n  name: x\n");
  const Outcome outcome = lint({"values.yaml"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "values.yaml:2:1: error: the endpoint is not set")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "endpoint is missing")) << outcome.out;
}

TEST_F(ValuesTest, ChartFlagRendersTheChartWithTheFile) {
  folder_.write("values.yaml", "general: {endpoint: web.test}\nsecret: other\n");
  const Outcome outcome = lint({"values.yaml", "--chart", "charts/web"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "charts/web/templates/pod.yaml:6:13: error: no Secret other in this set")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "values.yaml:2:9: values key secret")) << outcome.out;
}

TEST_F(ValuesTest, CauseComesBeforeTheRenderThatFailsOfIt) {
  const Outcome outcome = lint({"charts/web"});
  EXPECT_EQ(outcome.code, 2);
  const size_t cause = outcome.out.find("charts/web/values.yaml:3:13: error: the endpoint is not set");
  const size_t effect = outcome.out.find("charts/web/templates/pod.yaml:4:11: fatal error: cannot be rendered");
  ASSERT_NE(cause, std::string::npos) << outcome.out;
  ASSERT_NE(effect, std::string::npos) << outcome.out;
  EXPECT_LT(cause, effect);
}

TEST_F(ValuesTest, ReleaseIsJudgedAsAWhole) {
  const Outcome outcome = lint({"charts/web", "--set", "general.endpoint=a,queue=true"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "--set queue: error: the queue is enabled and not rendered")) << outcome.out;
  EXPECT_EQ(lint({"charts/web", "--set", "general.endpoint=a"}).code, 0);
}

TEST_F(ValuesTest, EachRenderSeesItsOwnObjects) {
  folder_.write("charts/web/templates/secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: {{ .Values.secret }}}\n");
  folder_.write("charts/web/ci/a-values.yaml", "general: {endpoint: a}\nsecret: one\n");
  folder_.write("charts/web/ci/b-values.yaml", "general: {endpoint: b}\nsecret: two\n");
  EXPECT_EQ(lint({"charts/web", "--ci-values"}).code, 0);
}

TEST_F(ValuesTest, ValuesOfAnUnknownChartGetAnAnswer) {
  folder_.write("values-prod.yaml", "a: 1\n");
  const Outcome outcome = folder_.run({"lint", "values-prod.yaml"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(contains(outcome.out, "values-prod.yaml: fatal error: looks like the values of a chart")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "--chart")) << outcome.out;
}

TEST_F(ValuesTest, ValuesAreOneMapping) {
  folder_.write("values.yaml", "general: {}\n---\ngeneral: {}\n");
  const Outcome outcome = lint({"values.yaml"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(contains(outcome.out, "values.yaml: fatal error: holds no values: they are one document, a mapping")) << outcome.out;
}

TEST_F(ValuesTest, UnknownKeysAreWarnedOfWithTheNearestKnownOne) {
  folder_.write("values.yaml", "general: {endpoint: web.test}\nsecrte: x\n");
  const Outcome outcome = folder_.run({"lint", "values.yaml", "--chart", "charts/web"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(contains(outcome.out, "values.yaml:2:1: warning: the chart does not know secrte, did you mean secret?")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "helm-values (values of chart web)")) << outcome.out;
}

TEST_F(ValuesTest, SecretsOfValuesAreNotShown) {
  folder_.write("policy.yaml", "apiVersion: plimsoll.dev/v1\nkind: Policy\nmetadata: {name: weak}\nspec:\n"
                               "  matchConstraints:\n    resourceRules: [{apiGroups: [plimsoll.dev], apiVersions: [v1], operations: "
                               "[CREATE], resources: [helmvalues]}]\n  validations:\n    - {expression: \"object.values.password.size() > 9\", "
                               "message: too short}\n");
  folder_.write("values.yaml", "password: hunter2\n");
  const Outcome outcome = lint({"values.yaml"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "values.yaml:1:11: error: too short")) << outcome.out;
  EXPECT_FALSE(contains(outcome.out, "hunter2")) << outcome.out;
  EXPECT_FALSE(contains(lint({"values.yaml", "-o", "sarif"}).out, "hunter2"));
}

TEST_F(ValuesTest, FlagsHaveAPlaceInEveryFormat) {
  for (const char* format : {"json", "sarif", "junit", "github"}) {
    const Outcome outcome = lint({"charts/web", "--set", "general.endpoint=", "-o", format});
    EXPECT_EQ(outcome.code, 2) << format;
    EXPECT_TRUE(contains(outcome.out, "the endpoint is not set")) << format;
  }
}

}  // namespace
}  // namespace plimsoll::cli_test
