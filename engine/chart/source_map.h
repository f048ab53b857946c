// Which template line and which values made each line of a rendered release: for people who debug charts, and for tools.
//
// The JSON form: {"version": 1, "lines": [{"line": 12, "template": "chart/templates/x.yaml", "template_line": 41,
// "template_column": 13, "chain": [{"template": "chart/templates/_helpers.tpl", "line": 7}], "values": [{"path": "image.tag",
// "file": "values.yaml", "line": 9, "column": 8}]}]}. One entry for each output line that a template made; `chain` leads from
// the innermost include outwards; a value that a flag set has "flag" instead of a place, one that nothing sets only "path".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/chart/release.h"
#include "engine/chart/template_output.h"

namespace plimsoll::chart {

struct MappedValue {
  Path path;
  std::optional<ValueOrigin> origin;
};

// Files are named relative to the folder that holds the chart, where they lie below it.
struct MappedPlace {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
};

struct MappedLine {
  uint32_t line = 0;  // of the output, from 1
  MappedPlace place;
  std::vector<MappedPlace> chain;
  std::vector<MappedValue> values;
};

// Needs a release rendered with ReleaseOptions::trace.
std::vector<MappedLine> map_lines(const Release& release, const TemplateOutput& output);

std::string source_map_json(const std::vector<MappedLine>& lines);

// The output with each line's origin as a comment behind it.
std::string annotate(std::string_view output, const std::vector<MappedLine>& lines);

}  // namespace plimsoll::chart
