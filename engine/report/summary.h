// The account that ends a report: what was judged, by what, and what was not.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/report/report.h"

namespace plimsoll::report {

// "3 errors, 1 warning in 2 of 31 objects; 8 files, 41 rules, 12 ms".
std::string summary_line(const Report& report);
// Which packs judged and why, what no rule applies to, what was ignored, what was not read.
std::vector<std::string> summary_details(const Report& report);

struct Unjudged {
  std::string api_version;
  std::string kind;
  size_t count = 0;
};
// Objects to which no rule applied, by kind.
std::vector<Unjudged> unjudged(const Report& report);

// "1 file", "2 files".
std::string plural(size_t count, std::string_view noun);

}  // namespace plimsoll::report
