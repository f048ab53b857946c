#include <gtest/gtest.h>

#include "tests/cli/program.h"

// Configuration, ignores and baselines: what makes a finding not count, and what is said about it.
namespace plimsoll::cli_test {
namespace {

std::string annotated(std::string_view ignore) {
  std::string pod = kBadPod;
  const std::string_view metadata = "metadata:\n";
  const size_t at = pod.find(metadata) + metadata.size();
  return pod.insert(at, "  annotations: {plimsoll.dev/ignore: '" + std::string(ignore) + "'}\n");
}

TEST(Ignore, ByAnnotationWithReasonAndLastDay) {
  const Folder folder;
  const auto lint = [&](std::string_view ignore) {
    folder.write("pod.yaml", annotated(ignore));
    return folder.run({"lint", "pod.yaml", "--show-ignored"});
  };
  const Outcome holds = lint("pss-baseline-host-namespaces: node agent until 2999-12-31");
  EXPECT_EQ(holds.code, 0);
  EXPECT_TRUE(contains(holds.out, "ignored: by annotation: node agent (until 2999-12-31)")) << holds.out;
  EXPECT_TRUE(contains(holds.out, "ignored: 1 by annotation")) << holds.out;
  EXPECT_EQ(lint("*: all of it").code, 0);

  const Outcome expired = lint("pss-baseline-host-namespaces: node agent until 2020-01-01");
  EXPECT_EQ(expired.code, 1);
  EXPECT_TRUE(contains(expired.out, "ended on 2020-01-01 (node agent)")) << expired.out;
  const Outcome unreasoned = lint("pss-baseline-host-namespaces");
  EXPECT_EQ(unreasoned.code, 1);
  EXPECT_TRUE(contains(unreasoned.out, "gives no reason")) << unreasoned.out;
  const Outcome unknown = lint("pss-baseline-host-namespace: node agent");
  EXPECT_EQ(unknown.code, 1);
  EXPECT_TRUE(contains(unknown.out, "names no rule; did you mean \"pss-baseline-host-namespaces\"?")) << unknown.out;
}

TEST(Ignore, ByConfiguration) {
  const Folder folder;
  folder.write("deploy/pod.yaml", kBadPod);
  const auto lint = [&](std::string_view entry) {
    folder.write(".plimsoll.yaml", "ignores:\n- {reason: node agent, " + std::string(entry) + "}\n");
    return folder.run({"lint", "deploy"});
  };
  for (const std::string_view entry : {"rule: '*'", "rule: pss-baseline-*", "rule: pod-security-baseline/pss-baseline-host-namespaces",
                                       "rule: '*', kind: Pod, name: w*, path: 'deploy/*.yaml'", "rule: '*', expires: '2999-12-31'"}) {
    EXPECT_EQ(lint(entry).code, 0) << entry;
  }
  for (const std::string_view entry : {"rule: '*', kind: Deployment", "rule: '*', name: x*", "rule: '*', namespace: shop",
                                       "rule: '*', path: 'other/**'", "rule: pss-baseline-privileged"}) {
    EXPECT_EQ(lint(entry).code, 1) << entry;
  }
  const Outcome expired = lint("rule: '*', expires: '2020-01-01'");
  EXPECT_EQ(expired.code, 1);
  EXPECT_TRUE(contains(expired.out, "warning: .plimsoll.yaml:2:3: the ignore of * ended on 2020-01-01 (node agent)")) << expired.out;
  // Formats that other programs read tell it, too.
  EXPECT_TRUE(contains(folder.run({"lint", "deploy", "-o", "sarif"}).out, "ended on 2020-01-01"));
  EXPECT_TRUE(contains(folder.run({"lint", "deploy", "-o", "json"}).out, "ended on 2020-01-01"));
  EXPECT_TRUE(contains(folder.run({"lint", "deploy", "-o", "junit"}).err, "ended on 2020-01-01"));
}

TEST(Ignore, ByBaselineUntilRepaired) {
  const Folder folder;
  folder.write("pod.yaml", kBadPod);
  const std::vector<std::string> lint = {"lint", "pod.yaml", "--baseline", "known.json"};
  const Outcome written = folder.run({"lint", "pod.yaml", "--write-baseline", "known.json"});
  EXPECT_EQ(written.code, 0);
  EXPECT_EQ(written.out, "1 known finding written to known.json\n");
  EXPECT_EQ(folder.run(lint).code, 0);
  // Lines that move change nothing, a further fault does.
  folder.write("pod.yaml", "# moved\n\n" + std::string(kBadPod));
  EXPECT_EQ(folder.run(lint).code, 0);
  std::string worse = kBadPod;
  worse.insert(worse.find("  hostNetwork"), "  hostPID: true\n");
  folder.write("pod.yaml", worse);
  const Outcome one = folder.run(lint);
  EXPECT_EQ(one.code, 1);
  EXPECT_TRUE(contains(one.out, "1 error in ")) << one.out;

  folder.write("pod.yaml", kGoodPod);
  EXPECT_TRUE(contains(folder.run(lint).out, "known.json: 1 of 1 entries are repaired"));
  // Rules that did not judge repair nothing.
  EXPECT_FALSE(contains(folder.run({"lint", "pod.yaml", "--baseline", "known.json", "--pack", "lightrun"}).out, "repaired"));
  folder.write("known.json", "{}");
  EXPECT_EQ(folder.run(lint).code, 2);
  folder.write("broken.yaml", "a: [");
  EXPECT_EQ(folder.run({"lint", ".", "--write-baseline", "new.json"}).code, 2);
  EXPECT_FALSE(std::filesystem::exists(folder.path("new.json")));
}

TEST(Configuration, IsFoundUpwardsAndFlagsWin) {
  const Folder folder;
  folder.write(".plimsoll.yaml", "packs: [pod-security-restricted]\nfailOn: info\nexclude: ['*.draft.yaml']\n");
  folder.write("a/b/pod.yaml", kBadPod);
  folder.write("a/b/pod.draft.yaml", kBadPod);
  const Outcome outcome = Folder::run_in(folder.path("a/b"), {"lint", "."});
  EXPECT_TRUE(contains(outcome.out, "packs: pod-security-restricted (configured)")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "1 path excluded")) << outcome.out;
  EXPECT_TRUE(contains(folder.run({"lint", "a", "--pack", "pod-security-baseline"}).out, "packs: pod-security-baseline (asked for)"));
  EXPECT_FALSE(contains(folder.run({"lint", "a", "--no-config"}).out, "configuration:"));
}

TEST(Configuration, FaultsHaveTheirPlace) {
  const Folder folder;
  folder.write("pod.yaml", kGoodPod);
  const auto expect = [&](std::string_view text, std::string_view part) {
    folder.write(".plimsoll.yaml", text);
    const Outcome outcome = folder.run({"lint", "pod.yaml"});
    EXPECT_EQ(outcome.code, 2) << text;
    EXPECT_TRUE(contains(outcome.out, part)) << text << outcome.out;
  };
  expect("pack: [x]\n", ".plimsoll.yaml:1:1: fatal error: unknown key \"pack\"; did you mean \"packs\"?");
  expect("ignores:\n- {rule: a, reson: b}\n", ".plimsoll.yaml:2:13: fatal error: unknown key \"reson\"; did you mean \"reason\"?");
  expect("failOn: eror\n", ".plimsoll.yaml:1:9: fatal error: failOn must be error, warning or info");
  expect("kubeVersion: 1.36\n", ".plimsoll.yaml:1:14: fatal error: kubeVersion must be text (put it in quotes)");
  expect("ignores: [{rule: '*', reason: a, expires: '2026-02-30'}]\n", "ignores[0].expires must be a day");
  expect("packs: [nope]\n", "there is no pack \"nope\"");
  expect("params: {nope: {a: 1}}\n", "names no pack in use");
  expect("policies: [nowhere/]\n", "nowhere: fatal error: does not exist");
  expect("a: [", ".plimsoll.yaml:1:5: fatal error: ");
  // Params of a built-in pack that these objects do not call for are no fault.
  folder.write(".plimsoll.yaml", "params: {lightrun: {profile: production}}\n");
  EXPECT_EQ(folder.run({"lint", "pod.yaml"}).code, 0);
}

TEST(Rules, PoliciesWithoutARuleAreAnError) {
  const Folder folder;
  folder.write("pod.yaml", kGoodPod);
  folder.write("empty.yaml", "");
  for (const std::string name : {"pod.yaml", "empty.yaml"}) {
    const Outcome outcome = folder.run({"lint", "pod.yaml", "--policy", name});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_TRUE(contains(outcome.out, name + " holds no rule")) << outcome.out;
  }
}

TEST(Rules, AreListedAndExplainedThoughAStricterFormExists) {
  const Folder folder;
  const Outcome list = folder.run({"rules", "--format", "ids"});
  EXPECT_EQ(list.code, 0);
  for (const std::string id : {"pss-baseline-host-path", "pss-restricted-volumes", "lightrun-java-heap"}) {
    EXPECT_TRUE(contains(list.out, id)) << list.out;
    const Outcome page = folder.run({"explain", id});
    EXPECT_EQ(page.code, 0);
    EXPECT_TRUE(contains(page.out, "What to do")) << page.out;
  }
}

}  // namespace
}  // namespace plimsoll::cli_test
