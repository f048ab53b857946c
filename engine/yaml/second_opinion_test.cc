// What libyaml's events become here is compared with what yaml-cpp, a parser of other origin, makes of the same files.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/yaml/document.h"

namespace plimsoll::yaml {
namespace {

namespace fs = std::filesystem;

class Comparison {
 public:
  explicit Comparison(const Document& document) : document_(document) {}

  void compare(const Value& value, const YAML::Node& node, const Path& path) {
    const std::string where = document_.file() + ": " + path.to_string();
    ++nodes_;
    switch (node.Type()) {
      case YAML::NodeType::Map: {
        ASSERT_TRUE(value.is_map()) << where;
        ASSERT_EQ(value.size(), node.size()) << where;
        auto entry = value.as_map()->begin();
        for (const auto& child : node) {
          ASSERT_EQ(entry->key.string_or(), child.first.Scalar()) << where;
          compare(entry->value, child.second, path.key(entry->key.string_or()));
          ++entry;
        }
        return;
      }
      case YAML::NodeType::Sequence:
        ASSERT_TRUE(value.is_list()) << where;
        ASSERT_EQ(value.size(), node.size()) << where;
        for (size_t i = 0; i < value.size(); ++i) compare(value.items()[i], node[i], path.index(i));
        return;
      case YAML::NodeType::Scalar: compare_scalar(value, node, where); break;
      default: EXPECT_TRUE(value.is_null()) << where; return;
    }
    // Block scalars begin at their indicator here and there; empty ones have no place of their own.
    if (node.Scalar().empty() || node.Style() == YAML::EmitterStyle::Block) return;
    const Range range = document_.locate(path).value;
    const std::string_view text = document_.text().substr(range.offset, 1);
    if (text == "|" || text == ">") return;
    EXPECT_EQ(range.line, static_cast<uint32_t>(node.Mark().line) + 1) << where;
    EXPECT_EQ(range.column, static_cast<uint32_t>(node.Mark().column) + 1) << where;
  }

  size_t nodes() const { return nodes_; }

 private:
  static void compare_scalar(const Value& value, const YAML::Node& node, const std::string& where) {
    if (value.is_string()) {
      EXPECT_EQ(value.as_string(), node.Scalar()) << where;
    } else if (value.is_bool()) {
      EXPECT_EQ(value.as_bool(), node.as<bool>()) << where;
    } else if (value.is_int()) {
      EXPECT_EQ(value.as_int(), node.as<int64_t>()) << where;
    } else if (value.is_double()) {
      EXPECT_EQ(value.as_double(), node.as<double>()) << where;
    } else {
      EXPECT_TRUE(value.is_null() && node.IsNull()) << where << ": " << node.Scalar();
    }
  }

  const Document& document_;
  size_t nodes_ = 0;
};

size_t compare_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto documents = read_stream(text, {.file = path.string()});
  EXPECT_TRUE(documents) << documents.error().to_string();
  if (!documents) return 0;
  std::vector<YAML::Node> others = YAML::LoadAll(text);
  std::erase_if(others, [](const YAML::Node& node) { return node.IsNull(); });
  EXPECT_EQ(documents->size(), others.size()) << path;
  size_t nodes = 0;
  for (size_t i = 0; i < std::min(documents->size(), others.size()); ++i) {
    Comparison comparison((*documents)[i]);
    comparison.compare((*documents)[i].root(), others[i], {});
    nodes += comparison.nodes();
  }
  return nodes;
}

TEST(SecondOpinion, YamlCppReadsTheSameValuesAtTheSamePlaces) {
  size_t nodes = 0;
  for (const char* folder : {"fixtures/lightrun", "rules", "charts/lightrun/ci"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(PLIMSOLL_SOURCE_DIR) / folder)) {
      if (entry.path().extension() == ".yaml") nodes += compare_file(entry.path());
    }
  }
  EXPECT_GT(nodes, 10000U);
}

}  // namespace
}  // namespace plimsoll::yaml
