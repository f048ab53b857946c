// Go's time.Time: an instant with a zone offset, printed and read with Go's reference layouts.
//
//   Result<GoTime> day = parse_time("2006-01-02", "2024-02-29");
//   format_time(*day, "Mon 02 Jan");                      // "Thu 29 Feb"
//   format_time(in_zone(*day, "Asia/Tokyo"), "15:04 MST");  // "09:00 JST"
//
// The local zone of a render is UTC: what a chart prints does not depend on the machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/template/functions/go_duration.h"
#include "engine/value/error.h"

namespace plimsoll::tmpl {

struct GoTime {
  int64_t seconds = 0;      // since 1970-01-01 00:00:00 UTC
  int32_t nanoseconds = 0;  // 0 .. 999,999,999
  int32_t offset = 0;       // seconds east of UTC
  char zone[16] = "UTC";    // abbreviation; empty prints as the numeric offset
  // Reading of the monotonic clock in nanoseconds, which String() shows for times that come from the clock; 0: none.
  int64_t monotonic = 0;

  friend bool operator==(const GoTime& a, const GoTime& b) {
    return a.seconds == b.seconds && a.nanoseconds == b.nanoseconds;
  }
  friend auto operator<=>(const GoTime& a, const GoTime& b) {
    return a.seconds != b.seconds ? a.seconds <=> b.seconds : a.nanoseconds <=> b.nanoseconds;
  }
};

// Year 1, January 1, 00:00:00 UTC: Go's zero time.
inline constexpr int64_t kZeroTimeSeconds = -62'135'596'800;
inline GoTime zero_time() { return {.seconds = kZeroTimeSeconds}; }
inline bool is_zero(const GoTime& time) { return time.seconds == kZeroTimeSeconds && time.nanoseconds == 0; }

// The wall clock that a time shows in its zone.
struct Clock {
  int64_t year;
  int month;  // 1 .. 12
  int day;
  int hour;
  int minute;
  int second;
  int weekday;   // 0: Sunday
  int year_day;  // 1 .. 366
};
Clock clock_of(const GoTime& time);
// Out-of-range fields roll over, as in time.Date; the zone is that of `zone_of`.
GoTime from_clock(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute, int64_t second,
                  int32_t nanoseconds, const GoTime& zone_of);

std::string_view month_name(int64_t month);      // 1 .. 12, else empty
std::string_view weekday_name(int64_t weekday);  // 0 .. 6, else empty
// As Time.ISOWeek's second result; `year` receives the first.
int iso_week(const GoTime& time, int64_t& year);

GoTime add(const GoTime& time, Duration duration);
GoTime add_date(const GoTime& time, int64_t years, int64_t months, int64_t days);
// a - b, saturating.
Duration subtract(const GoTime& a, const GoTime& b);
// As Time.Truncate and Time.Round: multiples count from the zero time.
GoTime truncate(const GoTime& time, Duration multiple);
GoTime round(const GoTime& time, Duration multiple);

// As time.LoadLocation and Time.In; an unknown zone is UTC, which is what sprig falls back to.
GoTime in_zone(const GoTime& time, std::string_view zone);

// As Time.Format.
std::string format_time(const GoTime& time, std::string_view layout);
// As Time.String and Time.GoString.
std::string time_to_string(const GoTime& time);
std::string time_to_go_string(const GoTime& time);
// As Time.MarshalJSON without its quotes (RFC 3339 with nanoseconds); an error for years beyond 9999.
Result<std::string> time_to_json(const GoTime& time);
// As time.ParseInLocation(layout, value, UTC); the error is Go's ParseError text.
Result<GoTime> parse_time(std::string_view layout, std::string_view value);

// Quotes as package time does in its errors (not quite strconv.Quote).
std::string quote_time_text(std::string_view text);

}  // namespace plimsoll::tmpl
