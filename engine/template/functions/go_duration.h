// Go's time.Duration: nanoseconds in an int64, read and printed as Go does.
//
//   parse_duration("1h15m30.5s");         // 4530500000000
//   format_duration(4530500000000);       // "1h15m30.5s"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/value/error.h"

namespace plimsoll::tmpl {

using Duration = int64_t;

inline constexpr Duration kMicrosecond = 1'000;
inline constexpr Duration kMillisecond = 1'000'000;
inline constexpr Duration kSecond = 1'000'000'000;
inline constexpr Duration kMinute = 60 * kSecond;
inline constexpr Duration kHour = 60 * kMinute;

// As time.ParseDuration; the error has Go's words ("time: missing unit in duration \"5\"").
Result<Duration> parse_duration(std::string_view text);
// As Duration.String.
std::string format_duration(Duration duration);
// As Duration.Round and Duration.Truncate; `multiple` <= 0 leaves the duration as it is.
Duration round_duration(Duration duration, Duration multiple);
Duration truncate_duration(Duration duration, Duration multiple);
// sprig's durationRound: the largest unit that fits, "3mo", "2h", "0s".
std::string round_to_largest_unit(Duration duration);

}  // namespace plimsoll::tmpl
