#include "engine/cel/runtime/time.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include "engine/cel/runtime/numbers.h"

namespace plimsoll::cel {

namespace {

constexpr int64_t kSecond = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int days_in_month(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Reads `count` digits from the front.
bool take_digits(std::string_view& text, size_t count, int& value) {
  if (text.size() < count) return false;
  value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

void append_padded(std::string& out, int64_t value, size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

struct Unit {
  std::string_view name;
  int64_t nanoseconds;
};
constexpr Unit kUnits[] = {{"ns", 1},          {"us", 1000},         {"\u00B5s", 1000},     {"\u03BCs", 1000},
                           {"ms", 1'000'000}, {"s", kSecond},       {"m", 60 * kSecond}, {"h", 3600 * kSecond}};

}  // namespace

int64_t days_from_civil(int64_t year, int month, int day) {
  // Years start in March, so that the leap day is the last; eras have 400 years.
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

CivilTime civil_time(const Time& time, int64_t offset_seconds) {
  const int64_t seconds = time.seconds + offset_seconds;
  int64_t days = seconds / 86400;
  int64_t rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  const int64_t shifted = days + 719468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  CivilTime result;
  result.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  result.month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  result.year = year_of_era + era * 400 + (result.month <= 2 ? 1 : 0);
  result.hour = static_cast<int>(rest / 3600);
  result.minute = static_cast<int>(rest / 60 % 60);
  result.second = static_cast<int>(rest % 60);
  result.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  result.year_day = static_cast<int>(days - days_from_civil(result.year, 1, 1));
  return result;
}

std::optional<Time> parse_time(std::string_view text) {
  int year, month, day, hour, minute, second;
  if (!take_digits(text, 4, year) || !take(text, '-') || !take_digits(text, 2, month) || !take(text, '-')) return std::nullopt;
  if (!take_digits(text, 2, day) || !take(text, 'T')) return std::nullopt;
  const bool two_digits = text.size() >= 2 && is_digit(text[1]);
  if (!take_digits(text, two_digits ? 2 : 1, hour) || !take(text, ':')) return std::nullopt;
  if (!take_digits(text, 2, minute) || !take(text, ':') || !take_digits(text, 2, second)) return std::nullopt;
  Time time;
  if (text.size() >= 2 && (text[0] == '.' || text[0] == ',') && is_digit(text[1])) {
    text.remove_prefix(1);
    int32_t scale = 100'000'000;
    for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1)) {
      time.nanoseconds += (text[0] - '0') * scale;
      scale /= 10;
    }
  }
  if (!take(text, 'Z')) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const bool negative = text[0] == '-';
    text.remove_prefix(1);
    int hours, minutes;
    if (!take_digits(text, 2, hours) || !take(text, ':') || !take_digits(text, 2, minutes)) return std::nullopt;
    if (hours > 24 || minutes > 60) return std::nullopt;
    time.offset = (hours * 60 + minutes) * 60 * (negative ? -1 : 1);
  }
  if (!text.empty() || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  time.seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - time.offset;
  return time;
}

std::string format_time(const Time& time) {
  const CivilTime civil = civil_time(time, time.offset);
  std::string out;
  append_padded(out, civil.year, 4);
  out += '-';
  append_padded(out, civil.month, 2);
  out += '-';
  append_padded(out, civil.day, 2);
  out += 'T';
  append_padded(out, civil.hour, 2);
  out += ':';
  append_padded(out, civil.minute, 2);
  out += ':';
  append_padded(out, civil.second, 2);
  if (time.nanoseconds != 0) {
    out += '.';
    append_padded(out, time.nanoseconds, 9);
    out.resize(out.find_last_not_of('0') + 1);
  }
  if (time.offset == 0) return out + 'Z';
  const int minutes = std::abs(time.offset) / 60;
  out += time.offset < 0 ? '-' : '+';
  append_padded(out, minutes / 60, 2);
  out += ':';
  append_padded(out, minutes % 60, 2);
  return out;
}

std::optional<int64_t> parse_duration(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  constexpr uint64_t kLimit = uint64_t{1} << 63;
  uint64_t total = 0;
  while (!text.empty()) {
    uint64_t whole = 0;
    size_t digits = 0;
    for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1), ++digits) {
      if (whole > kLimit / 10) return std::nullopt;
      whole = whole * 10 + static_cast<uint64_t>(text[0] - '0');
      if (whole > kLimit) return std::nullopt;
    }
    // Digits of the fraction beyond int64 are ignored, as Go does.
    uint64_t fraction = 0;
    double scale = 1;
    if (take(text, '.')) {
      bool overflow = false;
      for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1), ++digits) {
        if (overflow) continue;
        if (fraction > (kLimit - 1) / 10) {
          overflow = true;
          continue;
        }
        const uint64_t next = fraction * 10 + static_cast<uint64_t>(text[0] - '0');
        if (next > kLimit) {
          overflow = true;
          continue;
        }
        fraction = next;
        scale *= 10;
      }
    }
    if (digits == 0) return std::nullopt;
    size_t length = 0;
    while (length < text.size() && text[length] != '.' && !is_digit(text[length])) ++length;
    const std::string_view name = text.substr(0, length);
    text.remove_prefix(length);
    const Unit* unit = nullptr;
    for (const Unit& known : kUnits) {
      if (known.name == name) unit = &known;
    }
    if (unit == nullptr) return std::nullopt;
    const auto factor = static_cast<uint64_t>(unit->nanoseconds);
    if (whole > kLimit / factor) return std::nullopt;
    whole *= factor;
    if (fraction > 0) {
      whole += static_cast<uint64_t>(static_cast<double>(fraction) * (static_cast<double>(factor) / scale));
      if (whole > kLimit) return std::nullopt;
    }
    total += whole;
    if (total > kLimit) return std::nullopt;
  }
  if (negative) return static_cast<int64_t>(0 - total);
  if (total > kLimit - 1) return std::nullopt;
  return static_cast<int64_t>(total);
}

