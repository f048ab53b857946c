#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace plimsoll::cli_test {
namespace {

TEST(Lint, SaysWhereWhatAndWhy) {
  const Folder folder;
  folder.write("pod.yaml", kBadPod);
  const Outcome outcome = folder.run({"lint", "pod.yaml"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "pod.yaml:6:16: error: ")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "[pod-security-baseline/pss-baseline-host-namespaces]\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "   6 |   hostNetwork: true\n     |                ^~~~\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "Pod web: spec.hostNetwork\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "= fix: ")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "1 error in 1 of 1 object; 1 file, ")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "packs: pod-security-baseline (")) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

TEST(Lint, ExitCodesTellVerdicts) {
  const Folder folder;
  folder.write("good.yaml", kGoodPod);
  folder.write("bad.yaml", kBadPod);
  folder.write("broken.yaml", "a: [1\n");
  EXPECT_EQ(folder.run({"lint", "good.yaml"}).code, 0);
  EXPECT_EQ(folder.run({"lint", "bad.yaml"}).code, 1);
  EXPECT_EQ(folder.run({"lint", "broken.yaml"}).code, 2);
  EXPECT_EQ(folder.run({"lint", "."}).code, 2);  // what could not be judged weighs more
  EXPECT_EQ(folder.run({"lint", "absent.yaml"}).code, 2);
  EXPECT_EQ(folder.run({"lint"}).code, 2);
  EXPECT_EQ(folder.run({}).code, 2);
  EXPECT_EQ(folder.run({"--help"}).code, 0);
  EXPECT_EQ(folder.run({"lint", "--help"}).code, 0);
}

TEST(Lint, ThresholdAndSeverity) {
  const Folder folder;
  folder.write("pod.yaml", kGoodPod);
  folder.write("team.yaml", kTeamPolicy);
  const std::vector<std::string> base = {"lint", "--policy", "team.yaml", "pod.yaml"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), base.begin(), base.end());
    return folder.run(more);
  };
  const Outcome plain = with({});
  EXPECT_EQ(plain.code, 0);
  EXPECT_TRUE(contains(plain.out, "pod.yaml:3:1: warning: the pod has no label team [team-label]")) << plain.out;
  EXPECT_TRUE(contains(plain.out, "labels.team is missing")) << plain.out;
  EXPECT_EQ(with({"--fail-on", "warning"}).code, 1);
  const Outcome hidden = with({"--severity", "error", "--fail-on", "warning"});
  EXPECT_EQ(hidden.code, 0);
  EXPECT_TRUE(contains(hidden.out, "1 finding below the severity")) << hidden.out;
  EXPECT_FALSE(contains(hidden.out, "no label team")) << hidden.out;
}

TEST(Lint, JudgesStandardInput) {
  const Folder folder;
  const Outcome outcome = folder.run({"lint", "-"}, {.input = std::string(kGoodPod) + "---\n" + kBadPod, .environment = {}});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "<stdin>:15:16: error: ")) << outcome.out;
  // A pipe whose first part failed must not look like success.
  EXPECT_EQ(folder.run({"lint", "-"}).code, 2);
}

