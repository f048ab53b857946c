// Takes findings out of the count that somebody has decided to live with (policy/exception.h): by annotation of the object, by
// `ignores` of the configuration. Those whose last day is over do nothing but a warning.
#pragma once

#include <string_view>
#include <vector>

#include "cli/config.h"
#include "engine/report/report.h"
#include "engine/source/object.h"

namespace plimsoll::cli {

// `objects` as report.objects. `today`: 2026-11-21.
void apply_exceptions(const Configuration& config, const std::vector<source::Object>& objects, std::string_view today,
                      report::Report& report);

// The day it is where the program runs.
std::string today();

}  // namespace plimsoll::cli
