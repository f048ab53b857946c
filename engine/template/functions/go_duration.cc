#include "engine/template/functions/go_duration.h"

#include <array>
#include <limits>
#include <optional>

#include "engine/template/functions/go_time.h"

namespace plimsoll::tmpl {
namespace {

constexpr uint64_t kOverflow = uint64_t{1} << 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Unit {
  std::string_view name;
  uint64_t nanoseconds;
};
constexpr std::array kUnits = {
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"\u00b5s", 1'000},  // micro sign
    Unit{"\u03bcs", 1'000},  // Greek letter mu
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
};

std::optional<uint64_t> find_unit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return unit.nanoseconds;
  }
  return std::nullopt;
}

// Digits before the point; nullopt on overflow.
std::optional<uint64_t> take_integer(std::string_view& text) {
  uint64_t value = 0;
  size_t used = 0;
  for (; used < text.size() && is_digit(text[used]); ++used) {
    if (value > kOverflow / 10) return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(text[used] - '0');
    if (value > kOverflow) return std::nullopt;
  }
  text.remove_prefix(used);
  return value;
}

struct Fraction {
  uint64_t digits = 0;
  double scale = 1;
};

// Digits after the point; those beyond an int64's precision are dropped.
Fraction take_fraction(std::string_view& text) {
  Fraction fraction;
  bool full = false;
  size_t used = 0;
  for (; used < text.size() && is_digit(text[used]); ++used) {
    if (full) continue;
    if (fraction.digits > (kOverflow - 1) / 10) {
      full = true;
      continue;
    }
    const uint64_t next = fraction.digits * 10 + static_cast<uint64_t>(text[used] - '0');
    if (next > kOverflow) {
      full = true;
      continue;
    }
    fraction.digits = next;
    fraction.scale *= 10;
  }
  text.remove_prefix(used);
  return fraction;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const std::string quoted = quote_time_text(text);
  const auto invalid = [&] { return fail(ErrorCode::kSyntax, "time: invalid duration " + quoted); };

  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0") return 0;
  if (rest.empty()) return invalid();

  uint64_t total = 0;
  while (!rest.empty()) {
    if (rest[0] != '.' && !is_digit(rest[0])) return invalid();
    const size_t before = rest.size();
    const std::optional<uint64_t> whole = take_integer(rest);
    if (!whole) return invalid();
    const bool has_whole = rest.size() != before;
    Fraction fraction;
    bool has_fraction = false;
    if (!rest.empty() && rest[0] == '.') {
      rest.remove_prefix(1);
      const size_t start = rest.size();
      fraction = take_fraction(rest);
      has_fraction = rest.size() != start;
    }
    if (!has_whole && !has_fraction) return invalid();

    size_t unit_size = 0;
    while (unit_size < rest.size() && rest[unit_size] != '.' && !is_digit(rest[unit_size])) ++unit_size;
    if (unit_size == 0) return fail(ErrorCode::kSyntax, "time: missing unit in duration " + quoted);
    const std::string_view unit_name = rest.substr(0, unit_size);
    rest.remove_prefix(unit_size);
    const std::optional<uint64_t> unit = find_unit(unit_name);
    if (!unit) {
      return fail(ErrorCode::kSyntax, "time: unknown unit " + quote_time_text(unit_name) + " in duration " + quoted);
    }

    if (*whole > kOverflow / *unit) return invalid();
    uint64_t value = *whole * *unit;
    if (fraction.digits > 0) {
      value += static_cast<uint64_t>(static_cast<double>(fraction.digits) *
                                     (static_cast<double>(*unit) / fraction.scale));
      if (value > kOverflow) return invalid();
    }
    total += value;
    if (total > kOverflow) return invalid();
  }
  if (negative) return static_cast<Duration>(-total);
  if (total > kOverflow - 1) return invalid();
  return static_cast<Duration>(total);
}

std::string format_duration(Duration duration) {
  if (duration == 0) return "0s";
  const bool negative = duration < 0;
  uint64_t rest = negative ? -static_cast<uint64_t>(duration) : static_cast<uint64_t>(duration);

  // Digits of `value` / 10^places, without trailing zeros.
  const auto with_fraction = [](uint64_t value, int places) {
    std::string digits;
    bool significant = false;
    for (int i = 0; i < places; ++i) {
      const uint64_t digit = value % 10;
      value /= 10;
      significant = significant || digit != 0;
      if (significant) digits.insert(digits.begin(), static_cast<char>('0' + digit));
    }
    return std::to_string(value) + (significant ? "." + digits : "");
  };

  std::string text = negative ? "-" : "";
  if (rest < static_cast<uint64_t>(kMicrosecond)) return text + std::to_string(rest) + "ns";
  if (rest < static_cast<uint64_t>(kMillisecond)) return text + with_fraction(rest, 3) + "\u00b5s";
  if (rest < static_cast<uint64_t>(kSecond)) return text + with_fraction(rest, 6) + "ms";

  const uint64_t minutes = rest / kMinute;
  rest %= kMinute;
  if (minutes >= 60) text += std::to_string(minutes / 60) + "h";
  if (minutes > 0) text += std::to_string(minutes % 60) + "m";
  return text + with_fraction(rest, 9) + "s";
}

Duration truncate_duration(Duration duration, Duration multiple) {
  return multiple <= 0 ? duration : duration - duration % multiple;
}

Duration round_duration(Duration duration, Duration multiple) {
  if (multiple <= 0) return duration;
  Duration remainder = duration % multiple;
  const auto below_half = [&](Duration r) { return static_cast<uint64_t>(r) * 2 < static_cast<uint64_t>(multiple); };
  if (duration < 0) {
    remainder = -remainder;
    if (below_half(remainder)) return duration + remainder;
    Duration rounded;
    if (!__builtin_sub_overflow(duration, multiple - remainder, &rounded)) return rounded;
    return std::numeric_limits<Duration>::min();
  }
  if (below_half(remainder)) return duration - remainder;
  Duration rounded;
  if (!__builtin_add_overflow(duration, multiple - remainder, &rounded)) return rounded;
  return std::numeric_limits<Duration>::max();
}

std::string round_to_largest_unit(Duration duration) {
  struct Step {
    std::string_view suffix;
    uint64_t size;
  };
  constexpr uint64_t kDay = 24 * static_cast<uint64_t>(kHour);
  constexpr std::array kSteps = {Step{"y", 365 * kDay}, Step{"mo", 30 * kDay}, Step{"d", kDay},
                                 Step{"h", kHour},      Step{"m", kMinute},    Step{"s", kSecond}};
  const uint64_t size = duration < 0 ? -static_cast<uint64_t>(duration) : static_cast<uint64_t>(duration);
  for (const Step& step : kSteps) {
    if (size > step.size) return std::to_string(size / step.size) + std::string(step.suffix);
  }
  return "0s";
}

}  // namespace plimsoll::tmpl
