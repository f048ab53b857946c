// strconv: floats.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>

#include "engine/template/go_format.h"

namespace plimsoll::tmpl {
namespace {

constexpr char kLowerHex[] = "0123456789abcdef";
constexpr char kUpperHex[] = "0123456789ABCDEF";

// Significant digits without trailing zeros; value = 0.digits * 10^point.
struct Decimal {
  std::string digits;
  int point = 0;
};

template <typename Float>
std::string scientific(Float number, int precision) {
  std::string text(static_cast<size_t>(std::max(precision, 0)) + 64, '\0');
  const auto end = precision < 0
                       ? std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific)
                       : std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific,
                                       precision);
  text.resize(static_cast<size_t>(end.ptr - text.data()));
  return text;
}

// `digits`: how many significant digits to round to; -1 for the shortest that reads back.
Decimal to_decimal(double magnitude, int digits, int bits) {
  Decimal result;
  if (magnitude == 0) return result;
  // A double has at most 767 significant digits.
  const int precision = digits < 0 ? -1 : std::min(digits, 800) - 1;
  const std::string text =
      bits == 32 && digits < 0 ? scientific(static_cast<float>(magnitude), -1) : scientific(magnitude, precision);
  const size_t exponent = text.find('e');
  for (const char c : std::string_view(text).substr(0, exponent)) {
    if (c != '.') result.digits += c;
  }
  int power = 0;
  const char* begin = text.data() + exponent + 1;
  if (*begin == '+') ++begin;
  std::from_chars(begin, text.data() + text.size(), power);
  result.point = power + 1;
  while (!result.digits.empty() && result.digits.back() == '0') result.digits.pop_back();
  return result;
}

void append_exponent(std::string& out, char letter, int exponent, int min_digits) {
  out += letter;
  out += exponent < 0 ? '-' : '+';
  const std::string digits = std::to_string(std::abs(exponent));
  if (static_cast<int>(digits.size()) < min_digits) out.append(static_cast<size_t>(min_digits) - digits.size(), '0');
  out += digits;
}

void append_e(std::string& out, const Decimal& decimal, int precision, char letter) {
  out += decimal.digits.empty() ? '0' : decimal.digits[0];
  if (precision > 0) {
    out += '.';
    const size_t wanted = static_cast<size_t>(precision);
    const std::string_view rest =
        decimal.digits.empty() ? std::string_view() : std::string_view(decimal.digits).substr(1, wanted);
    out += rest;
    out.append(wanted - rest.size(), '0');
  }
  append_exponent(out, letter, decimal.digits.empty() ? 0 : decimal.point - 1, 2);
}

void append_f(std::string& out, const Decimal& decimal, int precision) {
  const auto digit = [&](int index) {
    return index >= 0 && index < static_cast<int>(decimal.digits.size()) ? decimal.digits[static_cast<size_t>(index)]
                                                                         : '0';
  };
  if (decimal.point > 0) {
    for (int i = 0; i < decimal.point; ++i) out += digit(i);
  } else {
    out += '0';
  }
  if (precision > 0) {
    out += '.';
    for (int i = 0; i < precision; ++i) out += digit(decimal.point + i);
  }
}

void append_fixed(std::string& out, double magnitude, int precision) {
  std::string text(static_cast<size_t>(precision) + 400, '\0');
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), magnitude, std::chars_format::fixed, precision);
  out.append(text.data(), end.ptr);
}

// 'g' and 'G': exponent form for exponents below -4 or from the precision on (21 digits never matter here).
void append_g(std::string& out, double magnitude, int precision, int bits, char letter) {
  const bool shortest = precision < 0;
  if (precision == 0) precision = 1;
  const Decimal decimal = to_decimal(magnitude, shortest ? -1 : precision, bits);
  const int count = static_cast<int>(decimal.digits.size());
  if (shortest) precision = count;
  int threshold = precision;
  if (threshold > count && count >= decimal.point) threshold = count;
  if (shortest) threshold = 6;
  const int exponent = decimal.point - 1;
  if (exponent < -4 || exponent >= threshold) {
    append_e(out, decimal, std::min(precision, count) - 1, letter);
  } else {
    append_f(out, decimal, std::max(count - decimal.point, 0));
  }
}

