#include "engine/template/functions/date_objects.h"

#include <cmath>
#include <limits>

#include "engine/template/function.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

const GoTime& time_of(const Value& value) { return value.as<TimeObject>()->time; }
Value int_result(int64_t number) { return go_int(number); }

Result<Value> year(CallContext&, Args args) { return int_result(clock_of(time_of(args[0])).year); }
Result<Value> month(CallContext&, Args args) {
  return Value::integer(clock_of(time_of(args[0])).month).with_flavour(flavour(GoType::kMonth));
}
Result<Value> day(CallContext&, Args args) { return int_result(clock_of(time_of(args[0])).day); }
Result<Value> hour(CallContext&, Args args) { return int_result(clock_of(time_of(args[0])).hour); }
Result<Value> minute(CallContext&, Args args) { return int_result(clock_of(time_of(args[0])).minute); }
Result<Value> second(CallContext&, Args args) { return int_result(clock_of(time_of(args[0])).second); }
Result<Value> nanosecond(CallContext&, Args args) { return int_result(time_of(args[0]).nanoseconds); }
Result<Value> weekday(CallContext&, Args args) {
  return Value::integer(clock_of(time_of(args[0])).weekday).with_flavour(flavour(GoType::kWeekday));
}
Result<Value> year_day(CallContext&, Args args) { return int_result(clock_of(time_of(args[0])).year_day); }

// Unix time in units of which a second has `per_second`, wrapping as Go's does.
template <int64_t kPerSecond>
Result<Value> unix_time(CallContext&, Args args) {
  const GoTime& time = time_of(args[0]);
  const uint64_t whole = static_cast<uint64_t>(time.seconds) * static_cast<uint64_t>(kPerSecond);
  const int64_t part = time.nanoseconds / (kSecond / kPerSecond);
  return Value::integer(static_cast<int64_t>(whole + static_cast<uint64_t>(part)));
}

Result<Value> is_zero_method(CallContext&, Args args) { return Value::boolean(is_zero(time_of(args[0]))); }
Result<Value> format(CallContext& context, Args args) {
  return context.text(format_time(time_of(args[0]), args[1].as_string()));
}
Result<Value> string(CallContext& context, Args args) { return context.text(time_to_string(time_of(args[0]))); }
Result<Value> go_string(CallContext& context, Args args) { return context.text(time_to_go_string(time_of(args[0]))); }
Result<Value> after(CallContext&, Args args) { return Value::boolean(time_of(args[0]) > time_of(args[1])); }
Result<Value> before(CallContext&, Args args) { return Value::boolean(time_of(args[0]) < time_of(args[1])); }
Result<Value> equal_method(CallContext&, Args args) { return Value::boolean(time_of(args[0]) == time_of(args[1])); }
Result<Value> compare(CallContext&, Args args) {
  const auto order = time_of(args[0]) <=> time_of(args[1]);
  return int_result(order < 0 ? -1 : order > 0 ? 1 : 0);
}
Result<Value> sub(CallContext&, Args args) { return make_duration(subtract(time_of(args[0]), time_of(args[1]))); }
Result<Value> add_method(CallContext& context, Args args) {
  return make_time(context.arena, add(time_of(args[0]), args[1].as_int()));
}
Result<Value> add_date_method(CallContext& context, Args args) {
  return make_time(context.arena, add_date(time_of(args[0]), args[1].as_int(), args[2].as_int(), args[3].as_int()));
}
Result<Value> truncate_method(CallContext& context, Args args) {
  return make_time(context.arena, truncate(time_of(args[0]), args[1].as_int()));
}
Result<Value> round_method(CallContext& context, Args args) {
  return make_time(context.arena, round(time_of(args[0]), args[1].as_int()));
}
Result<Value> in_utc(CallContext& context, Args args) { return make_time(context.arena, in_zone(time_of(args[0]), "UTC")); }
Result<Value> in_local(CallContext& context, Args args) {
  return make_time(context.arena, in_zone(time_of(args[0]), context.host.local_time_zone()));
}
Result<Value> is_daylight_saving(CallContext&, Args) { return Value::boolean(false); }
Result<Value> marshal_text(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, time_to_json(time_of(args[0])));
  return Value::bytes(context.arena.copy(text));
}
Result<Value> marshal_json(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, time_to_json(time_of(args[0])));
  return Value::bytes(context.arena.copy('"' + text + '"'));
}

