// '%s is %d'.format(['a', 1]): version 2 of cel-go's strings library, which Kubernetes has. Numbers print in the way of the
// American English locale, with Go's golang.org/x/text: 1,234.500000 and 1.234500x10^03.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "engine/cel/functions.h"
#include "engine/cel/functions/format_clause.h"
#include "engine/cel/runtime/numbers.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {

namespace {

using Text = std::expected<std::string, std::string>;

constexpr int kDefaultPrecision = 6;

bool is_nan_or_infinity(const Value& value) {
  return value.is_string() && (value.as_string() == "NaN" || value.as_string() == "Infinity" || value.as_string() == "-Infinity");
}

Text format_value(const Value& value);

Text format_element(const Value& value);

Text format_list(const List& list) {
  std::string out = "[";
  for (const Value& item : list) {
    if (&item != list.begin()) out += ", ";
    const Text text = format_element(item);
    if (!text) return text;
    out += *text;
  }
  return out + "]";
}

Text format_map(const Map& map) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const Map::Entry& entry : map) {
    const Value& key = entry.key;
    if (!key.is_string() && !key.is_bool() && !key.is_int() && !key.is_uint()) {
      return std::unexpected("no formatting function for map key of type " + std::string(type_name(key)));
    }
    const Text key_text = format_element(key);
    const Text value_text = format_element(entry.value);
    if (!key_text) return key_text;
    if (!value_text) return value_text;
    pairs.emplace_back(*key_text, *value_text);
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string out = "{";
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0) out += ", ";
    out += pairs[i].first + ":" + pairs[i].second;
  }
  return out + "}";
}

// Inside lists and maps values look as CEL writes them.
Text format_element(const Value& value) {
  if (value.is_double()) {
    const double number = value.as_double();
    return std::isfinite(number) ? format_double(number, 'f', kDefaultPrecision) : go::quoted(format_double(number));
  }
  if (value.is_extension() && value.as<TypeValue>() == nullptr && value.as<TimestampValue>() == nullptr && value.as<DurationValue>() == nullptr) {
    return std::unexpected("no formatting function for " + std::string(type_name(value)));
  }
  Text text = format_value(value);
  if (!text) return text;
  if (value.is_string()) return go::quoted(*text);
  if (value.is_bytes()) return "b" + go::quoted(*text);
  if (value.as<TimestampValue>() != nullptr) return "timestamp(" + go::quoted(*text) + ")";
  if (value.as<DurationValue>() != nullptr) return "duration(" + go::quoted(*text) + ")";
  return text;
}

// %s
Text format_value(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return "null";
    case Kind::kBool: return value.as_bool() ? "true" : "false";
    case Kind::kInt: return std::to_string(value.as_int());
    case Kind::kUint: return std::to_string(value.as_uint());
    case Kind::kDouble: return format_double(value.as_double());
    case Kind::kString: return std::string(value.as_string());
    case Kind::kBytes:
      if (!utf8::is_valid(value.as_bytes())) {
        return std::unexpected("could not convert argument \"invalid UTF-8 in bytes, cannot convert to string\" to string");
      }
      return std::string(value.as_bytes());
    case Kind::kList: return format_list(*value.as_list());
    case Kind::kMap: return format_map(*value.as_map());
    case Kind::kExtension: break;
  }
  if (const auto* type = value.as<TypeValue>()) return std::string(type->name);
  if (const auto* time = value.as<TimestampValue>()) return format_time(time->time);
  if (const auto* duration = value.as<DurationValue>()) return format_duration(duration->nanoseconds);
  return std::unexpected(
      "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was "
      "given " +
      std::string(type_name(value)));
}

// Groups of three digits before the point.
std::string group(std::string_view number) {
  const size_t point = std::min(number.find('.'), number.size());
  std::string out;
  for (size_t i = 0; i < point; ++i) {
    if (i > 0 && (point - i) % 3 == 0) out += ',';
    out += number[i];
  }
  return out.append(number.substr(point));
}

// More digits than these x/text does not read as a precision.
constexpr int kMaxPrecision = 10'000'009;

