// What both versions of string.format() share: walking the format string and printing integers.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cel/frame.h"

namespace plimsoll::cel {

struct FormatClause {
  char verb;  // s d f e b o x X
  std::optional<int> precision;
};

// Prints a value for a clause; the error says why it cannot.
using ClauseFormatter = std::expected<std::string, std::string> (*)(const FormatClause& clause, const Value& value);

// The string, or an error value in cel-go's words.
Value format_string(Frame& frame, std::string_view format, const List& arguments, ClauseFormatter formatter);

std::string format_integer(const Value& value, int base, bool upper);
std::string format_hex(std::string_view bytes, bool upper);

}  // namespace plimsoll::cel
