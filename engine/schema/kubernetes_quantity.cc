#include "engine/schema/kubernetes_quantity.h"

#include <algorithm>

#include "engine/value/json.h"

namespace plimsoll::schema {
namespace {

__extension__ typedef __int128 Number;

constexpr Number kNano = 1'000'000'000;
constexpr int kNanoDigits = 9;
// Room for rounding and for sums.
constexpr Number kMax = static_cast<Number>(1) << 124;

struct Suffix {
  std::string_view text;
  int base;
  int exponent;
};
constexpr Suffix kSuffixes[] = {
    {"Ki", 2, 10}, {"Mi", 2, 20}, {"Gi", 2, 30}, {"Ti", 2, 40}, {"Pi", 2, 50}, {"Ei", 2, 60}, {"n", 10, -9}, {"u", 10, -6},
    {"m", 10, -3}, {"", 10, 0},   {"k", 10, 3},  {"M", 10, 6},  {"G", 10, 9},  {"T", 10, 12}, {"P", 10, 15}, {"E", 10, 18},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string digits(Number value) {
  std::string result;
  for (; value > 0; value /= 10) result.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
  std::reverse(result.begin(), result.end());
  return result.empty() ? "0" : result;
}

std::string_view suffix_of(int base, int exponent) {
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.base == base && suffix.exponent == exponent) return suffix.text;
  }
  return {};
}

}  // namespace

std::optional<Quantity> Quantity::parse(std::string_view text) {
  bool negative = false;
  size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
  Number number = 0;
  int scale = 0;  // digits after the point
  bool any = false, inexact = false, point = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    any = true;
    if (number > kMax / 10 - 10) {
      if (!point) return std::nullopt;
      inexact |= text[at] != '0';  // beyond what is kept
      continue;
    }
    number = number * 10 + (text[at] - '0');
    if (point) ++scale;
  }
  if (!any) return std::nullopt;

  Quantity result;
  std::string_view rest = text.substr(at);
  int exponent = 0;
  if (rest.size() > 1 && (rest[0] == 'e' || rest[0] == 'E') && (is_digit(rest[1]) || rest[1] == '-' || rest[1] == '+')) {
    result.format_ = Format::kDecimalExponent;
    size_t i = 1;
    const bool minus = rest[i] == '-';
    if (!is_digit(rest[i])) ++i;
    if (i == rest.size()) return std::nullopt;
    for (; i < rest.size(); ++i) {
      if (!is_digit(rest[i]) || exponent > 1000) return std::nullopt;
      exponent = exponent * 10 + (rest[i] - '0');
    }
    if (minus) exponent = -exponent;
  } else {
    const auto* suffix = std::ranges::find(kSuffixes, rest, &Suffix::text);
    if (suffix == std::end(kSuffixes)) return std::nullopt;
    if (suffix->base == 2) {
      result.format_ = Format::kBinarySi;
      for (int i = 0; i < suffix->exponent; ++i) {
        if (number > kMax / 2) return std::nullopt;
        number *= 2;
      }
    } else {
      exponent = suffix->exponent;
    }
  }
  // To billionths.
  int shift = exponent - scale + kNanoDigits;
  if (number == 0) shift = 0;
  for (; shift > 0; --shift) {
    if (number > kMax / 10) return std::nullopt;
    number *= 10;
  }
  for (; shift < 0; ++shift) {
    inexact |= number % 10 != 0;
    number /= 10;
  }
  if (inexact) ++number;
  result.nano_ = negative ? -number : number;
  return result;
}

std::optional<Quantity> Quantity::of(const Value& value) {
  if (value.is_string()) {
    std::string_view text = value.as_string();
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n')) text.remove_suffix(1);
    return parse(text);
  }
  if (value.is_number()) return parse(json::write(value));
  if (value.is_null()) return Quantity();
  return std::nullopt;
}

void Quantity::round_up_to_milli() {
  constexpr Number kStep = kNano / 1000;
  const Number magnitude = nano_ < 0 ? -nano_ : nano_;
  const Number rounded = (magnitude + kStep - 1) / kStep * kStep;
  nano_ = nano_ < 0 ? -rounded : rounded;
}

Quantity& Quantity::operator+=(const Quantity& other) {
  if (is_zero()) format_ = other.format_;
  nano_ = std::clamp(nano_ + other.nano_, -kMax, kMax);
  return *this;
}

std::string Quantity::to_string() const {
  if (nano_ == 0) return "0";
  Number magnitude = nano_ < 0 ? -nano_ : nano_;
  const std::string sign = nano_ < 0 ? "-" : "";
  Format format = format_;
  // Binary suffixes cannot say fractions, and are not used below 1024.
  if (format == Format::kBinarySi && (magnitude % kNano != 0 || magnitude < 1024 * kNano)) format = Format::kDecimalSi;
  if (format == Format::kBinarySi) {
    magnitude /= kNano;
    int exponent = 0;
    for (; exponent < 60 && magnitude % 1024 == 0; exponent += 10) magnitude /= 1024;
    return sign + digits(magnitude) + std::string(exponent == 0 ? "" : suffix_of(2, exponent));
  }
  int exponent = -kNanoDigits;
  const int largest = format == Format::kDecimalExponent ? 1000 : 18;
  for (; exponent < largest && magnitude % 1000 == 0; exponent += 3) magnitude /= 1000;
  if (format == Format::kDecimalExponent) return sign + digits(magnitude) + (exponent == 0 ? "" : "e" + std::to_string(exponent));
  return sign + digits(magnitude) + std::string(suffix_of(10, exponent));
}

}  // namespace plimsoll::schema