// x/text keeps the precision in small integers: at most the low 16 bits round, the low 8 pad with zeros.
std::string localized_fixed(double number, int precision) {
  if (std::isnan(number)) return "NaN";
  const std::string sign = number < 0 ? "-" : "";
  if (std::isinf(number)) return sign + "∞";
  const auto digits = static_cast<int16_t>(precision);
  std::string text = format_double(std::fabs(number), 'f', digits < 0 ? -1 : digits);
  if (text.find('.') != std::string::npos) {
    text.resize(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  const size_t padding = static_cast<uint8_t>(precision);
  const size_t point = text.find('.');
  const size_t fraction = point == std::string::npos ? 0 : text.size() - point - 1;
  if (fraction < padding) {
    if (point == std::string::npos) text += '.';
    text.append(padding - fraction, '0');
  }
  return sign + group(text);
}

// The precision of %e is a width here, a mistake of cel-go's that its users have come to see.
std::string localized_scientific(double number, int width) {
  std::string text;
  if (std::isnan(number)) {
    text = "NaN";
  } else {
    text = number < 0 ? "-" : "";
    if (std::isinf(number)) {
      text += "∞";
    } else {
      const std::string plain = format_double(std::fabs(number), 'e', kDefaultPrecision);
      const size_t e = plain.find('e');
      text.append(plain, 0, e).append("×10");
      constexpr std::string_view kSuperscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
      for (const char c : plain.substr(e + 1)) {
        if (c == '-') text += "⁻";
        if (c >= '0' && c <= '9') text += kSuperscripts[c - '0'];
      }
    }
  }
  const size_t length = utf8::length(text);
  const size_t wanted = static_cast<uint16_t>(width);
  return length < wanted ? std::string(wanted - length, ' ') + text : text;
}

Text format_real(const Value& value, const FormatClause& clause, std::string_view name) {
  double number = 0;
  if (value.is_double()) {
    number = value.as_double();
  } else if (is_nan_or_infinity(value)) {
    number = *parse_double(value.as_string());
  } else {
    return std::unexpected(std::string(name) + " clause can only be used on doubles, was given " + std::string(type_name(value)));
  }
  const int precision = clause.precision.value_or(kDefaultPrecision);
  if (precision > kMaxPrecision) return "%!(NOVERB)";
  return clause.verb == 'f' ? localized_fixed(number, precision) : localized_scientific(number, precision);
}

Text format_clause(const FormatClause& clause, const Value& value) {
  const auto refuse = [&](std::string_view what) { return std::unexpected(std::string(what) + ", was given " + std::string(type_name(value))); };
  switch (clause.verb) {
    case 's': return format_value(value);
    case 'd':
      if (!value.is_int() && !value.is_uint()) return refuse("decimal clause can only be used on integers");
      return format_integer(value, 10, false);
    case 'f': return format_real(value, clause, "fixed-point");
    case 'e': return format_real(value, clause, "scientific");
    case 'b':
      if (value.is_bool()) return value.as_bool() ? "1" : "0";
      if (!value.is_int() && !value.is_uint()) return refuse("only integers and bools can be formatted as binary");
      return format_integer(value, 2, false);
    case 'o':
      if (!value.is_int() && !value.is_uint()) return refuse("octal clause can only be used on integers");
      return format_integer(value, 8, false);
    default:
      if (value.is_string() || value.is_bytes()) return format_hex(value.as_string(), clause.verb == 'X');
      if (!value.is_int() && !value.is_uint()) return refuse("only integers, byte buffers, and strings can be formatted as hex");
      return format_integer(value, 16, clause.verb == 'X');
  }
}

Value format(Frame& frame, const Value* arguments, size_t) {
  return format_string(frame, arguments[0].as_string(), *arguments[1].as_list(), format_clause);
}

constexpr Binding kBindings[] = {{.id = "string_format", .function = format, .variadic = true}};

}  // namespace

std::span<const Binding> functions::string_format() { return kBindings; }

}  // namespace plimsoll::cel
