#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "tests/cli/program.h"

// `plimsoll fix`: what is printed and written, what is left alone, and that a fixed file lints clean.
namespace plimsoll::cli_test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPod =
    "# a pod\n"
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata: {name: web, namespace: shop}   # of the shop\n"
    "spec:\n"
    "  containers:\n"
    "  - name: web   # the only one\n"
    "    image: 'web:1.0'\n"
    "    securityContext:\n"
    "      privileged: true # oh no\n"
    "      runAsNonRoot: false\n"
    "    # the end\n"
    "  volumes:\n"
    "  - name: node\n"
    "    hostPath: {path: /}\n";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class FixTest : public testing::Test {
 protected:
  Outcome fix(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "fix");
    arguments.insert(arguments.end(), {"--no-config", "--pack", "pod-security-restricted"});
    return folder_.run(std::move(arguments));
  }

  Folder folder_;
};

TEST_F(FixTest, PrintsADiffAndWritesNothing) {
  folder_.write("pod.yaml", kPod);
  const Outcome outcome = fix({"pod.yaml"});
  EXPECT_EQ(outcome.code, 1) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("--- a/pod.yaml\n+++ b/pod.yaml\n@@ ")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "-      runAsNonRoot: false\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "\n     # the end\n")) << outcome.out;
  EXPECT_TRUE(contains(outcome.err, "can be fixed, --write does")) << outcome.err;
  EXPECT_EQ(folder_.read("pod.yaml"), kPod);
  const Outcome same = fix({"--dry-run", "pod.yaml"});
  EXPECT_EQ(same.out, outcome.out);
}

