#include "engine/cel/message.h"

#include <cmath>

#include "engine/cel/step.h"
#include "engine/value/base64.h"

namespace plimsoll::cel {

namespace {

constexpr std::string_view kPrefix = "google.protobuf.";
constexpr int64_t kSecond = 1'000'000'000;
// Integers that a double holds exactly become JSON numbers, others strings.
constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

Value field_error(Frame& frame, std::string_view type, std::string_view field, const std::string& why) {
  return frame.error("field type conversion error for " + std::string(type) + "." + std::string(field) + " value type: " + why);
}

Value refuse_field(Frame& frame, std::string_view type, std::string_view field, const Value& value) {
  return field_error(frame, type, field, "unsupported native conversion from " + std::string(type_name(value)));
}

// Go's name for the type of what a CEL value wraps. Lists and maps are taken to be literals.
std::string_view wrapped_go_type(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return "structpb.NullValue";
    case Kind::kBool: return "bool";
    case Kind::kInt: return "int64";
    case Kind::kUint: return "uint64";
    case Kind::kDouble: return "float64";
    case Kind::kString: return "string";
    case Kind::kBytes: return "[]uint8";
    case Kind::kList: return value.flavour() == kConcatenated ? "[]interface {}" : "[]ref.Val";
    case Kind::kMap: return "map[ref.Val]ref.Val";
    case Kind::kExtension: break;
  }
  if (value.as<DurationValue>() != nullptr) return "time.Duration";
  if (value.as<TimestampValue>() != nullptr) return "time.Time";
  if (value.as<QuantityValue>() != nullptr) return "*resource.Quantity";
  if (value.as<IpValue>() != nullptr) return "netip.Addr";
  if (value.as<CidrValue>() != nullptr) return "netip.Prefix";
  if (value.as<UrlValue>() != nullptr) return "*url.URL";
  if (value.as<SemverValue>() != nullptr) return "semver.Version";
  if (value.as<ObjectValue>() != nullptr) return "map[string]interface {}";
  return value.as<Optional>() != nullptr ? "<nil>" : go_type(value);
}

Value json_patch(Frame& frame, const Map& fields) {
  JsonPatchValue patch{{&JsonPatchValue::kType}, {}, {}, {}, false, {}};
  for (const Map::Entry& entry : fields) {
    const std::string_view name = entry.key.as_string();
    if (name == "value") {
      patch.has_value = true;
      patch.value = entry.value;
      continue;
    }
    if (name != "op" && name != "path" && name != "from") return frame.error("unexpected JSONPatchType field: " + std::string(name));
    Value text = entry.value;
    while (text.as<Optional>() != nullptr && text.as<Optional>()->has_value) text = text.as<Optional>()->value;
    if (const auto* type = text.as<TypeValue>()) text = Value::string(type->name);
    if (!text.is_string()) {
      return frame.error("unexpected type " + std::string(wrapped_go_type(text)) + " for JSONPatchType '" + std::string(name) + "' field");
    }
    (name == "op" ? patch.op : name == "path" ? patch.path : patch.from) = text.as_string();
  }
  return Value::extension(frame.arena().make<JsonPatchValue>(patch));
}

// A value as JSON has it.
Value to_json(Frame& frame, const Value& value) {
  Arena& arena = frame.arena();
  switch (value.kind()) {
    case Kind::kInt:
      if (value.as_int() >= -kMaxSafeInteger && value.as_int() <= kMaxSafeInteger) return Value::real(static_cast<double>(value.as_int()));
      return frame.string(std::to_string(value.as_int()));
    case Kind::kUint:
      if (value.as_uint() <= static_cast<uint64_t>(kMaxSafeInteger)) return Value::real(static_cast<double>(value.as_uint()));
      return frame.string(std::to_string(value.as_uint()));
    case Kind::kBytes: return frame.string(base64::encode(value.as_bytes()));
    case Kind::kList: {
      List* list = List::create(arena, value.size());
      for (const Value& item : *value.as_list()) {
        const Value converted = to_json(frame, item);
        if (is_error(converted)) return converted;
        list->push_back(arena, converted);
      }
      return Value::list(list);
    }
    case Kind::kMap: {
      Map* map = Map::create(arena, value.size());
      for (const Map::Entry& entry : *value.as_map()) {
        const Value converted = to_json(frame, entry.value);
        if (is_error(converted)) return converted;
        map->append(arena, frame.string(go_text(entry.key)), converted);
      }
      return Value::map(map);
    }
    case Kind::kExtension: break;
    default: return value;
  }
  if (const auto* duration = value.as<DurationValue>()) return frame.string(format_duration(duration->nanoseconds));
  if (const auto* timestamp = value.as<TimestampValue>()) return frame.string(format_time(timestamp->time));
  return frame.error("type conversion error from '" + std::string(type_name(value)) + "' to 'google.protobuf.Value'");
}

Value wrapped_integer(Frame& frame, std::string_view type, const Value& value, bool narrow) {
  if (!value.is_int()) return refuse_field(frame, type, "value", value);
  if (narrow && (value.as_int() < INT32_MIN || value.as_int() > INT32_MAX)) return field_error(frame, type, "value", "integer overflow");
  return value;
}

Value wrapped_unsigned(Frame& frame, std::string_view type, const Value& value, bool narrow) {
  if (!value.is_uint()) return refuse_field(frame, type, "value", value);
  if (narrow && value.as_uint() > UINT32_MAX) return field_error(frame, type, "value", "unsigned integer overflow");
  return value;
}

// seconds and nanos of a Duration or Timestamp.
Value time_message(Frame& frame, std::string_view type, const Map& fields) {
  int64_t parts[2] = {0, 0};
  for (const Map::Entry& entry : fields) {
    if (!entry.value.is_int()) return refuse_field(frame, type, entry.key.as_string(), entry.value);
    const bool nanos = entry.key.as_string() == "nanos";
    const int64_t value = entry.value.as_int();
    if (nanos && (value < INT32_MIN || value > INT32_MAX)) return field_error(frame, type, "nanos", "integer overflow");
    parts[nanos ? 1 : 0] = value;
  }
  const auto [seconds, nanos] = parts;
  if (type == DurationValue::kType.name) {
    // Saturates, as Go's AsDuration does.
    int64_t total;
    if (__builtin_mul_overflow(seconds, kSecond, &total) || __builtin_add_overflow(total, nanos, &total)) {
      total = seconds < 0 ? INT64_MIN : INT64_MAX;
    }
    return make_duration(frame.arena(), total);
  }
  const std::optional<Time> time = add_duration(Time{.seconds = seconds}, nanos);
  return time ? make_timestamp(frame.arena(), *time) : frame.error("timestamp overflow");
}

// The one member of a google.protobuf.Value that is set; the last wins.
Value json_message(Frame& frame, std::string_view type, const Map& fields) {
  Value result;
  for (const Map::Entry& entry : fields) {
    const std::string_view name = entry.key.as_string();
    const Value& value = entry.value;
    const bool fits = name == "null_value"     ? value.is_int() || value.is_null()
                      : name == "number_value" ? value.is_double()
                      : name == "string_value" ? value.is_string()
                      : name == "bool_value"   ? value.is_bool()
                      : name == "list_value"   ? value.is_list()
                                               : value.is_map();
    if (!fits) return refuse_field(frame, type, name, value);
    result = name == "null_value" ? Value() : to_json(frame, value);
  }
  return result;
}

Value well_known_message(Frame& frame, std::string_view type, Map& fields) {
  const std::string_view name = type.substr(kPrefix.size());
  const Value* value = fields.find("value");
  const auto wrapped = [&](Kind kind, const Value& zero) {
    if (value == nullptr) return zero;
    return value->kind() == kind ? *value : refuse_field(frame, type, "value", *value);
  };
  if (name == "Int32Value" || name == "Int64Value") {
    return value == nullptr ? Value::integer(0) : wrapped_integer(frame, type, *value, name == "Int32Value");
  }
  if (name == "UInt32Value" || name == "UInt64Value") {
    return value == nullptr ? Value::uinteger(0) : wrapped_unsigned(frame, type, *value, name == "UInt32Value");
  }
  if (name == "BoolValue") return wrapped(Kind::kBool, Value::boolean(false));
  if (name == "StringValue") return wrapped(Kind::kString, Value::string({}));
  if (name == "BytesValue") return wrapped(Kind::kBytes, Value::bytes({}));
  if (name == "DoubleValue") return wrapped(Kind::kDouble, Value::real(0));
  if (name == "FloatValue") {
    const Value number = wrapped(Kind::kDouble, Value::real(0));
    return number.is_double() ? Value::real(static_cast<double>(static_cast<float>(number.as_double()))) : number;
  }
  if (name == "Duration" || name == "Timestamp") return time_message(frame, type, fields);
  if (name == "Value") return json_message(frame, type, fields);
  if (name == "Struct") {
    const Value* members = fields.find("fields");
    return members == nullptr ? Value::map(Map::create(frame.arena())) : to_json(frame, *members);
  }
  if (name == "ListValue") {
    const Value* values = fields.find("values");
    return values == nullptr ? Value::list(List::create(frame.arena())) : to_json(frame, *values);
  }
  if (name == "Any") return frame.error("unsupported conversion to ref.Val: (*dynamicpb.Message)");
  return make_object(frame.arena(), type, &fields);
}

}  // namespace

Value make_message(Frame& frame, std::string_view type_name, Map* fields) {
  if (type_name == JsonPatchValue::kType.name) return json_patch(frame, *fields);
  if (type_name.starts_with(kPrefix)) return well_known_message(frame, type_name, *fields);
  return make_object(frame.arena(), type_name, fields);
}

}  // namespace plimsoll::cel
