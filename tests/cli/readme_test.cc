#include <gtest/gtest.h>

#include <sstream>

#include "tests/cli/program.h"

// What README.md tells people to type works, and prints what README.md says.
namespace plimsoll::cli_test {
namespace {

struct Block {
  std::string language;
  std::vector<std::string> lines;

  std::string text() const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }
};

std::vector<Block> blocks_of(const std::string& markdown) {
  std::vector<Block> blocks;
  std::istringstream in(markdown);
  bool within = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      within = !within;
      if (within) blocks.push_back({.language = line.substr(3), .lines = {}});
    } else if (within) {
      blocks.back().lines.push_back(line);
    }
  }
  return blocks;
}

std::vector<std::string> words_of(const std::string& command) {
  std::istringstream in(command);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

class Readme : public testing::Test {
 protected:
  Readme() {
    std::filesystem::create_directory_symlink(source_path("fixtures"), folder_.path("fixtures"));
    std::filesystem::create_directory_symlink(source_path("charts"), folder_.path("charts"));
    for (const Block& block : blocks_) {
      if (block.language != "yaml") continue;
      const std::string text = block.text();
      if (text.find("kind: ValidatingAdmissionPolicy") != std::string::npos) folder_.write("team-label.yaml", text);
      if (text.find("packs:") != std::string::npos) configuration_ = text;
    }
  }

  const std::vector<Block> blocks_ = blocks_of(read_text(source_path("README.md")));
  Folder folder_;
  std::string configuration_;
};

TEST_F(Readme, CommandsWorkAndPrintWhatItSays) {
  size_t commands = 0;
  for (const Block& block : blocks_) {
    if (block.language != "console") continue;
    std::string output;
    for (const std::string& line : block.lines) {
      if (line.starts_with("$ plimsoll ")) {
        std::vector<std::string> words = words_of(line.substr(2));
        words.erase(words.begin());
        const Outcome outcome = folder_.run(words);
        EXPECT_LE(outcome.code, 1) << line << "\n" << outcome.out << outcome.err;
        output = outcome.out;
        ++commands;
      } else if (line != "...") {
        // Times differ, and so does where the summary ends.
        const std::string part = line.substr(0, line.find(" rules, "));
        EXPECT_NE(output.find(part), std::string::npos) << "README.md says: " << line << "\n" << output;
      }
    }
  }
  EXPECT_GE(commands, 6);
}

TEST_F(Readme, TheConfigurationIsOne) {
  ASSERT_FALSE(configuration_.empty());
  folder_.write(".plimsoll.yaml", configuration_);
  folder_.write("policies/team-label.yaml", folder_.read("team-label.yaml"));
  EXPECT_EQ(folder_.run({"lint", "fixtures/lightrun", "--no-config", "--write-baseline", "plimsoll-baseline.json"}).code, 0);
  const Outcome outcome = folder_.run({"lint", "fixtures/lightrun"});
  EXPECT_EQ(outcome.code, 1) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("configuration: .plimsoll.yaml"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("by baseline"), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace plimsoll::cli_test
