// Source lines with a marker, as compilers print them:
//
//      39 |       - name: backend
//         |         ...
//      41 |           runAsNonRoot: false
//         |                         ^~~~~ why
#pragma once

#include <string>
#include <vector>

#include "engine/report/terminal.h"
#include "engine/source/object.h"

namespace plimsoll::report {

struct Excerpt {
  const source::File* file = nullptr;
  yaml::Range range;
  uint32_t context_line = 0;  // shown as well if it is not the marked line; 0: none
  std::string label;          // after the marker
  bool hidden = false;        // a secret: say so instead of the text
};

// Columns that line numbers need in front of all these excerpts.
size_t gutter_width(const std::vector<Excerpt>& excerpts);
// Appends the excerpt. Long lines are cut around the marker; the work is bounded however long the line is.
void append_excerpt(std::string& out, const Excerpt& excerpt, size_t gutter, const Painter& paint);

}  // namespace plimsoll::report
