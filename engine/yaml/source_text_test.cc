#include "engine/yaml/source_text.h"

#include <gtest/gtest.h>

#include <chrono>

namespace plimsoll::yaml {
namespace {

TEST(SourceText, ColumnsOfALongLineCountCodePoints) {
  std::string text = "short\n";
  std::vector<size_t> offsets;
  for (int i = 0; i < 5000; ++i) {
    offsets.push_back(text.size());
    text += "a\u00E9\u4E2D\U0001F600";
  }
  const SourceText source(text + "\nlast");
  for (size_t i = 0; i < offsets.size(); ++i) {
    EXPECT_EQ(source.position(offsets[i]).line, 2);
    EXPECT_EQ(source.position(offsets[i]).column, 4 * i + 1);
    EXPECT_EQ(source.position(offsets[i] + 3).column, 4 * i + 3);
  }
  EXPECT_EQ(source.position(text.size()).column, 4 * 5000 + 1);
  EXPECT_EQ(source.position(text.size() + 1).line, 3);
  EXPECT_EQ(source.position(text.size() + 3).column, 3);
}

TEST(SourceText, ManyPlacesOfOneLongLineAreNotQuadratic) {
  const SourceText source(std::string(8UL << 20, 'x'));
  const auto start = std::chrono::steady_clock::now();
  for (size_t offset = 0; offset < source.text().size(); offset += 64) {
    ASSERT_EQ(source.position(offset).column, offset + 1);
  }
  // Counting from the start of the line for each place would take minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace plimsoll::yaml
