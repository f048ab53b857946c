// Go's fmt package over Values: every verb and flag, and its way to report misuse in the output ("%!d(string=x)").
//
//   sprintf("%-5s|%05.1f", args);                    // fmt.Sprintf
//   sprint(args);                                    // fmt.Sprint: blanks between operands unless one is a string
//   std::string out; append_value(out, value);       // %v: map[a:1 b:[1 2]], <nil>, 1e+06
//
// A pointer inside a value prints as 0xc000000000: Go prints an address there.
//
// Values may be deep or, through `set`, cyclic: the append functions return false when they gave up at kMaxFormatDepth or
// kMaxFormatBytes, where Go would exhaust its stack; the caller turns that into an error.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/value/value.h"

namespace plimsoll::tmpl {

inline constexpr int kMaxFormatDepth = 10'000;
inline constexpr size_t kMaxFormatBytes = 256UL << 20;

bool append_sprintf(std::string& out, std::string_view format, std::span<const Value> args);
bool append_sprint(std::string& out, std::span<const Value> args);
bool append_sprintln(std::string& out, std::span<const Value> args);
// One operand as %v prints it.
bool append_value(std::string& out, const Value& value);

inline std::string sprintf(std::string_view format, std::span<const Value> args) {
  std::string out;
  append_sprintf(out, format, args);
  return out;
}
inline std::string sprint(std::span<const Value> args) {
  std::string out;
  append_sprint(out, args);
  return out;
}
inline std::string to_text(const Value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

// strconv.FormatFloat: format 'e', 'E', 'f', 'g', 'G'; precision -1 for the shortest that reads back; bits 32 or 64.
void append_float(std::string& out, double number, char format, int precision, int bits = 64);
// %v of a float64: format 'g', shortest: 1e+06, 0.5, +Inf.
inline void append_float_v(std::string& out, double number, int bits = 64) { append_float(out, number, 'g', -1, bits); }

}  // namespace plimsoll::tmpl
