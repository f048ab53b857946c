// string.format() as version 4 of cel-go's strings library has it: no locale, all numbers for %d, %f and %e.
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/cel/functions.h"
#include "engine/cel/functions/format_clause.h"
#include "engine/cel/runtime/numbers.h"

namespace plimsoll::cel {

namespace {

using Text = std::expected<std::string, std::string>;

constexpr int kDefaultPrecision = 6;
constexpr int kMaxPrecision = 1'000'000;

Text format_value(const Value& value);

std::string format_number(double number, char verb, int precision) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return format_double(number, verb, precision);
}

Text format_list(const List& list) {
  std::string out = "[";
  for (const Value& item : list) {
    if (&item != list.begin()) out += ", ";
    const Text text = format_value(item);
    if (!text) return text;
    out += *text;
  }
  return out + "]";
}

Text format_map(const Map& map) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const Map::Entry& entry : map) {
    const Text key = format_value(entry.key);
    const Text value = format_value(entry.value);
    if (!key) return key;
    if (!value) return value;
    pairs.emplace_back(*key, *value);
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string out = "{";
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0) out += ", ";
    out += pairs[i].first + ": " + pairs[i].second;
  }
  return out + "}";
}

// %s
Text format_value(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return "null";
    case Kind::kBool: return value.as_bool() ? "true" : "false";
    case Kind::kInt: return std::to_string(value.as_int());
    case Kind::kUint: return std::to_string(value.as_uint());
    case Kind::kDouble: return format_number(value.as_double(), 'f', -1);
    case Kind::kString:
    case Kind::kBytes: return std::string(value.as_string());
    case Kind::kList: return format_list(*value.as_list());
    case Kind::kMap: return format_map(*value.as_map());
    case Kind::kExtension: break;
  }
  if (const auto* type = value.as<TypeValue>()) return std::string(type->name);
  if (const auto* time = value.as<TimestampValue>()) {
    Time utc = time->time;
    utc.offset = 0;
    return format_time(utc);
  }
  if (const auto* duration = value.as<DurationValue>()) return format_duration(duration->nanoseconds);
  return std::unexpected(
      "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was "
      "given " +
      std::string(type_name(value)));
}

Text format_clause(const FormatClause& clause, const Value& value) {
  const auto refuse = [&](std::string_view what) { return std::unexpected(std::string(what) + ", was given " + std::string(type_name(value))); };
  const bool integer = value.is_int() || value.is_uint();
  switch (clause.verb) {
    case 's': return format_value(value);
    case 'd':
      if (value.is_double()) return format_number(value.as_double(), 'f', -1);
      if (!integer) return refuse("decimal clause can only be used on ints, uints, and doubles");
      return format_integer(value, 10, false);
    case 'f':
    case 'e': {
      if (!value.is_number()) {
        return refuse(clause.verb == 'f' ? "fixed-point clause can only be used on ints, uints, and doubles"
                                         : "scientific clause can only be used on ints, uints, and doubles");
      }
      const double number = value.is_int() ? static_cast<double>(value.as_int()) : value.is_uint() ? static_cast<double>(value.as_uint()) : value.as_double();
      return format_number(number, clause.verb, std::min(clause.precision.value_or(kDefaultPrecision), kMaxPrecision));
    }
    case 'b':
      if (value.is_bool()) return value.as_bool() ? "1" : "0";
      if (!integer) return refuse("only ints, uints, and bools can be formatted as binary");
      return format_integer(value, 2, false);
    case 'o':
      if (!integer) return refuse("octal clause can only be used on ints and uints");
      return format_integer(value, 8, false);
    default:
      if (value.is_string() || value.is_bytes()) return format_hex(value.as_string(), clause.verb == 'X');
      if (!integer) return refuse("only ints, uints, bytes, and strings can be formatted as hex");
      return format_integer(value, 16, clause.verb == 'X');
  }
}

Value format(Frame& frame, const Value* arguments, size_t) {
  return format_string(frame, arguments[0].as_string(), *arguments[1].as_list(), format_clause);
}

constexpr Binding kBindings[] = {{.id = "string_format", .function = format, .variadic = true}};

}  // namespace

std::span<const Binding> functions::string_format_extended() { return kBindings; }

}  // namespace plimsoll::cel
