// Reading of numbers as Go's strconv does, and the lenient conversions of spf13/cast on which sprig's arithmetic rests.
//
//   parse_int("0x1F", 0, 64).value;      // 31
//   to_int64(Value::string("1.0"));      // 1
//   to_float64(Value::string("bogus"));  // 0: what cannot be converted counts as zero
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/value/value.h"

namespace plimsoll::tmpl {

struct ParsedInt {
  int64_t value = 0;  // out of range: the nearest bound
  enum class Status : uint8_t { kOk, kSyntax, kRange } status = Status::kOk;
  bool ok() const { return status == Status::kOk; }
};

// strconv.ParseInt. Base 0 reads the prefixes 0x, 0o, 0b, 0 and underscores between digits.
ParsedInt parse_int(std::string_view text, int base, int bits = 64);
// strconv.ParseFloat with 64 bits; nullopt for bad syntax and for numbers out of range.
std::optional<double> parse_float(std::string_view text);

// int64(f) of Go on amd64: what does not fit becomes the least int64.
int64_t truncate_to_int64(double number);

// cast.ToInt64 and cast.ToFloat64: numbers, bools, numeric text; 0 for all else. Text like "1.0" is the integer 1, "1.5" is none.
int64_t to_int64(const Value& value);
double to_float64(const Value& value);

}  // namespace plimsoll::tmpl
