#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace plimsoll::cli_test {
namespace {

// A chart "charts/web" whose container is privileged by its values and shares the host's network by its template.
class ChartTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    folder_.write("charts/web/values.yaml", "image: nginx:1.27\nsecurity:\n  privileged: false\n");
    folder_.write("charts/web/templates/_pod.tpl",
                  "{{- define \"web.pod\" -}}\n"
                  "containers:\n"
                  "  - name: web\n"
                  "    image: {{ .Values.image }}\n"
                  "    securityContext: {{- toYaml .Values.security | nindent 6 }}\n"
                  "{{- end -}}\n");
    folder_.write("charts/web/templates/pod.yaml",
                  "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  {{- include \"web.pod\" . | nindent 2 }}\n");
    folder_.write("prod.yaml", "security:\n  privileged: true\n");
  }

  Outcome lint(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"lint", "charts/web", "--pack", "pod-security-baseline"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return folder_.run(arguments);
  }

  Folder folder_;
};

TEST_F(ChartTest, FindingNamesTemplateIncludesAndValues) {
  EXPECT_EQ(lint({}).code, 0);
  const Outcome outcome = lint({"-f", "prod.yaml"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "charts/web/templates/_pod.tpl:5:22: error: ")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "= charts/web/templates/pod.yaml:6:3: included here\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "= prod.yaml:2:15: values key security.privileged\n   2 |   privileged: true\n"
                                    "     |               ^~~~\n"))
      << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "Pod release-name: spec.containers[0].securityContext.privileged")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "1 error in 1 of 1 object; 1 chart, ")) << outcome.out;
}

TEST_F(ChartTest, FlagsAreNamedWithoutTheirValues) {
  const Outcome outcome = lint({"--set", "security.privileged=true"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "values key security.privileged, set by --set security.privileged\n")) << outcome.out;
}

TEST_F(ChartTest, SarifHasTheTemplateFirstThenValuesAndRenderedText) {
  const Outcome outcome = lint({"-f", "prod.yaml", "-o", "sarif"});
  Arena arena;
  const Value log = parse_json(arena, outcome.out);
  const Value result = log["runs"].items()[0]["results"].items()[0];
  const Value primary = result["locations"].items()[0]["physicalLocation"];
  EXPECT_EQ(primary["artifactLocation"]["uri"].as_string(), "charts/web/templates/_pod.tpl");
  EXPECT_EQ(primary["region"]["startLine"].as_int(), 5);
  std::vector<std::string> related;
  for (const Value& location : result["relatedLocations"].items()) {
    related.emplace_back(location["physicalLocation"]["artifactLocation"]["uri"].as_string());
  }
  EXPECT_EQ(related, (std::vector<std::string>{"charts/web/templates/pod.yaml", "prod.yaml",
                                               "rendered:/web/templates/pod.yaml%20%28rendered%29"}));
}

