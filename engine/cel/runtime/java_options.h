// Options of a Java virtual machine in one string, as JAVA_TOOL_OPTIONS and its kin hold them.
//
//   Result<JavaOptions> options = read_java_options("-Xms64m -Xmx512m -Dx='a b' -Xmx1g");
//   options->heap;           // 1073741824: the last one counts
//
// Read as HotSpot reads them (arguments.cpp): words are separated by blanks, quotes of both kinds join what is between them and vanish,
// sizes are decimal or 0x... with k, m, g or t behind them. Other options are passed over. Errors (kEvaluation) for what makes the machine
// refuse to start: an unmatched quote, a size or percentage that is none, a maximum heap of -Xmx0.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/value/error.h"

namespace plimsoll::cel {

struct JavaOptions {
  std::optional<int64_t> heap;          // bytes, -Xmx or -XX:MaxHeapSize
  std::optional<int64_t> initial_heap;  // bytes, -Xms or -XX:InitialHeapSize
  std::optional<double> max_ram_percentage;
};

Result<JavaOptions> read_java_options(std::string_view text);

}  // namespace plimsoll::cel
