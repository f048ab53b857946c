#include <gtest/gtest.h>

#include "tests/cli/program.h"

// Rules see what they would see in a cluster: defaults, no unknown fields; and people are told so.
namespace plimsoll::cli_test {
namespace {

class DefaultingTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("web.yaml",
                  "apiVersion: apps/v1\n"
                  "kind: Deployment\n"
                  "metadata: {name: web}\n"
                  "spec:\n"
                  "  replica: 2\n"
                  "  selector: {matchLabels: {app: web}}\n"
                  "  template:\n"
                  "    metadata: {labels: {app: web}}\n"
                  "    spec:\n"
                  "      containers:\n"
                  "        - {name: web, image: web}\n");
    folder_.write("policy.yaml",
                  "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: two}\n"
                  "spec:\n  matchConstraints:\n    resourceRules:\n"
                  "      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}\n"
                  "  validations:\n"
                  "    - {expression: 'object.spec.replicas > 1', message: one is not enough}\n"
                  "    - {expression: 'object.spec.template.spec.containers[0].imagePullPolicy != \"Always\"', message: pulls always}\n");
  }

  Outcome lint(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"lint", "web.yaml", "--policy", "policy.yaml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return folder_.run(arguments);
  }

  Folder folder_;
};

TEST_F(DefaultingTest, FindingsOnDefaultsPointAtTheParentAndSaySo) {
  const Outcome outcome = lint({});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "web.yaml:4:1: error: one is not enough [two]\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "replicas is not set: the default is 1\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "web.yaml:11:11: error: pulls always [two]\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "imagePullPolicy is not set: the default is \"Always\"\n")) << outcome.out;
  Arena arena;
  const Value report = parse_json(arena, lint({"-o", "json"}).out);
  const Value place = report["findings"].items()[0]["places"].items()[0];
  EXPECT_TRUE(place["missing"].bool_or(false));
  EXPECT_EQ(place["default"].string_or(), "1");
}

TEST_F(DefaultingTest, UnknownFieldsAreWarnings) {
  folder_.write("policy.yaml", folder_.read("policy.yaml").replace(folder_.read("policy.yaml").find("replicas > 1"), 12, "replicas > 0"));
  const Outcome outcome = lint({"--exclude", "none"});
  EXPECT_TRUE(contains(outcome.out, "web.yaml:5:12: warning: unknown field spec.replica, which the API server drops; did you mean "
                                    "\"replicas\"? [kubernetes/unknown-field]\n"))
      << outcome.out;
  EXPECT_EQ(folder_.run({"explain", "unknown-field"}).code, 0);
  // It is ignored as any finding is, and the name of the rule is known.
  folder_.write(".plimsoll.yaml",
                "ignores: [{rule: unknown-field, reason: read by a tool}, {rule: two, reason: not now}]\npolicies: [policy.yaml]\n");
  const Outcome ignored = folder_.run({"lint", "web.yaml", "--fail-on", "warning"});
  EXPECT_EQ(ignored.code, 0) << ignored.out;
  EXPECT_FALSE(contains(ignored.out, "names no rule")) << ignored.out;
}

TEST_F(DefaultingTest, ValuesOfTheWrongTypeAreErrors) {
  folder_.write("web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: many\n"
                            "  template: {spec: {containers: [{name: web, image: \"web:1\"}]}}\n");
  const Outcome outcome = lint({});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "web.yaml:5:13: error: the API server refuses the object: json: cannot unmarshal string into Go struct "
                                    "field DeploymentSpec.spec.replicas of type int32 [kubernetes/wrong-type]\n"))
      << outcome.out;
}

TEST_F(DefaultingTest, RawShowsWhatIsWritten) {
  for (const bool configured : {false, true}) {
    if (configured) folder_.write(".plimsoll.yaml", "raw: true\n");
    const Outcome outcome = configured ? lint({}) : lint({"--raw"});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(contains(outcome.out, "no such key: replicas")) << outcome.out;
    EXPECT_FALSE(contains(outcome.out, "unknown-field")) << outcome.out;
  }
  folder_.write(".plimsoll.yaml", "raw: maybe\n");
  EXPECT_EQ(lint({}).code, 2);
}

}  // namespace
}  // namespace plimsoll::cli_test
