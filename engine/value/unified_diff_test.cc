#include "engine/value/unified_diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include "engine/value/sequence_diff.h"

namespace plimsoll {
namespace {

size_t kept(const std::vector<bool>& marks) { return static_cast<size_t>(std::count(marks.begin(), marks.end(), false)); }

// What is left of both must be equal.
void expect_script(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b, const SequenceDiff& diff) {
  std::vector<uint32_t> left, right;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!diff.removed[i]) left.push_back(a[i]);
  }
  for (size_t i = 0; i < b.size(); ++i) {
    if (!diff.added[i]) right.push_back(b[i]);
  }
  ASSERT_EQ(left, right);
}

size_t longest_common(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
  std::vector<std::vector<size_t>> best(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      best[i][j] = a[i - 1] == b[j - 1] ? best[i - 1][j - 1] + 1 : std::max(best[i - 1][j], best[i][j - 1]);
    }
  }
  return best[a.size()][b.size()];
}

TEST(SequenceDiff, KeepsAsMuchAsThereIsInCommon) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::vector<uint32_t> a(random() % 14), b(random() % 14);
    for (uint32_t& item : a) item = random() % 4;
    for (uint32_t& item : b) item = random() % 4;
    const SequenceDiff diff = diff_sequences(a, b);
    expect_script(a, b, diff);
    ASSERT_EQ(kept(diff.removed), longest_common(a, b));
  }
}

TEST(SequenceDiff, TakesNoQuadraticTimeOnSequencesWithLittleInCommon) {
  std::mt19937 random(2);
  std::vector<uint32_t> a(200'000), b(200'000);
  for (uint32_t& item : a) item = static_cast<uint32_t>(random() % 100'000);
  for (uint32_t& item : b) item = static_cast<uint32_t>(random() % 100'000);
  const auto start = std::chrono::steady_clock::now();
  const SequenceDiff diff = diff_sequences(a, b);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
  expect_script(a, b, diff);
}

std::string diff_of(std::string_view before, std::string_view after, size_t context = 3) {
  return unified_diff(before, after, {.before_name = "old", .after_name = "new", .context = context});
}

TEST(UnifiedDiff, IsEmptyForEqualTexts) {
  EXPECT_EQ(diff_of("", ""), "");
  EXPECT_EQ(diff_of("a\nb", "a\nb"), "");
}

TEST(UnifiedDiff, ShowsChangesWithTheirSurroundings) {
  EXPECT_EQ(diff_of("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "--- old\n+++ new\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  EXPECT_EQ(diff_of("", "a\n"), "--- old\n+++ new\n@@ -0,0 +1 @@\n+a\n");
  EXPECT_EQ(diff_of("a\n", ""), "--- old\n+++ new\n@@ -1 +0,0 @@\n-a\n");
  EXPECT_EQ(diff_of("a\nb\n", "a\nx\nb\n", 0), "--- old\n+++ new\n@@ -1,0 +2 @@\n+x\n");
}

TEST(UnifiedDiff, JoinsChangesWhoseSurroundingsTouch) {
  EXPECT_EQ(diff_of("a\n1\n2\nb\n", "A\n1\n2\nB\n", 1), "--- old\n+++ new\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n-b\n+B\n");
  EXPECT_EQ(diff_of("a\n1\n2\n3\nb\n", "A\n1\n2\n3\nB\n", 1),
            "--- old\n+++ new\n@@ -1,2 +1,2 @@\n-a\n+A\n 1\n@@ -4,2 +4,2 @@\n 3\n-b\n+B\n");
}

TEST(UnifiedDiff, TellsOfAMissingLastLineEnd) {
  EXPECT_EQ(diff_of("a\nb", "a\nb\n"),
            "--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
  EXPECT_EQ(diff_of("a\nb", "x\nb"), "--- old\n+++ new\n@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n");
}

TEST(UnifiedDiff, WritesNamesSoThatPatchReadsThem) {
  EXPECT_TRUE(unified_diff("a\n", "b\n", {.before_name = "my file", .after_name = "a\"b\n"})
                  .starts_with("--- my file\t\n+++ \"a\\\"b\\n\"\n"));
}

}  // namespace
}  // namespace plimsoll
