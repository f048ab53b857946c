// The pieces of a Go time layout ("2006-01-02T15:04:05Z07:00"), shared by formatting and parsing.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace plimsoll::tmpl {

enum class LayoutUnit : uint8_t {
  kNone,
  kLongMonth,               // January
  kMonth,                   // Jan
  kNumberMonth,             // 1
  kZeroMonth,               // 01
  kLongWeekday,             // Monday
  kWeekday,                 // Mon
  kDay,                     // 2
  kSpaceDay,                // _2
  kZeroDay,                 // 02
  kSpaceYearDay,            // __2
  kZeroYearDay,             // 002
  kHour24,                  // 15
  kHour12,                  // 3
  kZeroHour12,              // 03
  kPlainMinute,             // 4
  kZeroMinute,              // 04
  kPlainSecond,             // 5
  kZeroSecond,              // 05
  kLongYear,                // 2006
  kYear,                    // 06
  kUpperPm,                 // PM
  kLowerPm,                 // pm
  kZone,                    // MST
  kIsoZone,                 // Z0700, prints Z for UTC
  kIsoSecondsZone,          // Z070000
  kIsoShortZone,            // Z07
  kIsoColonZone,            // Z07:00
  kIsoColonSecondsZone,     // Z07:00:00
  kNumberZone,              // -0700
  kNumberSecondsZone,       // -070000
  kNumberShortZone,         // -07
  kNumberColonZone,         // -07:00
  kNumberColonSecondsZone,  // -07:00:00
  kFractionZeros,           // .000, trailing zeros kept
  kFractionNines,           // .999, trailing zeros dropped
};

struct LayoutChunk {
  std::string_view prefix;  // literal text before the unit
  LayoutUnit unit = LayoutUnit::kNone;
  std::string_view text;    // of the unit
  std::string_view suffix;  // what follows
};

// The first unit in `layout`; without one, all of it is prefix.
LayoutChunk next_chunk(std::string_view layout);

inline constexpr std::array<std::string_view, 12> kMonthNames = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
inline constexpr std::array<std::string_view, 7> kWeekdayNames = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                                  "Thursday", "Friday", "Saturday"};

// How a numeric zone is written.
struct ZoneStyle {
  bool iso;      // 'Z' for UTC
  bool minutes;
  bool seconds;
  bool colons;
};
// False if `unit` is no numeric zone.
bool zone_style(LayoutUnit unit, ZoneStyle& style);

}  // namespace plimsoll::tmpl