TEST_F(ChartTest, CiValuesAreTriedAndOneCauseIsOneFinding) {
  folder_.write("charts/web/ci/a-values.yaml", "security: {privileged: true}\n");
  folder_.write("charts/web/ci/b-values.yaml", "security: {privileged: true}\n");
  folder_.write("charts/web/ci/c-values.yaml", "security: {privileged: false}\n");
  EXPECT_EQ(lint({}).code, 0);
  const Outcome outcome = lint({"--ci-values"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "with: ci/a-values.yaml, ci/b-values.yaml\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "1 error in 1 of 3 objects")) << outcome.out;
}

TEST_F(ChartTest, ConfigurationHoldsSetsOfValues) {
  folder_.write(".plimsoll.yaml",
                "charts:\n  - path: charts/web\n    release: shop\n    values:\n"
                "      - name: production\n        files: [prod.yaml]\n"
                "      - name: development\n        set: [image=nginx:2]\n");
  const Outcome outcome = lint({});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "with: production\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "Pod shop: ")) << outcome.out;
  folder_.write(".plimsoll.yaml", "charts:\n  - path: charts/web\n    vales: []\n");
  EXPECT_TRUE(contains(lint({}).out, ".plimsoll.yaml:3:5: fatal error: unknown key \"vales\"; did you mean \"values\"?"))
      << lint({}).out;
}

TEST_F(ChartTest, ChartsBelowAFolderAreFound) {
  EXPECT_TRUE(contains(folder_.run({"lint", "."}).out, "1 chart, 1 file, "));
}

TEST_F(ChartTest, ChartThatCannotBeRenderedIsAnErrorWithItsPlace) {
  folder_.write("charts/web/templates/bad.yaml", "a: 1\nb: {{ .Values.image.tag }}\n");
  const Outcome outcome = lint({});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(contains(outcome.out, "charts/web/templates/bad.yaml:2:13: fatal error: cannot be rendered: ")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "   2 | b: {{ .Values.image.tag }}\n")) << outcome.out;
}

TEST_F(ChartTest, ValuesWithoutAChartAreAnError) {
  folder_.write("pod.yaml", kGoodPod);
  const Outcome outcome = folder_.run({"lint", "pod.yaml", "-f", "prod.yaml"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(contains(outcome.out, "there is no chart in pod.yaml")) << outcome.out;
}

TEST_F(ChartTest, RenderAnnotatesAndWritesASourceMap) {
  const Outcome annotated = folder_.run({"render", "shop", "charts/web", "-f", "prod.yaml", "--annotate"});
  EXPECT_EQ(annotated.code, 0);
  EXPECT_TRUE(contains(annotated.out, "# web/templates/_pod.tpl:4:5  .image (web/values.yaml:1)\n")) << annotated.out;
  EXPECT_EQ(folder_.run({"render", "shop", "charts/web", "-f", "prod.yaml", "--source-map", "map.json"}).code, 0);
  Arena arena;
  const Value map = parse_json(arena, folder_.read("map.json"));
  EXPECT_EQ(map["version"].as_int(), 1);
  bool found = false;
  for (const Value& line : map["lines"].items()) {
    for (const Value& value : line["values"].items()) {
      if (value["path"].as_string() != "security.privileged") continue;
      found = true;
      EXPECT_EQ(line["template"].as_string(), "web/templates/_pod.tpl");
      EXPECT_EQ(line["template_line"].as_int(), 5);
      EXPECT_EQ(line["chain"].items()[0]["template"].as_string(), "web/templates/pod.yaml");
      EXPECT_EQ(line["chain"].items()[0]["line"].as_int(), 6);
      EXPECT_EQ(value["file"].as_string(), "prod.yaml");
      EXPECT_EQ(value["line"].as_int(), 2);
      EXPECT_EQ(value["column"].as_int(), 15);
    }
  }
  EXPECT_TRUE(found);
}

TEST_F(ChartTest, SeedMakesRendersRepeatable) {
  folder_.write("charts/web/templates/random.yaml", "a: {{ randAlphaNum 20 }}\nb: {{ uuidv4 }}\nc: {{ now | unixEpoch }}\n");
  const auto render = [&](const std::string& seed) { return folder_.run({"render", "charts/web", "--seed", seed}).out; };
  EXPECT_EQ(render("1"), render("1"));
  EXPECT_NE(render("1"), render("2"));
}

TEST(Functions, ListsAndSuggests) {
  const Folder folder;
  EXPECT_TRUE(contains(folder.run({"functions", "nindent"}).out, "nindent  "));
  EXPECT_TRUE(contains(folder.run({"functions", "nindet"}).err, "did you mean \"nindent\"?"));
  Arena arena;
  const Value all = parse_json(arena, folder.run({"functions", "-o", "json"}).out);
  EXPECT_GT(all["functions"].size(), 200U);
  for (const Value& function : all["functions"].items()) EXPECT_GT(function["doc"].size(), 0U);
}

TEST(Functions, OfExpressionsSayWhichPoliciesOfferThem) {
  const Folder folder;
  const auto policies_of = [&](const char* name) {
    Arena arena;
    const Value found = parse_json(arena, folder.run({"functions", "--cel", name, "-o", "json"}).out)["functions"];
    std::string text;
    for (const Value& policy : found.items()[0]["policies"].items()) text += std::string(policy.as_string()) + " ";
    return text;
  };
  EXPECT_EQ(policies_of("isQuantity"), "ValidatingAdmissionPolicy MutatingAdmissionPolicy Policy ");
  EXPECT_EQ(policies_of("jsonpatch.escapeKey"), "MutatingAdmissionPolicy ");
  EXPECT_EQ(policies_of("x509.isPrivateKey"), "Policy ");
  EXPECT_TRUE(contains(folder.run({"functions", "--cel", "NetworkPolic"}).out, "allows  "));
  EXPECT_EQ(folder.run({"functions", "--cel", "weakSecrets"}).code, 2);
  EXPECT_TRUE(contains(folder.run({"functions", "--cel", "weakSecrets"}).err, "did you mean \"weakSecret\"?"));
}

}  // namespace
}  // namespace plimsoll::cli_test
