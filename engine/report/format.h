// The forms in which a report is written.
//
//   const Format* format = find_format("sarif");
//   std::string text = format->write(report, {});
//
// A new format is a function and a line in the table of format.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/report/report.h"

namespace plimsoll::report {

struct Style {
  bool color = false;
  bool quiet = false;            // text: findings and errors only
  bool verbose = false;          // text: each thing that was not judged
  bool show_suppressed = false;  // text, github: suppressed findings as well
};

struct Format {
  std::string_view name;
  std::string_view description;
  std::string (*write)(const Report& report, const Style& style);
};

std::span<const Format> formats();
// nullptr if there is none of that name.
const Format* find_format(std::string_view name);

// For people: like a compiler's messages, with the source lines.
std::string write_text(const Report& report, const Style& style);
// docs/report.md and schemas/report.schema.json describe it.
std::string write_json(const Report& report, const Style& style);
// SARIF 2.1.0 as GitHub code scanning takes it.
std::string write_sarif(const Report& report, const Style& style);
// One test case for each finding and for each object without any.
std::string write_junit(const Report& report, const Style& style);
// Workflow commands that GitHub Actions turns into annotations.
std::string write_github(const Report& report, const Style& style);

}  // namespace plimsoll::report
