#include "engine/cel/runtime/quantity.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "engine/cel/runtime/numbers.h"

namespace plimsoll::cel {

namespace {

constexpr std::string_view kFormatWrong =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr std::string_view kNumeric = "unable to parse numeric part of quantity";
constexpr std::string_view kSuffix = "unable to parse quantity's suffix";
constexpr int32_t kNano = -9;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct SuffixInfo {
  std::string_view text;
  int base, exponent;
};
constexpr SuffixInfo kSuffixes[] = {{"n", 10, -9}, {"u", 10, -6}, {"m", 10, -3}, {"", 10, 0},   {"k", 10, 3},  {"M", 10, 6},
                                    {"G", 10, 9},  {"T", 10, 12}, {"P", 10, 15}, {"E", 10, 18}, {"Ki", 2, 10}, {"Mi", 2, 20},
                                    {"Gi", 2, 30}, {"Ti", 2, 40}, {"Pi", 2, 50}, {"Ei", 2, 60}};

struct Parts {
  bool positive = true;
  std::string_view number;  // sign, digits and point
  std::string_view whole;   // digits before the point without leading zeros, at least "0"
  std::string_view fraction;
  std::string_view suffix;
};

std::optional<Parts> split(std::string_view text) {
  Parts parts;
  size_t pos = 0;
  const size_t end = text.size();
  if (pos < end && (text[0] == '-' || text[0] == '+')) {
    parts.positive = text[0] == '+';
    ++pos;
  }
  while (pos < end && text[pos] == '0') ++pos;
  if (pos == end) {
    parts.whole = parts.number = "0";
    return parts;
  }
  const size_t whole = pos;
  while (pos < end && is_digit(text[pos])) ++pos;
  parts.whole = text.substr(whole, pos - whole);
  if (pos < end && parts.whole.empty()) parts.whole = "0";
  if (pos < end && text[pos] == '.') {
    const size_t fraction = ++pos;
    while (pos < end && is_digit(text[pos])) ++pos;
    parts.fraction = text.substr(fraction, pos - fraction);
  }
  parts.number = text.substr(0, pos);
  const size_t suffix = pos;
  while (pos < end && std::string_view("eEinumkKMGTP").find(text[pos]) != std::string_view::npos) ++pos;
  if (pos < end && (text[pos] == '-' || text[pos] == '+')) ++pos;
  while (pos < end && is_digit(text[pos])) ++pos;
  if (pos != end) return std::nullopt;
  parts.suffix = text.substr(suffix);
  return parts;
}

struct Unit {
  int base;
  int32_t exponent;
  Quantity::Format format;
};

std::optional<Unit> interpret(std::string_view suffix) {
  for (const SuffixInfo& known : kSuffixes) {
    if (known.text == suffix) {
      return Unit{known.base, known.exponent,
                  known.base == 2 ? Quantity::Format::kBinarySi : Quantity::Format::kDecimalSi};
    }
  }
  if (suffix.size() > 1 && (suffix[0] == 'E' || suffix[0] == 'e')) {
    const std::optional<int64_t> exponent = parse_int(suffix.substr(1));
    // Go truncates the exponent to 32 bits.
    if (exponent) return Unit{10, static_cast<int32_t>(*exponent), Quantity::Format::kDecimalExponent};
  }
  return std::nullopt;
}

// value x 10^scale without overflow.
std::optional<int64_t> scale_up(int64_t value, int64_t scale) {
  if (value == 0) return 0;
  if (scale > 18) return std::nullopt;
  for (; scale > 0; --scale) {
    if (__builtin_mul_overflow(value, int64_t{10}, &value)) return std::nullopt;
  }
  return value;
}

}  // namespace

// Magnitudes as decimal digits, most significant first. Only quantities beyond 18 digits or below nano come here.
struct Digits {
  bool negative = false;
  std::string text = "0";
  int64_t scale = 0;

