// Keys of the user's values that a chart knows nothing of: most often a slip of the pen.
//
//   for (const UnknownValue& unknown : unknown_values(release)) unknown.path;   // "general.nmae", did you mean "general.name"
//
// A key is known if the chart's defaults (or its subcharts') have it, if nothing but an empty table, null or a scalar stands
// where it belongs (the chart leaves the shape to the user), or if some template reads a field or a quoted name like it.
#pragma once

#include <string>
#include <vector>

#include "engine/chart/release.h"
#include "engine/value/path.h"

namespace plimsoll::source {

struct UnknownValue {
  Path path;
  Path suggestion;  // empty if nothing is near
};

// The outermost unknown keys, in the order of the user's.
std::vector<UnknownValue> unknown_values(const chart::Release& release);

// The same against any tree of known keys.
std::vector<UnknownValue> unknown_values(const Map& user, const Map& known);

}  // namespace plimsoll::source
