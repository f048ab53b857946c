// A quick look at a regular expression: whether it is certain to compile, so that the work can wait until somebody matches with it.
//
//   is_surely_valid("^[a-z]{1,63}$");   // true
//   is_surely_valid("(?i)a");           // false: perhaps valid, compile it to find out
#pragma once

#include <string_view>

namespace plimsoll::cel {

// True only if RE2 (and Go) accept the pattern and its program stays small. Knows what patterns in policies are made of, says false to
// anything else. Takes time linear in the pattern's length.
bool is_surely_valid(std::string_view pattern);

}  // namespace plimsoll::cel
