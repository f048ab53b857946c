// Calendar fields of timestamps, in UTC or a given zone, and whole units of durations.
#include "engine/cel/functions.h"
#include "engine/cel/runtime/time_zone.h"

namespace plimsoll::cel {

namespace {

enum class Part { kYear, kMonth, kDayOfYear, kDayOfMonth, kDate, kDayOfWeek, kHours, kMinutes, kSeconds, kMilliseconds };

int64_t part_of(Part part, const Time& time, int64_t offset) {
  if (part == Part::kMilliseconds) return time.nanoseconds / 1'000'000;
  const CivilTime civil = civil_time(time, offset);
  switch (part) {
    case Part::kYear: return civil.year;
    case Part::kMonth: return civil.month - 1;
    case Part::kDayOfYear: return civil.year_day;
    case Part::kDayOfMonth: return civil.day - 1;
    case Part::kDate: return civil.day;
    case Part::kDayOfWeek: return civil.weekday;
    case Part::kHours: return civil.hour;
    case Part::kMinutes: return civil.minute;
    default: return civil.second;
  }
}

template <Part kPart>
Value get(Frame& frame, const Value* arguments, size_t count) {
  const Time& time = arguments[0].as<TimestampValue>()->time;
  if (count == 1) return Value::integer(part_of(kPart, time, 0));
  const auto offset = zone_offset(arguments[1].as_string(), time);
  if (!offset) return frame.error(offset.error());
  return Value::integer(part_of(kPart, time, *offset));
}

// Towards zero. cel-go goes by way of double, which makes no difference in range.
template <int64_t kUnit>
Value whole(Frame&, const Value* arguments, size_t) {
  return Value::integer(arguments[0].as<DurationValue>()->nanoseconds / kUnit);
}

constexpr Binding kBindings[] = {
    {"timestamp_to_year", get<Part::kYear>},
    {"timestamp_to_year_with_tz", get<Part::kYear>},
    {"timestamp_to_month", get<Part::kMonth>},
    {"timestamp_to_month_with_tz", get<Part::kMonth>},
    {"timestamp_to_day_of_year", get<Part::kDayOfYear>},
    {"timestamp_to_day_of_year_with_tz", get<Part::kDayOfYear>},
    {"timestamp_to_day_of_month", get<Part::kDayOfMonth>},
    {"timestamp_to_day_of_month_with_tz", get<Part::kDayOfMonth>},
    {"timestamp_to_day_of_month_1_based", get<Part::kDate>},
    {"timestamp_to_day_of_month_1_based_with_tz", get<Part::kDate>},
    {"timestamp_to_day_of_week", get<Part::kDayOfWeek>},
    {"timestamp_to_day_of_week_with_tz", get<Part::kDayOfWeek>},
    {"timestamp_to_hours", get<Part::kHours>},
    {"timestamp_to_hours_with_tz", get<Part::kHours>},
    {"timestamp_to_minutes", get<Part::kMinutes>},
    {"timestamp_to_minutes_with_tz", get<Part::kMinutes>},
    {"timestamp_to_seconds", get<Part::kSeconds>},
    {"timestamp_to_seconds_tz", get<Part::kSeconds>},
    {"timestamp_to_milliseconds", get<Part::kMilliseconds>},
    {"timestamp_to_milliseconds_with_tz", get<Part::kMilliseconds>},
    {"duration_to_hours", whole<3'600'000'000'000>},
    {"duration_to_minutes", whole<60'000'000'000>},
    {"duration_to_seconds", whole<1'000'000'000>},
    {"duration_to_milliseconds", whole<1'000'000>},
};

}  // namespace

std::span<const Binding> functions::times() { return kBindings; }

}  // namespace plimsoll::cel
