// int(), string(), type() and the other conversions of the specification.
#include <cmath>

#include "engine/cel/functions.h"
#include "engine/cel/runtime/numbers.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {

namespace {

Value identity(Frame&, const Value* arguments, size_t) { return arguments[0]; }

Value refuse(Frame& frame, const Value& from, std::string_view to) {
  return frame.error("type conversion error from '" + std::string(type_name(from)) + "' to '" + std::string(to) + "'");
}

Value to_type(Frame& frame, const Value* arguments, size_t) {
  const Value& value = arguments[0];
  // The type of an Object{...} is not among those that can be named.
  if (value.as<ObjectValue>() != nullptr || value.as<JsonPatchValue>() != nullptr) return make_type(frame.arena(), "type");
  return make_type(frame.arena(), type_name(value));
}

Value string_to_bool(Frame& frame, const Value* arguments, size_t) {
  // Go's strconv.ParseBool
  constexpr std::string_view kTrue[] = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::string_view kFalse[] = {"0", "f", "F", "false", "FALSE", "False"};
  for (const std::string_view word : kTrue) {
    if (arguments[0].as_string() == word) return Value::boolean(true);
  }
  for (const std::string_view word : kFalse) {
    if (arguments[0].as_string() == word) return Value::boolean(false);
  }
  return refuse(frame, arguments[0], "bool");
}

Value string_to_bytes(Frame&, const Value* arguments, size_t) { return Value::bytes(arguments[0].as_string()); }

Value bytes_to_string(Frame& frame, const Value* arguments, size_t) {
  if (!utf8::is_valid(arguments[0].as_bytes())) return frame.error("invalid UTF-8 in bytes, cannot convert to string");
  return Value::string(arguments[0].as_bytes());
}

Value int_to_double(Frame&, const Value* arguments, size_t) { return Value::real(static_cast<double>(arguments[0].as_int())); }
Value uint_to_double(Frame&, const Value* arguments, size_t) { return Value::real(static_cast<double>(arguments[0].as_uint())); }
Value string_to_double(Frame& frame, const Value* arguments, size_t) {
  const std::optional<double> value = parse_double(arguments[0].as_string());
  return value ? Value::real(*value) : refuse(frame, arguments[0], "double");
}

Value double_to_int(Frame& frame, const Value* arguments, size_t) {
  const std::optional<int64_t> value = cel::double_to_int(arguments[0].as_double());
  return value ? Value::integer(*value) : frame.error("integer overflow");
}
Value uint_to_int(Frame& frame, const Value* arguments, size_t) {
  if (arguments[0].as_uint() > static_cast<uint64_t>(INT64_MAX)) return frame.error("integer overflow");
  return Value::integer(static_cast<int64_t>(arguments[0].as_uint()));
}
Value string_to_int(Frame& frame, const Value* arguments, size_t) {
  const std::optional<int64_t> value = parse_int(arguments[0].as_string());
  return value ? Value::integer(*value) : refuse(frame, arguments[0], "int");
}
Value duration_to_int(Frame&, const Value* arguments, size_t) { return Value::integer(arguments[0].as<DurationValue>()->nanoseconds); }
Value timestamp_to_int(Frame&, const Value* arguments, size_t) { return Value::integer(arguments[0].as<TimestampValue>()->time.seconds); }

Value double_to_uint(Frame& frame, const Value* arguments, size_t) {
  const std::optional<uint64_t> value = cel::double_to_uint(arguments[0].as_double());
  return value ? Value::uinteger(*value) : frame.error("unsigned integer overflow");
}
Value int_to_uint(Frame& frame, const Value* arguments, size_t) {
  if (arguments[0].as_int() < 0) return frame.error("unsigned integer overflow");
  return Value::uinteger(static_cast<uint64_t>(arguments[0].as_int()));
}
Value string_to_uint(Frame& frame, const Value* arguments, size_t) {
  const std::optional<uint64_t> value = parse_uint(arguments[0].as_string());
  return value ? Value::uinteger(*value) : refuse(frame, arguments[0], "uint");
}

Value bool_to_string(Frame&, const Value* arguments, size_t) { return Value::string(arguments[0].as_bool() ? "true" : "false"); }
Value int_to_string(Frame& frame, const Value* arguments, size_t) { return frame.string(std::to_string(arguments[0].as_int())); }
Value uint_to_string(Frame& frame, const Value* arguments, size_t) { return frame.string(std::to_string(arguments[0].as_uint())); }
Value double_to_string(Frame& frame, const Value* arguments, size_t) { return frame.string(format_double(arguments[0].as_double())); }
Value duration_to_string(Frame& frame, const Value* arguments, size_t) {
  return frame.string(format_duration(arguments[0].as<DurationValue>()->nanoseconds));
}
Value timestamp_to_string(Frame& frame, const Value* arguments, size_t) {
  return frame.string(format_time(arguments[0].as<TimestampValue>()->time));
}

Value string_to_duration(Frame& frame, const Value* arguments, size_t) {
  const std::optional<int64_t> value = parse_duration(arguments[0].as_string());
  return value ? make_duration(frame.arena(), *value) : refuse(frame, arguments[0], DurationValue::kType.name);
}
// Declared, but cel-go has no such conversion.
Value int_to_duration(Frame& frame, const Value* arguments, size_t) { return refuse(frame, arguments[0], DurationValue::kType.name); }

Value string_to_timestamp(Frame& frame, const Value* arguments, size_t) {
  const std::optional<Time> value = parse_time(arguments[0].as_string());
  if (!value) return refuse(frame, arguments[0], TimestampValue::kType.name);
  return value->in_range() ? make_timestamp(frame.arena(), *value) : frame.error("timestamp overflow");
}
Value int_to_timestamp(Frame& frame, const Value* arguments, size_t) {
  const Time time{.seconds = arguments[0].as_int()};
  return time.in_range() ? make_timestamp(frame.arena(), time) : frame.error("timestamp overflow");
}

constexpr Binding kBindings[] = {
    {"dyn", identity},
    {"type", to_type},
    {"bool_to_bool", identity},
    {"string_to_bool", string_to_bool},
    {"bytes_to_bytes", identity},
    {"string_to_bytes", string_to_bytes},
    {"double_to_double", identity},
    {"int64_to_double", int_to_double},
    {"uint64_to_double", uint_to_double},
    {"string_to_double", string_to_double},
    {"duration_to_duration", identity},
    {"string_to_duration", string_to_duration},
    {"int64_to_duration", int_to_duration},
    {"int64_to_int64", identity},
    {"double_to_int64", double_to_int},
    {"uint64_to_int64", uint_to_int},
    {"string_to_int64", string_to_int},
    {"duration_to_int64", duration_to_int},
    {"timestamp_to_int64", timestamp_to_int},
    {"string_to_string", identity},
    {"bool_to_string", bool_to_string},
    {"bytes_to_string", bytes_to_string},
    {"double_to_string", double_to_string},
    {"duration_to_string", duration_to_string},
    {"int64_to_string", int_to_string},
    {"timestamp_to_string", timestamp_to_string},
    {"uint64_to_string", uint_to_string},
    {"timestamp_to_timestamp", identity},
    {"int64_to_timestamp", int_to_timestamp},
    {"string_to_timestamp", string_to_timestamp},
    {"uint64_to_uint64", identity},
    {"double_to_uint64", double_to_uint},
    {"int64_to_uint64", int_to_uint},
    {"string_to_uint64", string_to_uint},
};

}  // namespace

std::span<const Binding> functions::conversions() { return kBindings; }

}  // namespace plimsoll::cel