void append_binary(std::string& out, double magnitude, int bits) {
  uint64_t mantissa = 0;
  int exponent = 0;
  if (bits == 32) {
    const uint32_t raw = std::bit_cast<uint32_t>(static_cast<float>(magnitude));
    mantissa = raw & 0x7FFFFF;
    exponent = static_cast<int>(raw >> 23);
    if (exponent == 0) ++exponent;
    else mantissa |= 1U << 23;
    exponent -= 127 + 23;
  } else {
    const uint64_t raw = std::bit_cast<uint64_t>(magnitude);
    mantissa = raw & ((1ULL << 52) - 1);
    exponent = static_cast<int>(raw >> 52);
    if (exponent == 0) ++exponent;
    else mantissa |= 1ULL << 52;
    exponent -= 1023 + 52;
  }
  out += std::to_string(mantissa);
  append_exponent(out, 'p', exponent, 1);
}

void append_hex(std::string& out, double magnitude, int precision, char format) {
  const char* const hex = format == 'X' ? kUpperHex : kLowerHex;
  uint64_t mantissa = 0;
  int exponent = 0;
  if (magnitude != 0) {
    // Normalised to 1.xxx: bit 60 is the leading one.
    const double fraction = std::frexp(magnitude, &exponent);
    --exponent;
    mantissa = static_cast<uint64_t>(std::ldexp(fraction, 61));
  }
  if (precision >= 0 && precision < 15) {
    const unsigned shift = static_cast<unsigned>(precision) * 4;
    const uint64_t extra = (mantissa << shift) & ((1ULL << 60) - 1);
    mantissa >>= 60 - shift;
    if ((extra | (mantissa & 1)) > 1ULL << 59) ++mantissa;
    mantissa <<= 60 - shift;
    if ((mantissa & (1ULL << 61)) != 0) {
      mantissa >>= 1;
      ++exponent;
    }
  }
  out += '0';
  out += format;
  out += static_cast<char>('0' + ((mantissa >> 60) & 1));
  mantissa <<= 4;
  if (precision < 0 && mantissa != 0) {
    out += '.';
    while (mantissa != 0) {
      out += hex[(mantissa >> 60) & 15];
      mantissa <<= 4;
    }
  } else if (precision > 0) {
    out += '.';
    for (int i = 0; i < precision; ++i) {
      out += hex[(mantissa >> 60) & 15];
      mantissa <<= 4;
    }
  }
  append_exponent(out, format == 'X' ? 'P' : 'p', exponent, 2);
}

}  // namespace

void append_float(std::string& out, double number, char format, int precision, int bits) {
  if (std::isnan(number)) {
    out += "NaN";
    return;
  }
  if (std::isinf(number)) {
    out += number < 0 ? "-Inf" : "+Inf";
    return;
  }
  if (std::signbit(number)) out += '-';
  const double magnitude = std::abs(number);
  switch (format) {
    case 'b': append_binary(out, magnitude, bits); return;
    case 'x':
    case 'X': append_hex(out, magnitude, precision, format); return;
    case 'e':
    case 'E': {
      const Decimal decimal = to_decimal(magnitude, precision < 0 ? -1 : precision + 1, bits);
      append_e(out, decimal, precision < 0 ? std::max(static_cast<int>(decimal.digits.size()) - 1, 0) : precision,
               format);
      return;
    }
    case 'f': {
      if (precision >= 0) {
        append_fixed(out, magnitude, precision);
        return;
      }
      const Decimal decimal = to_decimal(magnitude, -1, bits);
      append_f(out, decimal, std::max(static_cast<int>(decimal.digits.size()) - decimal.point, 0));
      return;
    }
    case 'G': append_g(out, magnitude, precision, bits, 'E'); return;
    default: append_g(out, magnitude, precision, bits, 'e'); return;
  }
}

}  // namespace plimsoll::tmpl
