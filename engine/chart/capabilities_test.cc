#include "engine/chart/capabilities.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "engine/value/json.h"

namespace plimsoll::chart {
namespace {

// What helm said of itself when the other recordings were made.
TEST(Capabilities, DefaultsAreThoseOfHelm) {
  std::ifstream in(PLIMSOLL_SOURCE_DIR "/tests/conformance/data/helm/capabilities.json", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  Arena arena;
  const Result<Value> recorded = json::read(arena, text);
  ASSERT_TRUE(recorded) << recorded.error().to_string();
  std::vector<std::string_view> wanted;
  for (const Value& version : (*recorded)["default_api_versions"].items()) wanted.push_back(version.as_string());
  const auto known = default_api_versions();
  EXPECT_EQ(std::vector<std::string_view>(known.begin(), known.end()), wanted);
  EXPECT_EQ((*recorded)["helm_version"].string_or(kHelmVersion), kHelmVersion);
}

TEST(Capabilities, ReadsKubeVersionsAsTheFlagTakesThem) {
  const auto version = parse_kube_version("1.29.3+k3s2");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->version, "v1.29.3");  // helm keeps no more of it
  EXPECT_EQ(version->major, "1");
  EXPECT_EQ(version->minor, "29");
  EXPECT_FALSE(parse_kube_version("latest"));
}

}  // namespace
}  // namespace plimsoll::chart
