#include "engine/template/functions/go_time.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "engine/template/functions/go_layout.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }
int64_t wrapping_add(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }
int64_t wrapping_multiply(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

// Days from 1970-01-01 to a date of the proleptic Gregorian calendar and back, counted in eras of 400 years that begin in March.
int64_t days_from_civil(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = floor_div(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

void civil_from_days(int64_t days, Clock& clock) {
  days += 719'468;
  const int64_t era = floor_div(days, 146'097);
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  clock.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  clock.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  clock.year = year_of_era + era * 400 + (clock.month <= 2 ? 1 : 0);
}

void append_padded(std::string& out, int64_t value, size_t width) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  if (value < 0) out += '-';
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

void append_zone(std::string& out, int32_t offset, const ZoneStyle& style) {
  if (offset == 0 && style.iso) {
    out += 'Z';
    return;
  }
  const int32_t minutes = offset / 60;
  out += minutes < 0 ? '-' : '+';
  append_padded(out, std::abs(minutes) / 60, 2);
  if (style.colons) out += ':';
  if (style.minutes) append_padded(out, std::abs(minutes) % 60, 2);
  if (!style.seconds) return;
  if (style.colons) out += ':';
  append_padded(out, (minutes < 0 ? -offset : offset) % 60, 2);
}

void append_fraction(std::string& out, int32_t nanoseconds, std::string_view unit, bool trim) {
  if (trim && nanoseconds == 0) return;
  std::string digits;
  append_padded(digits, nanoseconds, 9);
  digits.resize(std::min<size_t>(unit.size() - 1, 9));
  if (trim) {
    while (!digits.empty() && digits.back() == '0') digits.pop_back();
    if (digits.empty()) return;
  }
  out += unit[0];
  out += digits;
}

int hour12(const Clock& clock) { return clock.hour % 12 == 0 ? 12 : clock.hour % 12; }

void append_unit(std::string& out, const GoTime& time, const Clock& clock, const LayoutChunk& chunk) {
  ZoneStyle style{};
  if (zone_style(chunk.unit, style)) return append_zone(out, time.offset, style);
  switch (chunk.unit) {
    case LayoutUnit::kLongMonth: out += month_name(clock.month); break;
    case LayoutUnit::kMonth: out += month_name(clock.month).substr(0, 3); break;
    case LayoutUnit::kNumberMonth: append_padded(out, clock.month, 0); break;
    case LayoutUnit::kZeroMonth: append_padded(out, clock.month, 2); break;
    case LayoutUnit::kLongWeekday: out += weekday_name(clock.weekday); break;
    case LayoutUnit::kWeekday: out += weekday_name(clock.weekday).substr(0, 3); break;
    case LayoutUnit::kDay: append_padded(out, clock.day, 0); break;
    case LayoutUnit::kSpaceDay:
      if (clock.day < 10) out += ' ';
      append_padded(out, clock.day, 0);
      break;
    case LayoutUnit::kZeroDay: append_padded(out, clock.day, 2); break;
    case LayoutUnit::kSpaceYearDay:
      if (clock.year_day < 100) out += ' ';
      if (clock.year_day < 10) out += ' ';
      append_padded(out, clock.year_day, 0);
      break;
    case LayoutUnit::kZeroYearDay: append_padded(out, clock.year_day, 3); break;
    case LayoutUnit::kHour24: append_padded(out, clock.hour, 2); break;
    case LayoutUnit::kHour12: append_padded(out, hour12(clock), 0); break;
    case LayoutUnit::kZeroHour12: append_padded(out, hour12(clock), 2); break;
    case LayoutUnit::kPlainMinute: append_padded(out, clock.minute, 0); break;
    case LayoutUnit::kZeroMinute: append_padded(out, clock.minute, 2); break;
    case LayoutUnit::kPlainSecond: append_padded(out, clock.second, 0); break;
    case LayoutUnit::kZeroSecond: append_padded(out, clock.second, 2); break;
    case LayoutUnit::kLongYear: append_padded(out, clock.year, 4); break;
    case LayoutUnit::kYear: append_padded(out, std::abs(clock.year) % 100, 2); break;
    case LayoutUnit::kUpperPm: out += clock.hour >= 12 ? "PM" : "AM"; break;
    case LayoutUnit::kLowerPm: out += clock.hour >= 12 ? "pm" : "am"; break;
    case LayoutUnit::kZone:
      if (time.zone[0] != '\0') {
        out += time.zone;
      } else {
        append_zone(out, time.offset, {.iso = false, .minutes = true, .seconds = false, .colons = false});
      }
      break;
    case LayoutUnit::kFractionZeros: append_fraction(out, time.nanoseconds, chunk.text, false); break;
    case LayoutUnit::kFractionNines: append_fraction(out, time.nanoseconds, chunk.text, true); break;
    default: break;
  }
}

// Remainder of the time since year 1 divided by `multiple`, in [0, multiple); Go counts multiples from there.
Duration remainder_since_zero(const GoTime& time, Duration multiple) {
  const __int128 total = (static_cast<__int128>(time.seconds) - kZeroTimeSeconds) * kSecond + time.nanoseconds;
  const __int128 remainder = total % multiple;
  return static_cast<Duration>(remainder < 0 ? remainder + multiple : remainder);
}

// Names that Go's LoadLocation refuses because they could leave the zone database.
bool unsafe_zone_name(std::string_view name) {
  return name.starts_with('/') || name.starts_with('\\') || name.find("..") != std::string_view::npos;
}

const date::time_zone* find_zone(std::string_view name) {
  if (unsafe_zone_name(name)) return nullptr;
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

}  // namespace

Clock clock_of(const GoTime& time) {
  const int64_t local = wrapping_add(time.seconds, time.offset);
  const int64_t days = floor_div(local, kSecondsPerDay);
  const int64_t second_of_day = local - days * kSecondsPerDay;
  Clock clock{};
  civil_from_days(days, clock);
  clock.hour = static_cast<int>(second_of_day / 3600);
  clock.minute = static_cast<int>(second_of_day / 60 % 60);
  clock.second = static_cast<int>(second_of_day % 60);
  clock.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  clock.year_day = static_cast<int>(days - days_from_civil(clock.year, 1, 1) + 1);
  return clock;
}

GoTime from_clock(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute, int64_t second,
                  int32_t nanoseconds, const GoTime& zone_of) {
  // Absurd years would overflow the arithmetic below; Go wraps, which nobody can rely on.
  constexpr int64_t kMaxYear = 200'000'000'000;
  const int64_t months = wrapping_add(month, -1);
  year = std::clamp(wrapping_add(year, floor_div(months, 12)), -kMaxYear, kMaxYear);
  const int64_t month_in_year = months - floor_div(months, 12) * 12;
  const int64_t days = wrapping_add(days_from_civil(year, month_in_year + 1, 1), wrapping_add(day, -1));
  int64_t seconds = wrapping_multiply(days, kSecondsPerDay);
  seconds = wrapping_add(seconds, wrapping_multiply(hour, 3600));
  seconds = wrapping_add(seconds, wrapping_multiply(minute, 60));
  seconds = wrapping_add(wrapping_add(seconds, second), -zone_of.offset);
  GoTime time = zone_of;
  time.seconds = seconds;
  time.nanoseconds = nanoseconds;
  time.monotonic = 0;
  return time;
}

std::string_view month_name(int64_t month) {
  return month >= 1 && month <= 12 ? kMonthNames[static_cast<size_t>(month - 1)] : std::string_view();
}

std::string_view weekday_name(int64_t weekday) {
  return weekday >= 0 && weekday <= 6 ? kWeekdayNames[static_cast<size_t>(weekday)] : std::string_view();
}

int iso_week(const GoTime& time, int64_t& year) {
  // The ISO week belongs to the year of its Thursday.
  const Clock clock = clock_of(time);
  const Clock thursday = clock_of(add_date(time, 0, 0, 4 - (clock.weekday == 0 ? 7 : clock.weekday)));
  year = thursday.year;
  return (thursday.year_day - 1) / 7 + 1;
}

GoTime add(const GoTime& time, Duration duration) {
  GoTime result = time;
  int64_t nanoseconds = time.nanoseconds + duration % kSecond;
  int64_t seconds = duration / kSecond;
  if (nanoseconds >= kSecond) {
    ++seconds;
    nanoseconds -= kSecond;
  } else if (nanoseconds < 0) {
    --seconds;
    nanoseconds += kSecond;
  }
  result.seconds = wrapping_add(time.seconds, seconds);
  result.nanoseconds = static_cast<int32_t>(nanoseconds);
  if (time.monotonic != 0) result.monotonic = wrapping_add(time.monotonic, duration);
  return result;
}

GoTime add_date(const GoTime& time, int64_t years, int64_t months, int64_t days) {
  const Clock clock = clock_of(time);
  return from_clock(wrapping_add(clock.year, years), wrapping_add(clock.month, months), wrapping_add(clock.day, days),
                    clock.hour, clock.minute, clock.second, time.nanoseconds, time);
}

Duration subtract(const GoTime& a, const GoTime& b) {
  const __int128 difference = (static_cast<__int128>(a.seconds) - b.seconds) * kSecond + (a.nanoseconds - b.nanoseconds);
  if (difference > std::numeric_limits<Duration>::max()) return std::numeric_limits<Duration>::max();
  if (difference < std::numeric_limits<Duration>::min()) return std::numeric_limits<Duration>::min();
  return static_cast<Duration>(difference);
}

GoTime truncate(const GoTime& time, Duration multiple) {
  GoTime result = time;
  result.monotonic = 0;
  return multiple <= 0 ? result : add(result, -remainder_since_zero(time, multiple));
}

GoTime round(const GoTime& time, Duration multiple) {
  GoTime result = time;
  result.monotonic = 0;
  if (multiple <= 0) return result;
  const Duration remainder = remainder_since_zero(time, multiple);
  const bool below_half = static_cast<uint64_t>(remainder) * 2 < static_cast<uint64_t>(multiple);
  return add(result, below_half ? -remainder : multiple - remainder);
}

GoTime in_zone(const GoTime& time, std::string_view zone) {
  GoTime result = time;
  result.offset = 0;
  std::strcpy(result.zone, "UTC");
  if (zone.empty() || zone == "UTC" || zone == "Local") return result;
  const date::time_zone* found = find_zone(zone);
  if (found == nullptr) return result;
  try {
    const auto info = found->get_info(date::sys_seconds(std::chrono::seconds(time.seconds)));
    result.offset = static_cast<int32_t>(info.offset.count());
    const size_t size = std::min(info.abbrev.size(), sizeof(result.zone) - 1);
    std::memcpy(result.zone, info.abbrev.data(), size);
    result.zone[size] = '\0';
  } catch (const std::runtime_error&) {
    return result;
  }
  return result;
}

std::string format_time(const GoTime& time, std::string_view layout) {
  const Clock clock = clock_of(time);
  std::string out;
  while (!layout.empty()) {
    const LayoutChunk chunk = next_chunk(layout);
    out += chunk.prefix;
    if (chunk.unit == LayoutUnit::kNone) break;
    append_unit(out, time, clock, chunk);
    layout = chunk.suffix;
  }
  return out;
}

std::string time_to_string(const GoTime& time) {
  std::string text = format_time(time, "2006-01-02 15:04:05.999999999 -0700 MST");
  if (time.monotonic == 0) return text;
  const uint64_t reading =
      time.monotonic < 0 ? -static_cast<uint64_t>(time.monotonic) : static_cast<uint64_t>(time.monotonic);
  text += time.monotonic < 0 ? " m=-" : " m=+";
  text += std::to_string(reading / kSecond);
  text += '.';
  append_padded(text, static_cast<int64_t>(reading % kSecond), 9);
  return text;
}

std::string time_to_go_string(const GoTime& time) {
  const Clock clock = clock_of(time);
  std::string text = "time.Date(" + std::to_string(clock.year) + ", time." + std::string(month_name(clock.month));
  for (const int64_t part : {int64_t{clock.day}, int64_t{clock.hour}, int64_t{clock.minute}, int64_t{clock.second},
                             int64_t{time.nanoseconds}}) {
    text += ", " + std::to_string(part);
  }
  const bool utc = time.offset == 0 && std::string_view(time.zone) == "UTC";
  return text + (utc ? ", time.UTC)" : ", time.Location(" + quote_time_text(time.zone) + "))");
}

Result<std::string> time_to_json(const GoTime& time) {
  const int64_t year = clock_of(time).year;
  if (year < 0 || year > 9999) {
    return fail(ErrorCode::kEvaluation, "Time.MarshalJSON: year outside of range [0,9999]");
  }
  if (std::abs(time.offset) >= 24 * 3600) {
    return fail(ErrorCode::kEvaluation, "Time.MarshalJSON: timezone hour outside of range [0,23]");
  }
  return format_time(time, "2006-01-02T15:04:05.999999999Z07:00");
}

std::string quote_time_text(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x80) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace plimsoll::tmpl
