// Time zones by name, as Go's time.LoadLocation finds them: from the system's zoneinfo files (RFC 8536).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "engine/cel/runtime/time.h"

namespace plimsoll::cel {

// Seconds east of UTC at `time` in the zone: "", "UTC", "Europe/Berlin", or an offset "+02:00", "-8:30". The error is Go's message:
// "unknown time zone Mars/Phobos".
std::expected<int64_t, std::string> zone_offset(std::string_view zone, const Time& time);

}  // namespace plimsoll::cel
