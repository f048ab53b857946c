// Points in time and durations as CEL has them: Go's time package, limited to years 1 to 9999.
//
//   std::optional<Time> t = parse_time("2020-01-01T00:00:00+02:00");
//   format_time(*t);                     // "2020-01-01T00:00:00+02:00": the offset is kept for printing
//   parse_duration("1h30m");             // 5400000000000 ns
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::cel {

inline constexpr int64_t kMinUnixSeconds = -62135596800;  // 0001-01-01T00:00:00Z
inline constexpr int64_t kMaxUnixSeconds = 253402300799;  // 9999-12-31T23:59:59Z

struct Time {
  int64_t seconds = 0;      // since 1970-01-01T00:00:00Z
  int32_t nanoseconds = 0;  // 0 to 999999999
  int32_t offset = 0;       // seconds east of UTC that format_time() shows; no part of the value

  friend bool operator==(const Time& a, const Time& b) { return a.seconds == b.seconds && a.nanoseconds == b.nanoseconds; }
  friend bool operator<(const Time& a, const Time& b) {
    return a.seconds != b.seconds ? a.seconds < b.seconds : a.nanoseconds < b.nanoseconds;
  }
  bool in_range() const { return seconds >= kMinUnixSeconds && seconds <= kMaxUnixSeconds; }
};

// Calendar fields at an offset from UTC.
struct CivilTime {
  int64_t year;
  int month, day;  // from 1
  int hour, minute, second;
  int weekday;   // Sunday is 0
  int year_day;  // from 0
};
CivilTime civil_time(const Time& time, int64_t offset_seconds);
int64_t days_from_civil(int64_t year, int month, int day);

// RFC 3339 as Go's time.Parse reads it (one-digit hours and a comma before the fraction pass). Not yet checked against CEL's range.
std::optional<Time> parse_time(std::string_view text);
// RFC3339Nano: trailing zeros of the fraction dropped.
std::string format_time(const Time& time);

// Go's time.ParseDuration: "1h2m3.5s", "-1.5h", "100us".
std::optional<int64_t> parse_duration(std::string_view text);
// Seconds with as many decimals as needed: "5400s", "0.001s".
std::string format_duration(int64_t nanoseconds);
// Go's Duration.String(): "1h30m0s".
std::string go_duration(int64_t nanoseconds);

// nullopt: beyond int64 seconds (cel-go: "integer overflow").
std::optional<Time> add_duration(const Time& time, int64_t nanoseconds);
std::optional<int64_t> subtract_times(const Time& a, const Time& b);

}  // namespace plimsoll::cel