TEST(Lint, NothingIsLeftOutSilently) {
  const Folder folder;
  folder.write("a/values.yaml", "image: x\n");
  folder.write("a/crd.yaml", "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n");
  folder.write("a/drafts/pod.yaml", kBadPod);
  const Outcome outcome = folder.run({"lint", "a", "--exclude", "drafts/"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(contains(outcome.out, "no rule applies to 1 object: 1 Widget")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "1 path excluded, 1 document not of Kubernetes")) << outcome.out;
  const Outcome verbose = folder.run({"lint", "a", "--exclude", "drafts/", "--verbose"});
  EXPECT_TRUE(contains(verbose.out, "a/values.yaml:1:1: note: no Kubernetes object")) << verbose.out;
  EXPECT_TRUE(contains(verbose.out, "a/drafts: note: excluded by \"drafts/\" of --exclude")) << verbose.out;
  EXPECT_EQ(folder.run({"lint", "a/drafts", "--exclude", "drafts/"}).code, 2);
}

TEST(Lint, OutputGoesWhereAsked) {
  const Folder folder;
  folder.write("pod.yaml", kBadPod);
  const Outcome json = folder.run({"lint", "pod.yaml", "-o", "json"});
  EXPECT_EQ(json.code, 1);
  Arena arena;
  EXPECT_EQ(parse_json(arena, json.out)["findings"].items()[0]["line"].as_int(), 6);
  EXPECT_TRUE(contains(json.err, "plimsoll: 1 error in 1 of 1 object")) << json.err;
  const Outcome sarif = folder.run({"lint", "pod.yaml", "--output", "sarif", "--output-file", "out.sarif"});
  EXPECT_EQ(sarif.code, 1);
  EXPECT_EQ(sarif.out, "");
  EXPECT_EQ(parse_json(arena, folder.read("out.sarif"))["version"].as_string(), "2.1.0");
  EXPECT_TRUE(folder.run({"lint", "pod.yaml", "-o", "junit"}).out.starts_with("<?xml"));
  EXPECT_TRUE(folder.run({"lint", "pod.yaml", "-o", "github"}).out.starts_with("::error file=pod.yaml,line=6,"));
  const Outcome full = folder.run({"lint", "pod.yaml", "--output-file", "/dev/full"});
  EXPECT_EQ(full.code, 2);
  EXPECT_TRUE(contains(full.err, "cannot be written")) << full.err;
  EXPECT_EQ(folder.run({"lint", "pod.yaml", "--output-file", "no/such/folder"}).code, 2);
}

TEST(Lint, ColourAndQuiet) {
  const Folder folder;
  folder.write("pod.yaml", kBadPod);
  EXPECT_FALSE(contains(folder.run({"lint", "pod.yaml"}).out, "\x1b["));
  EXPECT_TRUE(contains(folder.run({"lint", "pod.yaml", "--color", "always"}).out, "\x1b["));
  EXPECT_TRUE(contains(folder.run({"lint", "pod.yaml"}, {.input = {}, .environment = {"CLICOLOR_FORCE=1"}}).out, "\x1b["));
  EXPECT_FALSE(contains(folder.run({"lint", "pod.yaml", "--quiet"}).out, "packs:"));
  EXPECT_EQ(folder.run({"lint", "--quiet", "-"}, {.input = kGoodPod, .environment = {}}).out, "");
}

TEST(Lint, UsageErrorsSuggest) {
  const Folder folder;
  folder.write("pod.yaml", kGoodPod);
  const auto expect = [&](std::vector<std::string> arguments, std::string_view part) {
    const Outcome outcome = folder.run(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_TRUE(contains(outcome.err + outcome.out, part)) << outcome.err << outcome.out;
  };
  expect({"lnt", "pod.yaml"}, "did you mean \"lint\"?");
  expect({"lint", "pod.yaml", "--severty", "error"}, "did you mean \"--severity\"?");
  expect({"lint", "pod.yaml", "--fail-on", "eror"}, "did you mean \"error\"?");
  expect({"lint", "pod.yaml", "-o", "jsn"}, "did you mean \"json\"?");
  expect({"lint", "pod.yaml", "--pack", "pod-security-base"}, "did you mean \"pod-security-baseline\"?");
  expect({"lint", "pod.yaml", "--param", "x"}, "--param x: must be pack.name=value");
  expect({"explain", "pss-baseline-host-namespace"}, "did you mean \"pss-baseline-host-namespaces\"?");
}

TEST(Lint, OneFileIsJudgedOnceHoweverOftenItIsNamed) {
  const Folder folder;
  folder.write("d/pod.yaml", kBadPod);
  const Outcome outcome = folder.run({"lint", "d/pod.yaml", "d", "./d/pod.yaml"});
  EXPECT_TRUE(contains(outcome.out, "1 error in 1 of 1 object; 1 file, ")) << outcome.out;
}

TEST(Lint, PlacesAreTheSameFromEveryFolder) {
  const Folder folder;
  folder.write("d/pod.yaml", kBadPod);
  folder.write("d/e/x.txt", "");
  Arena arena;
  const auto fingerprint = [&](const std::string& where, const std::string& path) {
    const Outcome outcome = Folder::run_in(folder.path(where), {"lint", path, "-o", "json"});
    const Value findings = parse_json(arena, outcome.out)["findings"];
    return findings.size() == 1 ? std::string(findings.items()[0]["fingerprint"].string_or()) : "none";
  };
  const std::string here = fingerprint("", "d/pod.yaml");
  EXPECT_EQ(here.size(), 16);
  EXPECT_EQ(fingerprint("d", "."), here);
  EXPECT_EQ(fingerprint("d/e", "../pod.yaml"), here);
  EXPECT_EQ(fingerprint("d/e", folder.path("d").string()), here);
}

TEST(Lint, NamespacesOfTheSetAreKnownToPolicies) {
  const Folder folder;
  folder.write("policy.yaml",
               "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: named}\n"
               "spec:\n  matchConstraints:\n    namespaceSelector: {matchLabels: {tier: prod}}\n"
               "    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]\n"
               "  validations: [{expression: 'false', messageExpression: \"'in ' + namespaceObject.metadata.name\"}]\n");
  folder.write("all.yaml", std::string(kGoodPod) + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: prod}}\n");
  EXPECT_EQ(folder.run({"lint", "--policy", "policy.yaml", "all.yaml"}).code, 0);
  const Outcome outcome = folder.run({"lint", "--policy", "policy.yaml", "all.yaml", "--namespace", "shop"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "error: in shop [named]")) << outcome.out;
}

}  // namespace
}  // namespace plimsoll::cli_test
