#include "engine/chart/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <memory>

namespace plimsoll::chart {
namespace {

struct Entry {
  std::string name;
  std::string data;
  std::string link = {};
};

std::string pack(const std::vector<Entry>& entries) {
  std::string packed(1 << 20, '\0');
  size_t used = 0;
  struct archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_format_ustar(writer);
  archive_write_open_memory(writer, packed.data(), packed.size(), &used);
  for (const Entry& entry : entries) {
    struct archive_entry* head = archive_entry_new();
    archive_entry_set_pathname(head, entry.name.c_str());
    archive_entry_set_perm(head, 0644);
    archive_entry_set_filetype(head, entry.link.empty() ? AE_IFREG : AE_IFLNK);
    if (!entry.link.empty()) archive_entry_set_symlink(head, entry.link.c_str());
    archive_entry_set_size(head, static_cast<la_int64_t>(entry.data.size()));
    archive_write_header(writer, head);
    archive_write_data(writer, entry.data.data(), entry.data.size());
    archive_entry_free(head);
  }
  archive_write_free(writer);
  packed.resize(used);
  return packed;
}

std::string refusal(const std::vector<Entry>& entries) {
  const auto files = unpack(pack(entries));
  return files ? "accepted" : files.error().message();
}

TEST(UnpackTest, NamesFilesWithoutTheTopFolder) {
  const auto files = unpack(pack({{"web/Chart.yaml", "name: web"}, {"web/templates/a.yaml", "\xEF\xBB\xBFx: 1"}}));
  ASSERT_TRUE(files) << files.error().to_string();
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[0].name, "Chart.yaml");
  EXPECT_EQ((*files)[1].name, "templates/a.yaml");
  EXPECT_EQ((*files)[1].data, "x: 1");  // the byte order mark is none of the text
}

TEST(UnpackTest, RefusesNamesThatLeaveTheChart) {
  EXPECT_EQ(refusal({{"web/Chart.yaml", ""}, {"web/../../etc/passwd", "x"}}), "chart illegally references parent directory");
  EXPECT_EQ(refusal({{"web/Chart.yaml", ""}, {"web/templates/../../../x", "x"}}),
            "chart illegally references parent directory");
}

TEST(UnpackTest, FollowsNoLinks) {
  const auto files = unpack(pack({{"web/Chart.yaml", "name: web"}, {"web/templates/a.yaml", "", "/etc/passwd"}}));
  ASSERT_TRUE(files) << files.error().to_string();
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[1].data, "");  // as in Helm: the entry is there, but holds nothing
}

TEST(UnpackTest, RefusesFilesThatUnpackToMoreThanTheLimit) {
  EXPECT_EQ(refusal({{"web/Chart.yaml", ""}, {"web/bomb", std::string(kMaxFileBytes + 1, '\0')}}),
            "decompressed chart is larger than the maximum file size 5242880");
  std::vector<Entry> many = {{"web/Chart.yaml", ""}};
  const std::string zeros(4UL << 20, '\0');
  for (int i = 0; i < 26; ++i) many.push_back({"web/" + std::to_string(i), zeros});
  EXPECT_EQ(refusal(many), "decompressed chart is larger than the maximum file size 104857600");
}

TEST(UnpackTest, SaysThatBytesAreNoArchive) {
  EXPECT_FALSE(looks_packed("name: web"));
  EXPECT_FALSE(unpack("\x1F\x8B\x08 but nothing that follows"));
  std::string broken = pack({{"web/Chart.yaml", std::string(10'000, 'x')}});
  broken.resize(broken.size() / 2);
  EXPECT_FALSE(unpack(broken));
}

}  // namespace
}  // namespace plimsoll::chart
