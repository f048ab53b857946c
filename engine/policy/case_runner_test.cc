// The rule packs themselves: every rule has cases of both kinds, and all of them hold.
#include "engine/policy/case_runner.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/policy/pack.h"
#include "tests/temporary_folder.h"

namespace plimsoll::policy {
namespace {

class PackTest : public testing::TestWithParam<std::string> {};

TEST_P(PackTest, CasesHold) {
  const PackFiles files = PackFiles::built_in();
  const auto report = run_cases(files, GetParam());
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_FALSE(report->rules.empty());
  for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
  for (const RuleReport& rule : report->rules) {
    EXPECT_GT(rule.pass_cases, 0U) << rule.rule.id << " has no passing case";
    EXPECT_GT(rule.fail_cases, 0U) << rule.rule.id << " has no failing case";
    for (size_t i = 0; i < rule.violated.size(); ++i) {
      EXPECT_TRUE(rule.violated[i]) << rule.rule.id << ": no case makes validation " << i << " false";
    }
    for (const CaseResult& result : rule.cases) EXPECT_EQ(result.failure, "") << result.path;
  }
}

std::vector<std::string> pack_names() {
  std::vector<std::string> names;
  for (const PackInfo& pack : built_in_packs()) names.push_back(pack.name);
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

TEST_P(PackTest, ValuesThatItKnowsCanBeRead) {
  const auto values = load_pack_values(PackFiles::built_in(), GetParam());
  ASSERT_TRUE(values) << values.error().to_string();
  EXPECT_TRUE(!*values || (*values)->root().is_map());
}

INSTANTIATE_TEST_SUITE_P(BuiltIn, PackTest, testing::ValuesIn(pack_names()), test_name);

TEST(BuiltInPacks, AreTheFolderInTheSource) {
  const auto folder = PackFiles::read_folder(PLIMSOLL_SOURCE_DIR "/rules/pod-security-baseline");
  ASSERT_TRUE(folder) << folder.error().to_string();
  const PackFiles built_in = PackFiles::built_in();
  const auto expected = folder->of_pack("pod-security-baseline"), actual = built_in.of_pack("pod-security-baseline");
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i].path, expected[i].path);
    EXPECT_EQ(actual[i].text, expected[i].text);
  }
}

class OwnPackTest : public testing::Test {
 protected:
  void SetUp() override {
    write("no-latest/policy.yaml", R"yaml(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-latest}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations:
  - {expression: "object.spec.containers.all(c, !c.image.endsWith(':latest'))", message: latest is no version
  }
  - {expression: "true"}
)yaml");
    ;
  }
  void write(const std::string& name, const std::string& text) {
    temporary_.write(name, text);
  }
  RuleReport run() {
    const auto files = PackFiles::read_folder(folder_.string());
    EXPECT_TRUE(files) << files.error().to_string();
    const auto report = run_cases(*files, files->packs().front());
    EXPECT_TRUE(report) << report.error().to_string();
    return report->rules.front();
  }

  const TemporaryFolder temporary_;
  const std::filesystem::path& folder_ = temporary_.path();
};

constexpr const char* kBadPod =
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: 'a:latest'}]}}\n";

TEST_F(OwnPackTest, TellsWhatACaseMisses) {
  write("no-latest/cases/pass.bad.yaml", kBadPod);
  write("no-latest/cases/fail.silent.yaml", kBadPod);
  write("no-latest/cases/fail.other.yaml", std::string("# expect: no-latest at spec: something else\n") + kBadPod);
  const RuleReport rule = run();
  ASSERT_EQ(rule.cases.size(), 3U);
  EXPECT_TRUE(rule.cases[0].failure.starts_with(
      "missing: no-latest at spec: something else\nunexpected finding: no-latest on Pod/p at "))
      << rule.cases[0].failure;
  EXPECT_EQ(rule.cases[1].failure, "a fail case must say what to expect");
  EXPECT_TRUE(rule.cases[2].failure.starts_with("unexpected finding: no-latest on Pod/p at ")) << rule.cases[2].failure;
}

TEST_F(OwnPackTest, TellsObjectsOfACaseApart) {
  const std::string pods = std::string(kBadPod) + "---\n" +
                           "{apiVersion: v1, kind: Pod, metadata: {name: q}, spec: {containers: [{name: c, image: 'a:1'}]}}\n";
  write("no-latest/cases/fail.p.yaml", "# expect: no-latest on Pod/p at spec.containers[0].image: latest is no version\n" + pods);
  write("no-latest/cases/fail.q.yaml", "# expect: no-latest on Pod/q at spec.containers[0].image: latest is no version\n" + pods);
  const RuleReport rule = run();
  EXPECT_EQ(rule.cases[0].failure, "");
  EXPECT_TRUE(rule.cases[1].failure.starts_with("missing: no-latest on Pod/q at ")) << rule.cases[1].failure;
}

TEST_F(OwnPackTest, ParamsHaveTypesDefaultsAndDescriptions) {
  write("params.yaml", R"yaml(apiVersion: plimsoll.dev/v1
kind: PackParams
metadata: {name: own}
spec: {percent: 120, plain: 1, untyped: 1}
schema:
  properties:
    percent: {type: integer, maximum: 100, description: A share.}
    plain: {type: integer}
    missing: {type: string, description: A text.}
)yaml");
  const auto files = PackFiles::read_folder(folder_.string());
  const auto report = run_cases(*files, files->packs().front());
  ASSERT_TRUE(report) << report.error().to_string();
  std::string faults;
  for (const std::string& fault : report->faults) faults += fault.substr(fault.find('/') + 1) + "\n";
  EXPECT_EQ(faults,
            "params.yaml:8:12: param plain has no description\n"
            "params.yaml:9:14: param missing has no default\n"
            "params.yaml:4:41: param untyped has no schema\n"
            "params.yaml:4:17: param own.percent: got 120, want integer of at most 100\n");
}

TEST_F(OwnPackTest, CountsCasesAndCoverage) {
  write("no-latest/cases/fail.latest.yaml",
        std::string("# expect: no-latest at spec.containers[0].image: latest is no version\n") + kBadPod);
  const RuleReport rule = run();
  EXPECT_EQ(rule.cases[0].failure, "");
  EXPECT_FALSE(rule.missing().empty());
  EXPECT_EQ(rule.violated, (std::vector<bool>{true, false}));
}

}  // namespace
}  // namespace plimsoll::policy