TEST_F(FixTest, WritesSoThatTheFileLintsClean) {
  std::string text(kPod);
  text.erase(text.find("  volumes:"));
  std::string crlf;
  for (const char c : text) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  folder_.write("a/pod.yaml", text);
  folder_.write("a/crlf.yml", "\xEF\xBB\xBF" + crlf);
  ASSERT_EQ(::chmod(folder_.path("a/pod.yaml").c_str(), 0640), 0);
  const Outcome outcome = fix({"--write", "a"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(contains(outcome.err, "in 2 files fixed; nothing remains")) << outcome.err;
  const std::string fixed = folder_.read("a/pod.yaml");
  EXPECT_TRUE(fixed.starts_with(text.substr(0, text.find("      privileged")))) << fixed;
  EXPECT_TRUE(contains(fixed, "      runAsNonRoot: true\n")) << fixed;
  EXPECT_TRUE(contains(fixed, "    # the end\n")) << fixed;
  struct stat info = {};
  ASSERT_EQ(::stat(folder_.path("a/pod.yaml").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
  // The other file differs by its mark and its line ends only.
  std::string other;
  for (const char c : fixed) other += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_EQ(folder_.read("a/crlf.yml"), "\xEF\xBB\xBF" + other);
  EXPECT_EQ(folder_.run({"lint", "a", "--no-config", "--pack", "pod-security-restricted"}).code, 0);
  // Nothing is left beside them.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path("a")), fs::directory_iterator()), 2);
  const Outcome again = fix({"a"});
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.out, "");
}

TEST_F(FixTest, FixesOneRuleOnly) {
  folder_.write("pod.yaml", kPod);
  const Outcome outcome = fix({"--write", "pod.yaml", "--rule", "pss-restricted-run-as-non-root"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::string expected(kPod);
  expected.replace(expected.find("runAsNonRoot: false"), 19, "runAsNonRoot: true");
  EXPECT_EQ(folder_.read("pod.yaml"), expected);
  const Outcome unknown = fix({"pod.yaml", "--rule", "pss-restricted-run-as-nonroot"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(contains(unknown.err, "did you mean")) << unknown.err;
}

TEST_F(FixTest, ListsWhatNoRuleRepairs) {
  folder_.write("pod.yaml", kPod);
  const Outcome outcome = fix({"--write", "pod.yaml"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.err, "[pod-security-restricted/pss-restricted-volumes]\n     = no automatic fix: ")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "1 finding remains")) << outcome.err;
}

TEST_F(FixTest, LeavesAloneWhatIsAccepted) {
  std::string text(kPod);
  text.replace(text.find("metadata: {name: web, namespace: shop}"), 38,
               "metadata: {name: web, annotations: {plimsoll.dev/ignore: \"*: measured\"}}");
  folder_.write("pod.yaml", text);
  const Outcome outcome = fix({"pod.yaml"});
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST_F(FixTest, FollowsLinksWithinButNotOutOfTheTree) {
  folder_.write("base/pod.yaml", kPod);
  folder_.write("tree/in/real.yaml", kPod);
  fs::create_directories(folder_.path("work/tree"));
  fs::rename(folder_.path("tree/in"), folder_.path("work/tree/in"));
  fs::create_symlink("in/real.yaml", folder_.path("work/tree/link.yaml"));
  const Outcome within = Folder::run_in(folder_.path("work"), {"fix", "--write", "tree/link.yaml", "--no-config", "--rule",
                                                                "pss-restricted-run-as-non-root", "--pack", "pod-security-restricted"});
  EXPECT_EQ(within.code, 0) << within.err;
  EXPECT_TRUE(fs::is_symlink(folder_.path("work/tree/link.yaml")));
  EXPECT_TRUE(contains(folder_.read("work/tree/in/real.yaml"), "runAsNonRoot: true"));

  fs::create_directories(folder_.path("work/other"));
  fs::create_symlink("../../base/pod.yaml", folder_.path("work/other/out.yaml"));
  const Outcome out = Folder::run_in(folder_.path("work"), {"fix", "--write", "other", "--no-config", "--pack", "pod-security-restricted"});
  EXPECT_EQ(out.code, 2) << out.err;
  EXPECT_TRUE(contains(out.err, "outside of what was named")) << out.err;
  EXPECT_EQ(folder_.read("base/pod.yaml"), kPod);
}

TEST_F(FixTest, ReadsStandardInputButCannotWriteIt) {
  const Outcome outcome = folder_.run({"fix", "-", "--no-config", "--pack", "pod-security-restricted"}, {.input = std::string(kPod), .environment = {}});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "+      runAsNonRoot: true")) << outcome.out;
  const Outcome refused = folder_.run({"fix", "-", "--write", "--no-config"}, {.input = std::string(kPod), .environment = {}});
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.out, "");
}

TEST_F(FixTest, ShowsNoSecretsAroundAChange) {
  std::string text(kPod);
  text.replace(text.find("    # the end"), std::string::npos, "--- {apiVersion: v1, kind: Secret, stringData: {key: hunter2}}\n");
  folder_.write("near.yaml", text);
  const Outcome outcome = fix({"."});
  EXPECT_TRUE(contains(outcome.out, "<hidden>")) << outcome.out;
  EXPECT_FALSE(contains(outcome.out + outcome.err, "hunter2")) << outcome.out;
}

TEST_F(FixTest, LeavesAFileWholeThatItMayNotReplace) {
  folder_.write("closed/pod.yaml", kPod);
  fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  fs::permissions(folder_.path("closed"), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  fs::permissions(folder_.path("closed/pod.yaml"), fs::perms::all);
  const Outcome outcome = folder_.run({"fix", "--write", "closed", "--no-config", "--pack", "pod-security-restricted"}, {.input = {}, .environment = {}, .as_nobody = true});
  EXPECT_EQ(outcome.code, 2) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "closed/pod.yaml: ")) << outcome.err;
  EXPECT_EQ(folder_.read("closed/pod.yaml"), kPod);
}

TEST_F(FixTest, EditsTheValuesOfACharts) {
  fs::copy(source_path("charts/lightrun"), folder_.path("chart"), fs::copy_options::recursive);
  const std::string values = read_text(source_path("fixtures/lightrun-values/faulty.yaml"));
  folder_.write("values.yaml", values);
  const std::vector<std::string> arguments = {"chart", "-n", "lightrun", "-f", "values.yaml", "--no-config", "--pack", "lightrun",
                                              "--pack", "pod-security-restricted"};
  std::vector<std::string> command = {"fix", "--write"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Outcome outcome = folder_.run(command);
  EXPECT_EQ(outcome.code, 1) << outcome.err;
  // The namespaces of the network policy are computed by the template.
  EXPECT_TRUE(contains(outcome.err, "not fixed: NetworkPolicy lightrun/lightrun-network-policy: spec.ingress")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "comes from chart/templates/release/networkpolicy.yaml:")) << outcome.err;
  const std::string fixed = folder_.read("values.yaml");
  EXPECT_TRUE(contains(fixed, "    containerSecurityContext: {}\n      # Fault 6:")) << fixed;
  EXPECT_TRUE(contains(fixed, "      fsGroup: 10001\n")) << fixed;
  EXPECT_EQ(std::count(fixed.begin(), fixed.end(), '#'), std::count(values.begin(), values.end(), '#'));
  command[0] = "lint";
  command.erase(command.begin() + 1);
  const Outcome lint = folder_.run(command);
  EXPECT_FALSE(contains(lint.out, "lightrun-mysql-fs-group]")) << lint.out;
  EXPECT_FALSE(contains(lint.out, "pss-baseline-privileged]")) << lint.out;
}

// Rules that say of themselves that they mutate, by `plimsoll explain`.
std::set<std::string> mutating_rules(const Folder& folder, const std::set<std::string>& rules) {
  std::set<std::string> result;
  for (const std::string& rule : rules) {
    if (contains(folder.run({"explain", rule}).out, "mutates")) result.insert(rule);
  }
  return result;
}

std::set<std::string> rules_found(const Outcome& lint) {
  Arena arena;
  std::set<std::string> rules;
  for (const Value& finding : parse_json(arena, lint.out)["findings"].items()) {
    rules.insert(std::string(finding["rule"].string_or()));
  }
  return rules;
}

class RoundTrip : public testing::TestWithParam<const char*> {};

// Lint, fix, lint: what rules repair is gone, a second fix has nothing to do, and no other line has changed.
TEST_P(RoundTrip, LintsCleanOfWhatRulesRepair) {
  const fs::path source = source_path(GetParam());
  if (!fs::exists(source)) GTEST_SKIP() << source << " is not there: it was not fixed";
  const Folder folder;
  fs::copy(source, folder.path("in"), fs::copy_options::recursive);
  const std::vector<std::string> flags = {"in", "--no-config", "--pack", "auto", "--pack", "pod-security-restricted", "--pack", "lightrun"};
  const auto run = [&](std::vector<std::string> command) {
    command.insert(command.end(), flags.begin(), flags.end());
    return folder.run(command);
  };
  std::map<std::string, std::string> before;
  const auto each_file = [&](const auto& visit) {
    if (fs::is_regular_file(folder.path("in"))) return visit(std::string("in"));
    for (const auto& entry : fs::recursive_directory_iterator(folder.path("in"))) {
      if (entry.is_regular_file()) visit(fs::relative(entry.path(), folder.path()).string());
    }
  };
  each_file([&](const std::string& name) { before[name] = folder.read(name); });

  const std::string diff = run({"fix"}).out;
  const Outcome fixed = run({"fix", "--write"});
  ASSERT_LE(fixed.code, 1) << fixed.err;
  const Outcome lint = run({"lint", "--output", "json"});
  const std::set<std::string> left = rules_found(lint);
  for (const std::string& rule : mutating_rules(folder, left)) {
    EXPECT_TRUE(contains(fixed.err, "not fixed")) << rule << " still finds something: " << fixed.err;
  }
  const Outcome again = run({"fix"});
  EXPECT_EQ(again.out, "") << again.out;

  // Lines that the diff does not name are the same, and in the same order.
  std::multiset<std::string> removed, added;
  for (const std::string& line : lines_of(diff)) {
    if (line.starts_with("-") && !line.starts_with("--- ")) removed.insert(line.substr(1));
    if (line.starts_with("+") && !line.starts_with("+++ ")) added.insert(line.substr(1));
  }
  std::vector<std::string> kept_before, kept_after;
  const auto keep = [](const std::string& text, std::multiset<std::string> without, std::vector<std::string>& kept) {
    for (const std::string& line : lines_of(text)) {
      if (without.count(line) == 0) kept.push_back(line);
    }
  };
  std::multiset<std::string> touched = removed;
  touched.insert(added.begin(), added.end());
  size_t comments_before = 0, comments_after = 0;
  each_file([&](const std::string& name) {
    keep(before[name], touched, kept_before);
    keep(folder.read(name), touched, kept_after);
    comments_before += static_cast<size_t>(std::count(before[name].begin(), before[name].end(), '#'));
    const std::string after = folder.read(name);
    comments_after += static_cast<size_t>(std::count(after.begin(), after.end(), '#'));
  });
  EXPECT_EQ(kept_before, kept_after);
  EXPECT_EQ(comments_before, comments_after);
}

INSTANTIATE_TEST_SUITE_P(Manifests, RoundTrip,
                         testing::Values("fixtures/lightrun", "charts/lightrun", "../shared/real/kelemetry-default.yaml",
                                         "../shared/real/kubiya-runner.yaml", "../shared/real/lightrun-default.yaml",
                                         "../shared/real/lightrun-hardened.yaml", "../shared/real/workloads.yaml"));

}  // namespace
}  // namespace plimsoll::cli_test
