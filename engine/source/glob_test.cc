#include "engine/source/glob.h"

#include <gtest/gtest.h>

#include <chrono>

namespace plimsoll::source {
namespace {

struct Case {
  const char* pattern;
  const char* path;
  bool directory;
  bool ignored;
};

TEST(IgnoreList, FollowsTheRulesOfGitignore) {
  const Case cases[] = {
      {"*.json", "/repo/a.json", false, true},
      {"*.json", "/repo/deep/er/a.json", false, true},
      {"*.json", "/repo/a.jsonl", false, false},
      {"/a.yaml", "/repo/a.yaml", false, true},
      {"/a.yaml", "/repo/sub/a.yaml", false, false},
      {"a.yaml", "/repo/sub/a.yaml", false, true},
      {"sub/a.yaml", "/repo/sub/a.yaml", false, true},
      {"sub/a.yaml", "/repo/x/sub/a.yaml", false, false},
      {"./sub/a.yaml", "/repo/sub/a.yaml", false, true},
      {"charts/", "/repo/x/charts", true, true},
      {"charts/", "/repo/x/charts", false, false},
      {"charts/*/templates/", "/repo/charts/web/templates", true, true},
      {"charts/*/templates/", "/repo/charts/a/b/templates", true, false},
      {"charts/**/templates", "/repo/charts/a/b/templates", true, true},
      {"charts/**/templates", "/repo/charts/templates", true, true},
      {"charts/**", "/repo/charts/a/b", false, true},
      {"charts/**", "/repo/charts", true, false},
      {"**/ci/*.yaml", "/repo/ci/a.yaml", false, true},
      {"**/ci/*.yaml", "/repo/a/b/ci/a.yaml", false, true},
      {"**/ci/*.yaml", "/repo/a/ci/b/a.yaml", false, false},
      {"?.yaml", "/repo/a.yaml", false, true},
      {"?.yaml", "/repo/ab.yaml", false, false},
      {"[a-c].yaml", "/repo/b.yaml", false, true},
      {"[!a-c].yaml", "/repo/b.yaml", false, false},
      {"[^a-c].yaml", "/repo/d.yaml", false, true},
      {"[.yaml", "/repo/[.yaml", false, true},
      {"\\!a.yaml", "/repo/!a.yaml", false, true},
      {"\\#a", "/repo/#a", false, true},
      {"# comment", "/repo/# comment", false, false},
      {"a.yaml   ", "/repo/a.yaml", false, true},
      {"a.yaml\r", "/repo/a.yaml", false, true},
      {"a.yaml", "/other/a.yaml", false, false},
      {"a.yaml", "/repository/a.yaml", false, false},
  };
  for (const Case& c : cases) {
    IgnoreList list("/repo", "test");
    list.add(c.pattern);
    EXPECT_EQ(list.match(c.path, c.directory).verdict == IgnoreList::Verdict::kIgnored, c.ignored)
        << c.pattern << " on " << c.path;
  }
}

TEST(IgnoreList, LastPatternThatMatchesDecides) {
  IgnoreList list("/repo", "test");
  list.add_lines("\xEF\xBB\xBF*.yaml\n!keep.yaml\n");
  EXPECT_EQ(list.match("/repo/a.yaml", false).verdict, IgnoreList::Verdict::kIgnored);
  EXPECT_EQ(list.match("/repo/a.yaml", false).pattern, "*.yaml");
  EXPECT_EQ(list.match("/repo/keep.yaml", false).verdict, IgnoreList::Verdict::kKept);
}

TEST(Glob, StaysFastOnPatternsThatBacktrack) {
  std::string pattern, path;
  for (int i = 0; i < 100; ++i) {
    pattern += "**/*a*";
    path += "aaaaaaaaa/";
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(glob_match(pattern + "b", path + "c"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

}  // namespace
}  // namespace plimsoll::source
