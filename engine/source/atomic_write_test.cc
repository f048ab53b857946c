#include "engine/source/atomic_write.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "engine/source/file.h"
#include "tests/temporary_folder.h"

namespace plimsoll::source {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  const auto file = read_file(path.string(), path.string());
  return file ? (*file)->text() : "<none>";
}

TEST(AtomicWriteTest, WritesWholeFilesWithTheirMode) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "tls.key";
  // What the process' mask allows to others does not count.
  const mode_t mask = ::umask(0);
  const auto made = write_atomically(path.string(), "first", 0600);
  const auto replaced = write_atomically(path.string(), "second", 0640);
  ::umask(mask);
  ASSERT_TRUE(made) << made.error().to_string();
  ASSERT_TRUE(replaced) << replaced.error().to_string();
  EXPECT_EQ(text_of(path), "second");
  EXPECT_EQ(static_cast<unsigned>(fs::status(path).permissions()), 0640U);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(AtomicWriteTest, LeavesNothingBehindWhereItCannotWrite) {
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "taken/inside");
  const auto taken = write_atomically((folder.path() / "taken").string(), "text", 0644);
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().to_string().find("taken: cannot be replaced"), std::string::npos) << taken.error().to_string();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
  EXPECT_FALSE(write_atomically((folder.path() / "none/file").string(), "text", 0644));
}

TEST(AtomicWriteTest, ReplacesOnlyWhatIsAsItWasRead) {
  const TemporaryFolder folder;
  folder.write("in/a", "old");
  folder.write("out/b", "old");
  const std::vector<std::string> roots = {(folder.path() / "in").string()};
  const std::string a = (folder.path() / "in/a").string();
  EXPECT_TRUE(replace_file(a, "old", "new", roots));
  EXPECT_EQ(text_of(a), "new");
  EXPECT_FALSE(replace_file(a, "old", "newer", roots));
  EXPECT_FALSE(replace_file((folder.path() / "out/b").string(), "old", "new", roots));
  EXPECT_EQ(text_of(folder.path() / "out/b"), "old");
}

}  // namespace
}  // namespace plimsoll::source
