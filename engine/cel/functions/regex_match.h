// The regular expression functions with a pattern that is already compiled.
#pragma once

#include "engine/cel/frame.h"
#include "engine/cel/runtime/regex.h"

namespace plimsoll::cel {

using RegexFunction = Value (*)(Frame& frame, const Regex& pattern, const Value* arguments, size_t count);

Value match_with(Frame& frame, const Regex& pattern, const Value* arguments, size_t count);
Value find_with(Frame& frame, const Regex& pattern, const Value* arguments, size_t count);
Value find_all_with(Frame& frame, const Regex& pattern, const Value* arguments, size_t count);

}  // namespace plimsoll::cel