std::string format_duration(int64_t nanoseconds) {
  const double seconds = static_cast<double>(nanoseconds / kSecond) + static_cast<double>(nanoseconds % kSecond) / 1e9;
  return format_double(seconds, 'f', -1) + "s";
}

std::string go_duration(int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  uint64_t rest = nanoseconds < 0 ? 0 - static_cast<uint64_t>(nanoseconds) : static_cast<uint64_t>(nanoseconds);
  const std::string sign = nanoseconds < 0 ? "-" : "";
  const auto with_fraction = [](uint64_t value, uint64_t unit) {
    std::string out = std::to_string(value / unit);
    if (value % unit != 0) {
      std::string fraction = std::to_string(unit + value % unit).substr(1);
      fraction.resize(fraction.find_last_not_of('0') + 1);
      out += "." + fraction;
    }
    return out;
  };
  if (rest < 1000) return sign + std::to_string(rest) + "ns";
  if (rest < 1'000'000) return sign + with_fraction(rest, 1000) + "\u00B5s";
  if (rest < static_cast<uint64_t>(kSecond)) return sign + with_fraction(rest, 1'000'000) + "ms";
  const uint64_t minutes = rest / (60 * kSecond);
  rest %= 60 * kSecond;
  std::string out = sign;
  if (minutes >= 60) out += std::to_string(minutes / 60) + "h";
  if (minutes > 0) out += std::to_string(minutes % 60) + "m";
  return out + with_fraction(rest, kSecond) + "s";
}

std::optional<Time> add_duration(const Time& time, int64_t nanoseconds) {
  Time result = time;
  if (__builtin_add_overflow(time.seconds, nanoseconds / kSecond, &result.seconds)) return std::nullopt;
  int64_t rest = time.nanoseconds + nanoseconds % kSecond;
  if (rest < 0) {
    rest += kSecond;
    --result.seconds;
  } else if (rest >= kSecond) {
    rest -= kSecond;
    ++result.seconds;
  }
  result.nanoseconds = static_cast<int32_t>(rest);
  return result;
}

std::optional<int64_t> subtract_times(const Time& a, const Time& b) {
  int64_t result;
  if (__builtin_mul_overflow(a.seconds - b.seconds, kSecond, &result)) return std::nullopt;
  if (__builtin_add_overflow(result, static_cast<int64_t>(a.nanoseconds - b.nanoseconds), &result)) return std::nullopt;
  return result;
}

}  // namespace plimsoll::cel
