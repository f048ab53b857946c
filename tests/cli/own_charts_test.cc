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

INSTANTIATE_TEST_SUITE_P(Charts, OwnCharts, testing::Values("kelemetry", "lightrun"),
                         [](const testing::TestParamInfo<std::string>& chart) { return chart.param; });

}  // namespace
}  // namespace plimsoll::cli_test