  static Digits of(const Quantity& quantity) {
    Digits result;
    if (quantity.is_wide()) {
      result.negative = quantity.negative_;
      result.text = quantity.digits_;
    } else {
      result.negative = quantity.value_ < 0;
      result.text = std::to_string(quantity.value_);
      if (result.negative) result.text.erase(0, 1);
    }
    result.scale = quantity.scale_;
    return result;
  }

  bool is_zero() const { return text == "0"; }

  void strip() { text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1)); }

  // Appends zeros until the scale is `to`, which is not above it. False beyond kMaxDigits.
  bool lower_scale(int64_t to) {
    if (is_zero()) {
      scale = to;
      return true;
    }
    if (static_cast<uint64_t>(scale - to) > Quantity::kMaxDigits) return false;
    text.append(static_cast<size_t>(scale - to), '0');
    scale = to;
    return text.size() <= Quantity::kMaxDigits;
  }

  // Drops digits below 10^to, away from zero. True if nothing was lost.
  bool round_up(int64_t to) {
    const auto drop = static_cast<size_t>(std::max<int64_t>(0, to - scale));
    if (drop == 0) return true;
    bool lost = !is_zero();
    if (drop < text.size()) {
      lost = text.find_first_not_of('0', text.size() - drop) != std::string::npos;
      text.resize(text.size() - drop);
    } else {
      text = "0";
    }
    if (lost) increment();
    scale = to;
    return !lost;
  }

  void increment() {
    size_t i = text.size();
    while (i > 0 && text[i - 1] == '9') text[--i] = '0';
    if (i == 0) {
      text.insert(text.begin(), '1');
    } else {
      ++text[i - 1];
    }
  }

  void multiply(unsigned factor) {
    unsigned carry = 0;
    for (size_t i = text.size(); i-- > 0;) {
      carry += static_cast<unsigned>(text[i] - '0') * factor;
      text[i] = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    if (carry != 0) text.insert(0, std::to_string(carry));
  }

  // Divides by `divisor` if that leaves no remainder.
  bool divide(unsigned divisor) {
    std::string quotient = text;
    unsigned remainder = 0;
    for (char& digit : quotient) {
      remainder = remainder * 10 + static_cast<unsigned>(digit - '0');
      digit = static_cast<char>('0' + remainder / divisor);
      remainder %= divisor;
    }
    if (remainder != 0) return false;
    text = std::move(quotient);
    strip();
    return true;
  }

  static int compare_magnitude(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    const int order = a.compare(b);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }

  static int compare(Digits a, Digits b) {
    const int sign_a = a.is_zero() ? 0 : a.negative ? -1 : 1;
    const int sign_b = b.is_zero() ? 0 : b.negative ? -1 : 1;
    if (sign_a != sign_b || sign_a == 0) return sign_a < sign_b ? -1 : sign_a > sign_b ? 1 : 0;
    const int64_t top_a = static_cast<int64_t>(a.text.size()) + a.scale;
    const int64_t top_b = static_cast<int64_t>(b.text.size()) + b.scale;
    int order = 0;
    if (top_a != top_b) {
      order = top_a < top_b ? -1 : 1;
    } else {  // equally high: they differ in length by their scales only
      const size_t length = std::max(a.text.size(), b.text.size());
      a.text.resize(length, '0');
      b.text.resize(length, '0');
      order = compare_magnitude(a.text, b.text);
    }
    return sign_a * order;
  }

  static std::optional<Digits> add(Digits a, Digits b) {
    const int64_t scale = std::min(a.scale, b.scale);
    if (!a.lower_scale(scale) || !b.lower_scale(scale)) return std::nullopt;
    if (a.negative != b.negative && compare_magnitude(a.text, b.text) < 0) std::swap(a, b);
    const int direction = a.negative == b.negative ? 1 : -1;
    const size_t length = std::max(a.text.size(), b.text.size()) + 1;
    a.text.insert(0, length - a.text.size(), '0');
    b.text.insert(0, length - b.text.size(), '0');
    int carry = 0;
    for (size_t i = length; i-- > 0;) {
      int digit = (a.text[i] - '0') + direction * (b.text[i] - '0') + carry;
      carry = digit > 9 ? 1 : digit < 0 ? -1 : 0;
      a.text[i] = static_cast<char>('0' + digit - 10 * carry);
    }
    a.strip();
    if (a.is_zero()) a.negative = false;
    return a;
  }

  Quantity store(Quantity::Format format, Arena& arena) const {
    Quantity result;
    result.negative_ = negative && !is_zero();
    result.digits_ = arena.copy(text);
    result.scale_ = static_cast<int32_t>(scale);
    result.format_ = format;
    return result;
  }
};

