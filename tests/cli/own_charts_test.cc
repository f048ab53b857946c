#include <gtest/gtest.h>

#include "tests/cli/program.h"

// The charts of this repository keep what their packs ask, with their defaults and with each set of values in ci/.
namespace plimsoll::cli_test {
namespace {

class OwnCharts : public testing::TestWithParam<std::string> {};

void expect_no_findings(const std::string& chart, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"lint",   "charts/" + chart, "--no-config", "--namespace",
                                        chart,    "--pack",          chart,         "--pack",
                                        "pod-security-restricted",   "--severity",  "info", "--fail-on", "info"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = Folder::run_in(source_path(""), arguments);
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("no findings in ")) << outcome.out;
}

TEST_P(OwnCharts, DefaultsKeepTheRules) { expect_no_findings(GetParam(), {}); }

TEST_P(OwnCharts, SetsOfValuesKeepTheRules) { expect_no_findings(GetParam(), {"--ci-values"}); }

TEST(LightrunChart, OpenShiftKeepsTheRules) {
  expect_no_findings("lightrun", {"--set", "general.openshift=true", "--param", "lightrun.platform=openshift"});
}

// The chart of the webhook has no pack of its own: it keeps the generic ones.
TEST(PlimsollChart, KeepsTheGenericRules) {
  for (const bool sets : {false, true}) {
    std::vector<std::string> arguments = {"lint", "charts/plimsoll", "--no-config", "--namespace", "plimsoll-system", "--severity", "info", "--fail-on", "info"};
    for (const char* pack : {"pod-security-restricted", "container-security", "network-policy", "resources", "tls-secrets"}) {
      arguments.insert(arguments.end(), {"--pack", pack});
    }
    if (sets) arguments.push_back("--ci-values");
    const Outcome outcome = Folder::run_in(source_path(""), arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
    EXPECT_TRUE(outcome.out.starts_with("no findings in ")) << outcome.out;
  }
}

// What the chart refuses to render is told first by the rule that says why.
TEST(KelemetryChart, ValuesThatDoNotRenderAreJudgedBeforeTheError) {
  const Folder folder;
  folder.write("two.yaml",
               "multiCluster:\n  clusters:\n"
               "    - {name: a, kubeconfig: {type: in-cluster}, resourceVersionIndex: After}\n"
               "    - {name: b, kubeconfig: {type: secret, secret: {name: b}}, resourceVersionIndex: After}\n");
  const Outcome outcome = Folder::run_in(source_path(""), {"lint", "charts/kelemetry", "--no-config", "--pack", "kelemetry", "--values",
                                                           folder.path("two.yaml").string()});
  EXPECT_EQ(outcome.code, 2) << outcome.out;
  const size_t cause = outcome.out.find("2 clusters need one etcd outside of them");
  const size_t error = outcome.out.find("cannot be rendered: ");
  EXPECT_NE(error, std::string::npos) << outcome.out;
  EXPECT_LT(cause, error) << outcome.out;
}

INSTANTIATE_TEST_SUITE_P(Charts, OwnCharts, testing::Values("kelemetry", "lightrun"),
                         [](const testing::TestParamInfo<std::string>& chart) { return chart.param; });

}  // namespace
}  // namespace plimsoll::cli_test