constexpr GoMethod kTimeMethods[] = {
    {"Add", "(time.Duration) time.Time", add_method},
    {"AddDate", "(int, int, int) time.Time", add_date_method},
    {"After", "(time.Time) bool", after},
    {"Before", "(time.Time) bool", before},
    {"Compare", "(time.Time) int", compare},
    {"Day", "() int", day},
    {"Equal", "(time.Time) bool", equal_method},
    {"Format", "(string) string", format},
    {"GoString", "() string", go_string},
    {"Hour", "() int", hour},
    {"IsDST", "() bool", is_daylight_saving},
    {"IsZero", "() bool", is_zero_method},
    {"Local", "() time.Time", in_local},
    {"MarshalJSON", "() ([]byte, error)", marshal_json},
    {"MarshalText", "() ([]byte, error)", marshal_text},
    {"Minute", "() int", minute},
    {"Month", "() time.Month", month},
    {"Nanosecond", "() int", nanosecond},
    {"Round", "(time.Duration) time.Time", round_method},
    {"Second", "() int", second},
    {"String", "() string", string},
    {"Sub", "(time.Time) time.Duration", sub},
    {"Truncate", "(time.Duration) time.Time", truncate_method},
    {"UTC", "() time.Time", in_utc},
    {"Unix", "() int64", unix_time<1>},
    {"UnixMicro", "() int64", unix_time<1'000'000>},
    {"UnixMilli", "() int64", unix_time<1'000>},
    {"UnixNano", "() int64", unix_time<1'000'000'000>},
    {"Weekday", "() time.Weekday", weekday},
    {"Year", "() int", year},
    {"YearDay", "() int", year_day},
};

// Whole units first, so that large durations keep their fraction, as Go computes it.
template <int64_t kUnit>
Result<Value> in_units(CallContext&, Args args) {
  const int64_t duration = args[0].as_int();
  return Value::real(static_cast<double>(duration / kUnit) +
                     static_cast<double>(duration % kUnit) / static_cast<double>(kUnit));
}
template <int64_t kUnit>
Result<Value> in_whole_units(CallContext&, Args args) {
  return Value::integer(args[0].as_int() / kUnit);
}
Result<Value> duration_string(CallContext& context, Args args) {
  return context.text(format_duration(args[0].as_int()));
}
Result<Value> duration_round(CallContext&, Args args) {
  return make_duration(round_duration(args[0].as_int(), args[1].as_int()));
}
Result<Value> duration_truncate(CallContext&, Args args) {
  return make_duration(truncate_duration(args[0].as_int(), args[1].as_int()));
}
Result<Value> duration_abs(CallContext&, Args args) {
  const int64_t duration = args[0].as_int();
  if (duration == std::numeric_limits<int64_t>::min()) return make_duration(std::numeric_limits<int64_t>::max());
  return make_duration(std::abs(duration));
}

constexpr GoMethod kDurationMethods[] = {
    {"Abs", "() time.Duration", duration_abs},
    {"Hours", "() float64", in_units<kHour>},
    {"Microseconds", "() int64", in_whole_units<kMicrosecond>},
    {"Milliseconds", "() int64", in_whole_units<kMillisecond>},
    {"Minutes", "() float64", in_units<kMinute>},
    {"Nanoseconds", "() int64", in_whole_units<1>},
    {"Round", "(time.Duration) time.Duration", duration_round},
    {"Seconds", "() float64", in_units<kSecond>},
    {"String", "() string", duration_string},
    {"Truncate", "(time.Duration) time.Duration", duration_truncate},
};

Result<Value> month_string(CallContext& context, Args args) {
  const int64_t number = args[0].as_int();
  const std::string_view name = month_name(number);
  return name.empty() ? context.text("%!Month(" + std::to_string(number) + ")") : Value::string(name);
}
constexpr GoMethod kMonthMethods[] = {{"String", "() string", month_string}};

Result<Value> weekday_string(CallContext& context, Args args) {
  const int64_t number = args[0].as_int();
  const std::string_view name = weekday_name(number);
  return name.empty() ? context.text("%!Weekday(" + std::to_string(number) + ")") : Value::string(name);
}
constexpr GoMethod kWeekdayMethods[] = {{"String", "() string", weekday_string}};

std::string print_time(const GoObject& object) { return time_to_string(static_cast<const TimeObject&>(object).time); }

Result<Value> time_as_json(Arena& arena, const GoObject& object) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, time_to_json(static_cast<const TimeObject&>(object).time));
  return Value::string(arena.copy(text));
}

bool same_time(const GoObject& a, const GoObject& b) {
  const GoTime& x = static_cast<const TimeObject&>(a).time;
  const GoTime& y = static_cast<const TimeObject&>(b).time;
  return x == y && x.offset == y.offset && std::string_view(x.zone) == y.zone;
}

}  // namespace

constinit const GoObjectType TimeObject::kType{{"time.Time"},
                                               GoKind::kStruct,
                                               {},
                                               kTimeMethods,
                                               print_time,
                                               false,
                                               time_as_json,
                                               same_time,
                                               nullptr,
                                               nullptr};

Value make_time(Arena& arena, const GoTime& time) {
  auto* object = arena.make<TimeObject>();
  object->type = &TimeObject::kType;
  object->time = time;
  return Value::extension(object);
}

GoTime current_time(Host& host) {
  const int64_t now = host.now();
  GoTime time;
  time.seconds = now / kSecond - (now % kSecond < 0 ? 1 : 0);
  time.nanoseconds = static_cast<int32_t>(now - time.seconds * kSecond);
  // Go adds the reading of a second clock, whose figure means nothing to anybody, when it prints the time as a whole.
  time.monotonic = kMillisecond;
  return in_zone(time, host.local_time_zone());
}

std::span<const GoMethod> time_methods(GoType type) {
  switch (type) {
    case GoType::kDuration: return kDurationMethods;
    case GoType::kMonth: return kMonthMethods;
    case GoType::kWeekday: return kWeekdayMethods;
    default: return {};
  }
}

}  // namespace plimsoll::tmpl
