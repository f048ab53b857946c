#include "engine/template/functions/go_number.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "engine/template/go_type.h"
#include "engine/template/go_value.h"

namespace plimsoll::tmpl {
namespace {

char lower(char c) { return static_cast<char>(c | 0x20); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'z' ? letter - 'a' + 10 : 99;
}

// Underscores must stand between digits, the base prefix counting as one; a hexadecimal prefix makes a-f digits.
bool underscores_fit(std::string_view text) {
  char before = '^';  // '0' for a digit, '_', '!' for anything else
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  bool hex = false;
  if (text.size() >= 2 && text[0] == '0' && (lower(text[1]) == 'b' || lower(text[1]) == 'o' || lower(text[1]) == 'x')) {
    before = '0';
    hex = lower(text[1]) == 'x';
    text.remove_prefix(2);
  }
  for (const char c : text) {
    if (is_digit(c) || (hex && lower(c) >= 'a' && lower(c) <= 'f')) {
      before = '0';
    } else if (c == '_') {
      if (before != '0') return false;
      before = '_';
    } else {
      if (before == '_') return false;
      before = '!';
    }
  }
  return before != '_';
}

std::string without_underscores(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '_') out += c;
  }
  return out;
}

bool same_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (lower(text[i]) != word[i]) return false;
  }
  return true;
}

// What is left of "1.0" and "1." before its point of zeros; other text is left alone.
std::string_view trim_zero_decimal(std::string_view text) {
  bool zero = false;
  for (size_t i = text.size(); i > 0; --i) {
    const char c = text[i - 1];
    if (c == '0') {
      zero = true;
    } else {
      return c == '.' && zero ? text.substr(0, i - 1) : text;
    }
  }
  return text;
}

}  // namespace

ParsedInt parse_int(std::string_view text, int base, int bits) {
  constexpr ParsedInt kSyntaxError{0, ParsedInt::Status::kSyntax};
  if (text.empty()) return kSyntaxError;
  std::string_view digits = text;
  const bool negative = digits[0] == '-';
  if (digits[0] == '-' || digits[0] == '+') digits.remove_prefix(1);
  const std::string_view unsigned_text = digits;
  const bool any_base = base == 0;
  if (any_base) {
    base = 10;
    if (!digits.empty() && digits[0] == '0') {
      const char mark = digits.size() >= 3 ? lower(digits[1]) : '\0';
      const int prefixed = mark == 'b' ? 2 : mark == 'o' ? 8 : mark == 'x' ? 16 : 0;
      base = prefixed == 0 ? 8 : prefixed;
      digits.remove_prefix(prefixed == 0 ? 1 : 2);
      // "0" alone is decimal zero.
      if (prefixed == 0 && digits.empty()) return {};
    }
  }
  if (digits.empty()) return kSyntaxError;

  uint64_t number = 0;
  bool overflow = false;
  bool underscores = false;
  for (const char c : digits) {
    if (c == '_' && any_base) {
      underscores = true;
      continue;
    }
    const int digit = digit_value(c);
    if (digit >= base) return kSyntaxError;
    overflow = overflow || __builtin_mul_overflow(number, static_cast<uint64_t>(base), &number) ||
               __builtin_add_overflow(number, static_cast<uint64_t>(digit), &number);
  }
  if (underscores && !underscores_fit(unsigned_text)) return kSyntaxError;

  const uint64_t limit = uint64_t{1} << (bits - 1);
  if (overflow || number > limit || (!negative && number == limit)) {
    const auto bound = static_cast<int64_t>(limit - 1);
    return {negative ? -bound - 1 : bound, ParsedInt::Status::kRange};
  }
  return {static_cast<int64_t>(negative ? -number : number), ParsedInt::Status::kOk};
}

std::optional<double> parse_float(std::string_view text) {
  std::string_view number = text;
  bool negative = false;
  if (!number.empty() && (number[0] == '-' || number[0] == '+')) {
    negative = number[0] == '-';
    number.remove_prefix(1);
  }
  const double sign = negative ? -1 : 1;
  if (same_word(number, "inf") || same_word(number, "infinity")) return sign * std::numeric_limits<double>::infinity();
  if (same_word(number, "nan") && number.size() == text.size()) return std::numeric_limits<double>::quiet_NaN();

  const bool hex = number.size() > 2 && number[0] == '0' && lower(number[1]) == 'x';
  std::string cleaned;
  if (number.find('_') != std::string_view::npos) {
    if (!underscores_fit(number)) return std::nullopt;
    cleaned = without_underscores(number);
    number = cleaned;
  }
  if (hex) number.remove_prefix(2);
  // from_chars would take a sign, "inf" and a hexadecimal number without exponent, which Go refuses.
  if (number.empty() || !(is_digit(number[0]) || number[0] == '.' || (hex && digit_value(number[0]) < 16))) {
    return std::nullopt;
  }
  if (hex && number.find_first_of("pP") == std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, status] = std::from_chars(number.data(), number.data() + number.size(), value,
                                             hex ? std::chars_format::hex : std::chars_format::general);
  if (end != number.data() + number.size() || status == std::errc::invalid_argument) return std::nullopt;
  if (status == std::errc::result_out_of_range) {
    // Underflow is a zero to Go; only overflow is an error. strtod tells them apart.
    const double rounded = std::strtod(((hex ? "0x" : "") + std::string(number)).c_str(), nullptr);
    if (std::isinf(rounded)) return std::nullopt;
    value = rounded;
  }
  return sign * value;
}

int64_t truncate_to_int64(double number) {
  constexpr double kBound = 9223372036854775808.0;
  if (!(number >= -kBound && number < kBound)) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(number);
}

int64_t to_int64(const Value& value) {
  // Duration is a named type, which cast's type switch does not know; Month and Weekday it knows.
  if (go_type(value) == GoType::kDuration) return 0;
  switch (value.kind()) {
    case Kind::kInt: return value.as_int();
    case Kind::kUint: return static_cast<int64_t>(value.as_uint());
    case Kind::kDouble: return truncate_to_int64(value.as_double());
    case Kind::kBool: return value.as_bool() ? 1 : 0;
    case Kind::kString: {
      const ParsedInt parsed = parse_int(trim_zero_decimal(value.as_string()), 0);
      return parsed.ok() ? parsed.value : 0;
    }
    default: return 0;
  }
}

double to_float64(const Value& value) {
  if (go_type(value) == GoType::kDuration) return 0;
  switch (value.kind()) {
    case Kind::kInt: return static_cast<double>(value.as_int());
    case Kind::kUint: return static_cast<double>(value.as_uint());
    case Kind::kDouble: return value.as_double();
    case Kind::kBool: return value.as_bool() ? 1 : 0;
    case Kind::kString: return parse_float(value.as_string()).value_or(0);
    default: return 0;
  }
}

}  // namespace plimsoll::tmpl
