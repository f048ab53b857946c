#include <gtest/gtest.h>
#include <sys/stat.h>

#include <sstream>

#include "tests/cli/program.h"

// Input that means harm, or just is broken: a clear answer with its place, in bounded time and memory.
namespace plimsoll::cli_test {
namespace {

constexpr double kSeconds = 10;       // generous: sanitizers and busy machines
constexpr long kPeakKib = 2L << 20;

void expect_error(const Outcome& outcome, std::string_view part) {
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(contains(outcome.out, "fatal error: ")) << outcome.out.substr(0, 2000) << outcome.err.substr(0, 2000);
  EXPECT_TRUE(contains(outcome.out, part)) << outcome.out.substr(0, 2000);
  EXPECT_LT(outcome.seconds, kSeconds);
  EXPECT_LT(outcome.peak_kib, kPeakKib);
}

TEST(Hostile, EveryBrokenFixtureGetsTheAnswerOfItsList) {
  const std::filesystem::path folder = source_path("fixtures/broken");
  std::istringstream list(read_text(folder / "README.md"));
  size_t count = 0;
  for (std::string line; std::getline(list, line);) {
    if (!line.starts_with("| ") || !(contains(line, ".yaml") || contains(line, ".json"))) continue;
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    const Outcome outcome = Folder::run_in(folder, {"lint", name});
    SCOPED_TRACE(name + "\n" + outcome.out + outcome.err);
    ++count;
    EXPECT_LT(outcome.seconds, kSeconds);
    if (line.ends_with("| error |")) {
      EXPECT_EQ(outcome.code, 2);
      EXPECT_TRUE(contains(outcome.out, name + (name == "binary.yaml" ? ": " : ":")));
    } else if (contains(line, "no objects, no error")) {
      EXPECT_EQ(outcome.code, 0);
      EXPECT_TRUE(contains(outcome.out, " 0 objects"));
    } else {
      EXPECT_LE(outcome.code, 1);
      EXPECT_TRUE(contains(outcome.out, "1 object"));
    }
  }
  EXPECT_GE(count, 18);
}

TEST(Hostile, DeepNesting) {
  const Folder folder;
  folder.write("flow.yaml", std::string(100000, '['));
  folder.write("map.json", [] {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += "{\"a\":";
    return text;
  }());
  std::string block;
  for (int i = 0; i < 5000; ++i) block += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  folder.write("block.yaml", block);
  expect_error(folder.run({"lint", "flow.yaml"}), "flow.yaml:1:");
  expect_error(folder.run({"lint", "map.json"}), "map.json:1:");
  expect_error(folder.run({"lint", "block.yaml"}), "block.yaml:");
}

TEST(Hostile, HugeScalar) {
  const Folder folder;
  folder.write("big.yaml", std::string(kGoodPod) + "  note: " + std::string(100UL << 20, 'x') + "\n");
  const Outcome outcome = folder.run({"lint", "big.yaml"});
  EXPECT_LE(outcome.code, 2);
  EXPECT_LT(outcome.seconds, kSeconds);
  EXPECT_LT(outcome.peak_kib, kPeakKib);
  EXPECT_LT(outcome.out.size(), 10000);
}

TEST(Hostile, MinifiedFileWithManyFindingsOnOneLine) {
  const Folder folder;
  std::string text = R"({"apiVersion":"v1","kind":"List","items":[)";
  constexpr int kPods = 20000;
  for (int i = 0; i < kPods; ++i) {
    if (i > 0) text += ',';
    text += R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"hostNetwork":true,"containers":[{"name":"a"}]}})";
  }
  folder.write("pods.json", text + "]}");
  const Outcome outcome = folder.run({"lint", "pods.json"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "20000 errors in 20000 of 20000 objects")) << outcome.out.substr(outcome.out.size() - 500);
  EXPECT_LT(outcome.seconds, kSeconds);
}

TEST(Hostile, MinifiedFileWithManyErrorsOnOneLine) {
  const Folder folder;
  std::string text = R"({"apiVersion":"v1","kind":"List","items":[1)";
  constexpr int kItems = 50000;
  for (int i = 1; i < kItems; ++i) text += ",1";
  folder.write("items.json", text + "]}");
  const Outcome outcome = folder.run({"lint", "items.json"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(contains(outcome.out, "items.json:1:43: fatal error: an item of a List must be an object")) << outcome.out.substr(0, 500);
  EXPECT_TRUE(contains(outcome.out, "50000 fatal errors in 0 objects")) << outcome.out.substr(outcome.out.size() - 500);
  EXPECT_LT(outcome.seconds, kSeconds);
  EXPECT_LT(outcome.peak_kib, kPeakKib);
}

TEST(Hostile, TextThatWouldForgeTheReport) {
  const Folder folder;
  folder.write("pod.yaml",
               "apiVersion: v1\nkind: Pod\nmetadata: {name: \"\\e[2J\\n::error::forged\"}\n"
               "spec:\n  hostNetwork: true\n  containers: [{name: a, image: b}]\n");
  const Outcome text = folder.run({"lint", "pod.yaml"});
  EXPECT_FALSE(contains(text.out, "\x1b"));
  EXPECT_FALSE(contains(text.out, "\n::error"));
  EXPECT_FALSE(contains(folder.run({"lint", "pod.yaml", "-o", "github"}).out, "\n::error::forged"));
  Arena arena;
  EXPECT_TRUE(parse_json(arena, folder.run({"lint", "pod.yaml", "-o", "json"}).out).is_map());
}

TEST(Hostile, FoldersThatCannotBeRead) {
  const Folder folder;
  folder.write("open.yaml", kGoodPod);
  folder.write("closed/pod.yaml", kGoodPod);
  folder.write("secret.yaml", kGoodPod);
  std::filesystem::permissions(folder.path("closed"), std::filesystem::perms::none);
  std::filesystem::permissions(folder.path("secret.yaml"), std::filesystem::perms::none);
  const Outcome outcome = folder.run({"lint", "."}, {.input = {}, .environment = {}, .as_nobody = true});
  expect_error(outcome, "closed: fatal error: cannot be read: Permission denied");
  EXPECT_TRUE(contains(outcome.out, "secret.yaml: fatal error: cannot be read: Permission denied")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "in 1 object;")) << outcome.out;
}

TEST(Hostile, LinksThatLeadInCircles) {
  const Folder folder;
  folder.write("d/pod.yaml", kGoodPod);
  std::filesystem::create_directory_symlink("..", folder.path("d/up"));
  std::filesystem::create_directory_symlink(".", folder.path("d/self"));
  const Outcome outcome = folder.run({"lint", "."});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(contains(outcome.out, "2 link loops")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "in 1 object;")) << outcome.out;
  std::filesystem::create_symlink("loop.yaml", folder.path("loop.yaml"));
  expect_error(folder.run({"lint", "loop.yaml"}), "Too many levels of symbolic links");
}

TEST(Hostile, DevicesAndPipes) {
  const Folder folder;
  expect_error(folder.run({"lint", "/dev/zero"}), "is larger than");
  ASSERT_EQ(::mkfifo(folder.path("pipe.yaml").c_str(), 0666), 0);
  folder.write("pod.yaml", kGoodPod);
  const Outcome outcome = folder.run({"lint", "."});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(contains(outcome.out, "1 special file")) << outcome.out;
}

}  // namespace
}  // namespace plimsoll::cli_test
