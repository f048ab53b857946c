// Dates and durations.
#include "engine/template/functions/date_objects.h"
#include "engine/template/functions/families.h"
#include "engine/template/functions/go_number.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

// A time, or seconds since 1970 as int, int64 or int32; anything else, numbers from values files (float64) included, is now.
GoTime time_from(CallContext& context, const Value& value, bool int32_too = true) {
  if (const auto* time = value.as<TimeObject>()) return time->time;
  const GoType type = go_type(value);
  if (type == GoType::kInt64 || type == GoType::kInt || (int32_too && type == GoType::kInt32)) {
    return in_zone({.seconds = value.as_int()}, context.host.local_time_zone());
  }
  return current_time(context.host);
}

Result<Value> format_in(CallContext& context, std::string_view layout, const Value& date, std::string_view zone) {
  const GoTime time = in_zone(time_from(context, date), zone == "Local" ? context.host.local_time_zone() : zone);
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, layout.size() * 9));
  return context.text(format_time(time, layout));
}

constexpr std::string_view kDateLayout = "2006-01-02";

Result<Value> now(CallContext& context, Args) { return make_time(context.arena, current_time(context.host)); }

Result<Value> date(CallContext& context, Args args) {
  return format_in(context, args[0].as_string(), args[1], "Local");
}
Result<Value> date_in_zone(CallContext& context, Args args) {
  return format_in(context, args[0].as_string(), args[1], args[2].as_string());
}
Result<Value> html_date(CallContext& context, Args args) { return format_in(context, kDateLayout, args[0], "Local"); }
Result<Value> html_date_in_zone(CallContext& context, Args args) {
  return format_in(context, kDateLayout, args[0], args[1].as_string());
}

Result<Value> date_modify(CallContext& context, Args args) {
  const Result<Duration> duration = parse_duration(args[0].as_string());
  if (!duration) return args[1];
  return make_time(context.arena, add(args[1].as<TimeObject>()->time, *duration));
}

Result<Value> must_date_modify(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Duration duration, parse_duration(args[0].as_string()));
  return make_time(context.arena, add(args[1].as<TimeObject>()->time, duration));
}

Result<Value> to_date(CallContext& context, Args args) {
  const Result<GoTime> time = parse_time(args[0].as_string(), args[1].as_string());
  return make_time(context.arena, time ? *time : zero_time());
}

Result<Value> must_to_date(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const GoTime time, parse_time(args[0].as_string(), args[1].as_string()));
  return make_time(context.arena, time);
}

Result<Value> unix_epoch(CallContext& context, Args args) {
  return context.text(std::to_string(args[0].as<TimeObject>()->time.seconds));
}

Duration since(CallContext& context, const GoTime& time) { return subtract(current_time(context.host), time); }

Result<Value> ago(CallContext& context, Args args) {
  return context.text(format_duration(round_duration(since(context, time_from(context, args[0], false)), kSecond)));
}

Result<Value> duration_function(CallContext& context, Args args) {
  int64_t seconds = 0;
  if (args[0].is_string()) {
    seconds = parse_int(args[0].as_string(), 10).value;
  } else if (go_type(args[0]) == GoType::kInt64) {
    seconds = args[0].as_int();
  }
  const uint64_t nanoseconds = static_cast<uint64_t>(seconds) * static_cast<uint64_t>(kSecond);
  return context.text(format_duration(static_cast<Duration>(nanoseconds)));
}

Result<Value> duration_round(CallContext& context, Args args) {
  Duration duration = 0;
  if (args[0].is_string()) {
    duration = parse_duration(args[0].as_string()).value_or(0);
  } else if (go_type(args[0]) == GoType::kInt64) {
    duration = args[0].as_int();
  } else if (const auto* time = args[0].as<TimeObject>()) {
    duration = since(context, time->time);
  }
  return context.text(round_to_largest_unit(duration));
}

constexpr Function kFunctions[] = {
    {"now", "() time.Time", "The current time.", now, Trace::kNone},
    {"date", "(string, interface {}) string", "A time in Go's layout: date \"2006-01-02\" now.", date},
    {"dateInZone", "(string, interface {}, string) string", "As date, in a time zone: dateInZone \"15:04\" now \"UTC\".", date_in_zone},
    {"date_in_zone", "(string, interface {}, string) string", "The old name of dateInZone.", date_in_zone},
    {"htmlDate", "(interface {}) string", "The date for an HTML date field: 2006-01-02.", html_date},
    {"htmlDateInZone", "(interface {}, string) string", "As htmlDate, in a time zone.", html_date_in_zone},
    {"dateModify", "(string, time.Time) time.Time", "A time moved by a duration: now | dateModify \"-1.5h\".", date_modify},
    {"date_modify", "(string, time.Time) time.Time", "The old name of dateModify.", date_modify},
    {"mustDateModify", "(string, time.Time) (time.Time, error)", "As dateModify, with an error for a wrong duration.", must_date_modify},
    {"must_date_modify", "(string, time.Time) (time.Time, error)", "The old name of mustDateModify.", must_date_modify},
    {"toDate", "(string, string) time.Time", "The time that text in Go's layout means: toDate \"2006-01-02\" \"2024-02-29\".", to_date},
    {"mustToDate", "(string, string) (time.Time, error)", "As toDate, with an error for what does not match.", must_to_date},
    {"unixEpoch", "(time.Time) string", "Seconds since 1970, as text.", unix_epoch},
    {"ago", "(interface {}) string", "How long ago a time is: \"2h34m7s\".", ago},
    {"duration", "(interface {}) string", "Seconds as a duration: duration \"95\" == \"1m35s\".", duration_function},
    {"durationRound", "(interface {}) string", "A duration in its largest unit: durationRound \"2400h\" == \"3mo\".", duration_round},
};

}  // namespace

FunctionFamily date_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
