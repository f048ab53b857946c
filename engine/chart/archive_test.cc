#include "engine/chart/archive.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdio>

namespace plimsoll::chart {
namespace {

struct Entry {
  std::string name;
  std::string data;
  std::string link = {};
};

// A block of a tar file that says what follows (POSIX ustar).
std::string tar_head(const Entry& entry) {
  std::string block(512, '\0');
  const auto put = [&](size_t at, const std::string& text) { block.replace(at, text.size(), text); };
  char size[12];
  std::snprintf(size, sizeof size, "%011zo", entry.data.size());
  put(0, entry.name);
  put(100, "0000644");
  put(124, size);
  put(148, "        ");  // the sum is taken with itself blank
  put(156, entry.link.empty() ? "0" : "2");
  put(157, entry.link);
  put(257, std::string("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  put(148, std::string(digits, 7));
  return block;
}

std::string pack(const std::vector<Entry>& entries) {
  std::string tar;
  for (const Entry& entry : entries) {
    tar += tar_head(entry) + entry.data;
    tar.resize((tar.size() + 511) / 512 * 512);
  }
  tar.resize(tar.size() + 1024);
  z_stream stream = {};
  constexpr int kGzip = 15 + 16;
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, tar.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(tar.data());
  stream.avail_in = static_cast<uInt>(tar.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
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
