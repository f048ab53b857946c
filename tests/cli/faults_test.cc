#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "tests/cli/program.h"

// The fixtures with planted faults: FAULTS.md beside each lists them in a table, and lint finds these and nothing else.
namespace plimsoll::cli_test {
namespace {

struct Fixture {
  std::string folder;
  // Of the folder's faults those of this file; empty: all.
  std::string file;
  std::vector<std::string> arguments;
  // Where a column "template" is read from.
  std::string templates = {};

  friend void PrintTo(const Fixture& fixture, std::ostream* out) { *out << fixture.folder << " " << fixture.file; }
};

struct Fault {
  std::string rule, file;
  int64_t line;
  friend auto operator<=>(const Fault&, const Fault&) = default;
};

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream in(row.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const size_t begin = cell.find_first_not_of(' ');
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1));
  }
  return cells;
}

// The words in backticks.
std::vector<std::string> names_in(const std::string& cell) {
  std::vector<std::string> names;
  for (size_t begin = cell.find('`'); begin != std::string::npos;) {
    const size_t end = cell.find('`', begin + 1);
    names.push_back(cell.substr(begin + 1, end - begin - 1));
    begin = cell.find('`', end + 1);
  }
  return names;
}

// Of the table with the columns "file", "line" and "rule". Where a column "found at" says template, a column
// "template" (mysql/service.yaml:12) counts instead of file and line.
std::set<Fault> listed_faults(const Fixture& fixture) {
  std::set<Fault> faults;
  std::istringstream in(read_text(source_path(fixture.folder + "/FAULTS.md")));
  std::vector<std::string> header;
  const auto column = [&](std::string_view name) {
    return static_cast<size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  for (std::string text; std::getline(in, text);) {
    if (!text.starts_with('|')) continue;
    const std::vector<std::string> cells = cells_of(text);
    if (header.empty()) {
      header = cells;
      continue;
    }
    const std::string& file = cells.at(column("file"));
    if (cells[0].starts_with("-") || (!fixture.file.empty() && file != fixture.file)) continue;
    Fault fault = {{}, fixture.folder + "/" + file, std::stoll(cells.at(column("line")))};
    if (column("found at") < cells.size() && cells[column("found at")] == "template") {
      std::string shown = cells.at(column("template"));
      std::erase(shown, '\\');  // Markdown's
      const size_t colon = shown.find(':');
      fault.file = fixture.templates + "/" + shown.substr(0, colon);
      fault.line = std::stoll(shown.substr(colon + 1));
    }
    for (const std::string& rule : names_in(cells.at(column("rule")))) {
      fault.rule = rule;
      faults.insert(fault);
    }
  }
  return faults;
}

class Faults : public testing::TestWithParam<Fixture> {};

TEST_P(Faults, AreFoundAndNothingElse) {
  const std::set<Fault> listed = listed_faults(GetParam());
  ASSERT_FALSE(listed.empty());
  std::vector<std::string> arguments = GetParam().arguments;
  arguments.insert(arguments.begin(), {"lint", "--no-config", "--output", "json"});
  const Outcome outcome = Folder::run_in(source_path(""), arguments);
  ASSERT_EQ(outcome.code, 1) << outcome.out << outcome.err;
  Arena arena;
  const Value report = parse_json(arena, outcome.out);
  std::set<Fault> found;
  for (const Value& finding : report["findings"].items()) {
    // The place of the finding, or the values behind it where a template is at fault.
    const std::string rule(finding["rule"].as_string());
    std::vector<Fault> places = {{rule, std::string(finding["file"].as_string()), finding["line"].as_int()}};
    for (const Value& related : finding["related"].items()) {
      if (related["file"].is_string()) places.push_back({rule, std::string(related["file"].as_string()), related["line"].as_int()});
    }
    bool known = false;
    for (const Fault& place : places) {
      if (!listed.contains(place)) continue;
      found.insert(place);
      known = true;
    }
    EXPECT_TRUE(known) << "not listed: " << rule << " at " << places[0].file << ":" << places[0].line << ": "
                       << finding["message"].as_string();
  }
  for (const Fault& fault : listed) {
    EXPECT_TRUE(found.contains(fault)) << "not found: " << fault.rule << " at " << fault.file << ":" << fault.line;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Fixtures, Faults,
    testing::Values(
        Fixture{"fixtures/kelemetry", "", {"fixtures/kelemetry", "--pack", "kelemetry", "--pack", "pod-security-restricted"}},
        Fixture{"fixtures/kelemetry-values",
                "single-cluster.yaml",
                {"charts/kelemetry", "--namespace", "tracing", "--values", "fixtures/kelemetry-values/single-cluster.yaml", "--pack",
                 "kelemetry", "--pack", "pod-security-restricted"}},
        Fixture{"fixtures/kelemetry-values",
                "multi-cluster.yaml",
                {"fixtures/kelemetry-values/multi-cluster.yaml", "--pack", "kelemetry"}},
        Fixture{"fixtures/lightrun-guide-values", "", {"fixtures/lightrun-guide-values/values.yaml"}},
        Fixture{"fixtures/lightrun-current-values", "", {"fixtures/lightrun-current-values/values.yaml"}},
        Fixture{"fixtures/lightrun-values",
                "",
                {"charts/lightrun", "--namespace", "lightrun", "--values", "fixtures/lightrun-values/faulty.yaml", "--pack", "lightrun", "--pack",
                 "pod-security-baseline", "--pack", "pod-security-restricted"},
                "charts/lightrun/templates"},
        Fixture{"fixtures/lightrun", "", {"fixtures/lightrun", "--pack", "lightrun", "--pack", "pod-security-restricted"}}),
    [](const testing::TestParamInfo<Fixture>& fixture) {
      std::string name = fixture.param.folder.substr(std::string_view("fixtures/").size()) + "_" + fixture.param.file;
      std::replace_if(name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
      return name;
    });

}  // namespace
}  // namespace plimsoll::cli_test