std::expected<Quantity, std::string_view> Quantity::parse(std::string_view text, Arena& arena) {
  if (text.empty()) return std::unexpected(kFormatWrong);
  Quantity result;
  if (text == "0") return result;
  const std::optional<Parts> parts = split(text);
  if (!parts) return std::unexpected(kFormatWrong);
  const std::optional<Unit> unit = interpret(parts->suffix);
  if (!unit) return std::unexpected(kSuffix);
  result.format_ = unit->format;

  // Go's fast path: what surely fits int64.
  const auto whole = static_cast<int64_t>(parts->whole.size());
  const auto fraction = static_cast<int64_t>(parts->fraction.size());
  int64_t precision;
  int64_t scale = 0;
  int64_t factor = 1;
  if (unit->base == 10) {
    scale = unit->exponent;
    precision = 18 - (whole + fraction);
  } else if (fraction == 0) {
    factor = int64_t{1} << unit->exponent;
    precision = 15 - whole - static_cast<int64_t>(static_cast<float>(unit->exponent) * 3 / 10) - 1;
  } else {
    precision = -1;
  }
  if (precision >= 0 && scale - fraction >= kNano) {
    scale -= fraction;
    std::string shifted(parts->whole);
    shifted += parts->fraction;
    const std::optional<int64_t> value = parse_int(shifted);
    if (!value) return std::unexpected(kNumeric);
    int64_t product;
    if (!__builtin_mul_overflow(*value, factor, &product)) {
      result.value_ = parts->positive ? product : -product;
      result.scale_ = static_cast<int32_t>(scale);
      const bool canonical = unit->base == 2 ? unit->exponent % 10 == 0 && (*value & 7) != 0
                                             : scale % 3 == 0 && !shifted.ends_with("000") && shifted[0] != '0';
      if (canonical) result.text_ = arena.copy(text);
      return result;
    }
  }

  // Only here does Go miss the digits of "Pi" or "e-20".
  const std::string_view number = text.substr(0, text.size() - parts->suffix.size());
  if (number.find_first_of("0123456789") == std::string_view::npos) return std::unexpected(kNumeric);
  Digits amount;
  amount.negative = !parts->positive;
  amount.text.assign(parts->whole).append(parts->fraction);
  amount.strip();
  if (amount.text.size() > kMaxDigits) return std::unexpected(kNumeric);
  amount.scale = -fraction;
  Format format = unit->format;
  if (unit->base == 10) {
    amount.scale += unit->exponent;
  } else {
    for (int i = 0; i < unit->exponent; i += 10) amount.multiply(1024);
  }
  if (!amount.is_zero()) {
    amount.round_up(kNano);
    if (!amount.lower_scale(kNano)) return std::unexpected(kNumeric);
  }
  if (format == Format::kBinarySi) {
    const bool negative = std::exchange(amount.negative, false);
    if (Digits::compare(amount, {.text = "9223372036854775807"}) > 0) amount = {.text = "9223372036854775807"};
    if (!amount.is_zero() && Digits::compare(amount, {.text = "1"}) < 0) format = Format::kDecimalSi;
    amount.negative = negative;
  }
  return amount.store(format, arena);
}

Quantity Quantity::of(int64_t value, Format format) {
  Quantity result;
  result.value_ = value;
  result.format_ = format;
  return result;
}

