// Numbers as Go reads and prints them (strconv), and arithmetic that notices overflow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::cel {

// strconv.ParseInt and ParseUint in base 10: an optional sign (none for unsigned) and digits.
std::optional<int64_t> parse_int(std::string_view text);
std::optional<uint64_t> parse_uint(std::string_view text);
// strconv.ParseFloat: decimal, hexadecimal with p exponent, underscores between digits after a base prefix, inf, infinity, nan in any case.
std::optional<double> parse_double(std::string_view text);

// strconv.FormatFloat with `format` 'e', 'f' or 'g'; precision -1: the fewest digits that read back.
std::string format_double(double value, char format, int precision);
inline std::string format_double(double value) { return format_double(value, 'g', -1); }

// math.Pow10: the very doubles, 0 and infinity beyond the range.
double pow10(int exponent);

// Lossless conversions; doubles must be whole and inside the open range (-2^63, 2^63), as cel-go has it.
std::optional<int64_t> double_to_int(double value);
std::optional<uint64_t> double_to_uint(double value);

}  // namespace plimsoll::cel
