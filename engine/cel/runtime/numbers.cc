#include "engine/cel/runtime/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace plimsoll::cel {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool equals_ignoring_case(std::string_view text, std::string_view lower_text) {
  if (text.size() != lower_text.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_text[i]) return false;
  }
  return true;
}

// Go's rule: underscores stand between digits, or between a base prefix and a digit.
bool underscores_fit(std::string_view text) {
  char last = '^';
  size_t i = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++i;
  bool hex = false;
  if (text.size() - i >= 2 && text[i] == '0' && (lower(text[i + 1]) == 'x' || lower(text[i + 1]) == 'b' || lower(text[i + 1]) == 'o')) {
    hex = lower(text[i + 1]) == 'x';
    i += 2;
    last = '0';
  }
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (is_digit(c) || (hex && lower(c) >= 'a' && lower(c) <= 'f')) {
      last = '0';
    } else if (c == '_') {
      if (last != '0') return false;
      last = '_';
    } else {
      if (last == '_') return false;
      last = '!';
    }
  }
  return last != '_';
}

// Whether the whole of `text` (sign and underscores removed) is a number that Go's grammar has.
bool is_float_syntax(std::string_view text, bool hex) {
  size_t i = 0;
  size_t digits = 0;
  bool point = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      if (point) break;
      point = true;
    } else if (is_digit(c) || (hex && lower(c) >= 'a' && lower(c) <= 'f')) {
      ++digits;
    } else {
      break;
    }
  }
  if (digits == 0) return false;
  if (i < text.size() && lower(text[i]) == (hex ? 'p' : 'e')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (i == text.size()) return false;
    while (i < text.size() && is_digit(text[i])) ++i;
  } else if (hex) {
    return false;  // Go wants the p
  }
  return i == text.size();
}

// Whether a number that is_float_syntax() accepts is smaller than 1.
bool is_below_one(std::string_view text, bool hex) {
  const size_t mark = text.find_first_of(hex ? "pP" : "eE");
  const std::string_view mantissa = text.substr(0, mark);
  const size_t first = mantissa.find_first_not_of("0.");
  if (first == std::string_view::npos) return true;
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  const double places = first < point ? static_cast<double>(point - first) - 1 : -static_cast<double>(first - point);
  double exponent = 0;
  for (const char c : mark == std::string_view::npos ? std::string_view() : text.substr(mark + 1)) {
    if (is_digit(c)) exponent = exponent * 10 + (c - '0');
  }
  if (mark != std::string_view::npos && text[mark + 1] == '-') exponent = -exponent;
  return places * (hex ? 4 : 1) + exponent < 0;
}

void append_exponent(std::string& out, int exponent) {
  out += 'e';
  out += exponent < 0 ? '-' : '+';
  const int magnitude = std::abs(exponent);
  if (magnitude < 10) out += '0';
  out += std::to_string(magnitude);
}

}  // namespace

std::optional<int64_t> parse_int(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::optional<uint64_t> magnitude = parse_uint(text);
  if (!magnitude) return std::nullopt;
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (negative ? 1 : 0);
  if (*magnitude > limit) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - *magnitude : *magnitude);
}

std::optional<uint64_t> parse_uint(std::string_view text) {
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  std::string_view body = text;
  bool negative = false;
  const bool has_sign = !body.empty() && (body[0] == '+' || body[0] == '-');
  if (has_sign) {
    negative = body[0] == '-';
    body.remove_prefix(1);
  }
  const double sign = negative ? -1 : 1;
  if (equals_ignoring_case(body, "inf") || equals_ignoring_case(body, "infinity")) {
    return sign * std::numeric_limits<double>::infinity();
  }
  if (!has_sign && equals_ignoring_case(body, "nan")) return std::numeric_limits<double>::quiet_NaN();
  std::string without;
  if (body.find('_') != std::string_view::npos) {
    if (!underscores_fit(text)) return std::nullopt;
    for (const char c : body) {
      if (c != '_') without += c;
    }
    body = without;
  }
  const bool hex = body.size() > 2 && body[0] == '0' && lower(body[1]) == 'x';
  if (hex) body.remove_prefix(2);
  if (!is_float_syntax(body, hex)) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), value,
                                            hex ? std::chars_format::hex : std::chars_format::general);
  if (error == std::errc::result_out_of_range) {
    // Too small is zero in Go, too large an error; from_chars does not say which.
    if (is_below_one(body, hex)) return sign * 0.0;
    return std::nullopt;
  }
  if (error != std::errc() || end != body.data() + body.size()) return std::nullopt;
  return sign * value;
}

std::string format_double(double value, char format, int precision) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (precision >= 0) {
    std::string out(400 + static_cast<size_t>(precision), '\0');
    const auto [end, error] =
        std::to_chars(out.data(), out.data() + out.size(), value,
                      format == 'e' ? std::chars_format::scientific : format == 'f' ? std::chars_format::fixed : std::chars_format::general,
                      precision);
    out.resize(static_cast<size_t>(end - out.data()));
    return out;
  }
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(value), std::chars_format::scientific);
  const std::string_view scientific(buffer.data(), static_cast<size_t>(end - buffer.data()));
  const size_t e = scientific.find('e');
  std::string digits(1, scientific[0]);
  if (e > 2) digits += scientific.substr(2, e - 2);
  int exponent = 0;
  std::from_chars(scientific.data() + e + (scientific[e + 1] == '+' ? 2 : 1), scientific.data() + scientific.size(), exponent);
  std::string out = std::signbit(value) ? "-" : "";
  if (format == 'e' || (format == 'g' && (exponent < -4 || exponent >= 6))) {
    out += digits[0];
    if (digits.size() > 1) out.append(1, '.').append(digits, 1);
    append_exponent(out, exponent);
    return out;
  }
  if (exponent < 0) {
    out.append("0.").append(static_cast<size_t>(-exponent - 1), '0').append(digits);
    return out;
  }
  const auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) return out.append(digits).append(whole - digits.size(), '0');
  return out.append(digits, 0, whole).append(1, '.').append(digits, whole);
}

double pow10(int exponent) {
  static constexpr double kSmall[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31};
  static constexpr double kLarge[] = {1e0, 1e32, 1e64, 1e96, 1e128, 1e160, 1e192, 1e224, 1e256, 1e288};
  static constexpr double kTiny[] = {1e-0, 1e-32, 1e-64, 1e-96, 1e-128, 1e-160, 1e-192, 1e-224, 1e-256, 1e-288, 1e-320};
  if (exponent >= 0 && exponent <= 308) return kLarge[exponent / 32] * kSmall[exponent % 32];
  if (exponent >= -323 && exponent < 0) return kTiny[-exponent / 32] / kSmall[-exponent % 32];
  return exponent > 0 ? std::numeric_limits<double>::infinity() : 0;
}

std::optional<int64_t> double_to_int(double value) {
  if (!(value > -9223372036854775808.0 && value < 9223372036854775808.0)) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<uint64_t> double_to_uint(double value) {
  if (!(value >= 0 && value < 18446744073709551616.0)) return std::nullopt;
  return static_cast<uint64_t>(value);
}

}  // namespace plimsoll::cel