int Quantity::sign() const {
  if (is_wide()) return digits_ == "0" ? 0 : negative_ ? -1 : 1;
  return value_ > 0 ? 1 : value_ < 0 ? -1 : 0;
}

int Quantity::compare(const Quantity& other) const {
  if (!is_wide() && !other.is_wide() && scale_ == other.scale_) {
    return value_ < other.value_ ? -1 : value_ > other.value_ ? 1 : 0;
  }
  return Digits::compare(Digits::of(*this), Digits::of(other));
}

std::optional<Quantity> Quantity::plus(const Quantity& other, Arena& arena) const {
  Quantity result = *this;
  result.text_ = {};
  if (sign() == 0) result.format_ = other.format_;
  if (!is_wide() && !other.is_wide()) {
    if (other.value_ == 0) return result;
    if (value_ == 0) {
      result.value_ = other.value_;
      result.scale_ = other.scale_;
      return result;
    }
    const int32_t scale = std::min(scale_, other.scale_);
    const std::optional<int64_t> a = scale_up(value_, int64_t{scale_} - scale);
    const std::optional<int64_t> b = scale_up(other.value_, int64_t{other.scale_} - scale);
    if (a && b && !__builtin_add_overflow(*a, *b, &result.value_)) {
      result.scale_ = scale;
      return result;
    }
  }
  const std::optional<Digits> sum = Digits::add(Digits::of(*this), Digits::of(other));
  if (!sum) return std::nullopt;
  return sum->store(result.format_, arena);
}

std::optional<Quantity> Quantity::minus(const Quantity& other, Arena& arena) const {
  Quantity negated = other;
  if (other.is_wide()) {
    negated.negative_ = !other.negative_;
  } else if (__builtin_sub_overflow(int64_t{0}, other.value_, &negated.value_)) {
    Digits digits = Digits::of(other);
    digits.negative = false;
    negated = digits.store(other.format_, arena);
  }
  return plus(negated, arena);
}

std::optional<int64_t> Quantity::as_int64() const {
  if (is_wide() || scale_ < 0) return std::nullopt;
  return scale_up(value_, scale_);
}

double Quantity::as_approximate_double() const {
  double base = static_cast<double>(value_);
  if (is_wide()) {
    std::from_chars(digits_.data(), digits_.data() + digits_.size(), base);
    if (negative_) base = -base;
  }
  return scale_ == 0 ? base : base * pow10(scale_);
}

std::string Quantity::to_string() const {
  if (!text_.empty()) return std::string(text_);
  if (sign() == 0) return "0";
  Digits digits = Digits::of(*this);
  Format format = format_;
  if (format == Format::kBinarySi) {
    // Fractions and what is below 1Ki print in decimal.
    Digits magnitude = digits;
    magnitude.negative = false;
    if (Digits::compare(magnitude, {.text = "1024"}) < 0 || !magnitude.round_up(0)) format = Format::kDecimalSi;
  }
  int64_t exponent;
  if (format == Format::kBinarySi) {
    digits.round_up(0);
    if (!digits.lower_scale(0)) return std::string();
    exponent = 0;
    while (digits.divide(1024)) exponent += 10;
  } else {
    const size_t last = digits.text.find_last_not_of('0');
    exponent = digits.scale + static_cast<int64_t>(digits.text.size() - 1 - last);
    digits.text.resize(last + 1);
    for (; exponent % 3 != 0; --exponent) digits.text.push_back('0');
  }
  std::string result = digits.negative ? "-" + digits.text : digits.text;
  if (format == Format::kDecimalExponent) {
    if (exponent != 0) result += "e" + std::to_string(exponent);
    return result;
  }
  // Where no suffix is large or small enough Go prints none.
  for (const SuffixInfo& known : kSuffixes) {
    if (known.exponent == exponent && (known.base == 2) == (format == Format::kBinarySi && exponent != 0)) result += known.text;
  }
  return result;
}

}  // namespace plimsoll::cel
