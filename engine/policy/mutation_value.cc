#include "engine/policy/mutation_value.h"

#include <fmt/format.h>

#include <string>

#include "engine/cel/runtime/values.h"
#include "engine/schema/kubernetes_merge.h"
#include "engine/value/base64.h"
#include "engine/value/go_quote.h"

namespace plimsoll::policy {
namespace {

using cel::JsonPatchValue;
using cel::ObjectValue;

// Integers that a double holds exactly stay numbers in JSON, others become text (protobuf's JSON mapping).
constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

// Object types are named after the path of their field from the root: Object.spec.securityContext.
void check_names(const Value& value, const std::string& path, std::string& errors) {
  if (const auto* object = value.as<ObjectValue>()) {
    if (object->type_name != path) {
      if (!errors.empty()) errors += '\n';
      errors += fmt::format("unexpected type name {}, expected {}, which matches field name path from root Object type",
                            go::quoted(object->type_name), go::quoted(path));
    }
    for (const Map::Entry& entry : *object->fields) {
      check_names(entry.value, fmt::format("{}.{}", path, entry.key.string_or()), errors);
    }
  } else if (value.is_list()) {
    for (const Value& item : value.items()) check_names(item, path, errors);
  } else if (value.is_map()) {
    for (const Map::Entry& entry : *value.as_map()) check_names(entry.value, fmt::format("{}.{}", path, entry.key.string_or()), errors);
  }
}

Result<void> check_names(const Value& value) {
  const auto* object = value.as<ObjectValue>();
  if (object == nullptr) return {};
  std::string errors;
  check_names(value, std::string(object->type_name), errors);
  if (!errors.empty()) return fail(ErrorCode::kType, "type mismatch: " + errors);
  return {};
}

// Objects become maps. `json`: numbers and times as JSON has them; else as they are in the server's memory.
class Plain {
 public:
  Plain(Arena& arena, bool json) : arena_(arena), json_(json) {}

  Result<Value> value(const Value& value) {
    switch (value.kind()) {
      case Kind::kInt:
        if (json_ && (value.as_int() > kMaxSafeInteger || value.as_int() < -kMaxSafeInteger)) return text(std::to_string(value.as_int()));
        return value;
      case Kind::kUint:
        if (value.as_uint() <= static_cast<uint64_t>(kMaxSafeInteger)) return Value::integer(static_cast<int64_t>(value.as_uint()));
        return json_ ? text(std::to_string(value.as_uint())) : value;
      case Kind::kDouble:
        // JSON has no infinities, and writes 2.0 as 2.
        if (json_ && value.as_double() == static_cast<double>(static_cast<int64_t>(value.as_double()))) {
          return Value::integer(static_cast<int64_t>(value.as_double()));
        }
        return value;
      case Kind::kBytes:
        return text(base64::encode(value.as_bytes()));
      case Kind::kList:
        return list(value);
      case Kind::kMap:
        return map(*value.as_map());
      case Kind::kExtension:
        break;
      default:
        return value;
    }
    if (const auto* object = value.as<ObjectValue>()) return map(*object->fields);
    if (const auto* timestamp = value.as<cel::TimestampValue>()) return text(cel::format_time(timestamp->time));
    if (const auto* duration = value.as<cel::DurationValue>()) return text(cel::format_duration(duration->nanoseconds));
    return fail(ErrorCode::kType, fmt::format("unsupported conversion of '{}' to JSON", cel::type_name(value)));
  }

 private:
  Value text(const std::string& text) { return Value::string(arena_.copy(text)); }

  Result<Value> list(const Value& source) {
    List* result = List::create(arena_, source.size());
    for (const Value& item : source.items()) {
      PLIMSOLL_ASSIGN_OR_RETURN(const Value plain, value(item));
      result->push_back(arena_, plain);
    }
    return Value::list(result);
  }

  Result<Value> map(const Map& source) {
    Map* result = Map::create(arena_, source.size());
    for (const Map::Entry& entry : source) {
      if (!entry.key.is_string()) {
        return fail(ErrorCode::kType, fmt::format("map key of type {}, not string", kind_name(entry.key.kind())));
      }
      PLIMSOLL_ASSIGN_OR_RETURN(const Value plain, value(entry.value));
      result->append(arena_, entry.key, plain);
    }
    if (!json_ && source.tag == cel::kMapLiteral) result->tag = schema::kNotAnObject;
    return Value::map(result);
  }

  Arena& arena_;
  bool json_;
};

bool holds_object(const Value& value) {
  if (value.is_list()) {
    for (const Value& item : value.items()) {
      if (item.as<ObjectValue>() != nullptr || holds_object(item)) return true;
    }
  } else if (value.is_map()) {
    for (const Map::Entry& entry : *value.as_map()) {
      if (entry.value.as<ObjectValue>() != nullptr || holds_object(entry.value)) return true;
    }
  }
  return false;
}

}  // namespace

Result<Value> apply_configuration(const Value& object, Arena& arena) {
  if (object.as<ObjectValue>() == nullptr) {
    return fail(ErrorCode::kType, fmt::format("unsupported return type from ApplyConfiguration expression: {}", cel::type_name(object)));
  }
  PLIMSOLL_RETURN_IF_ERROR(check_names(object));
  const Value plain = cel::object_to_plain(arena, *object.as<ObjectValue>());
  if (cel::is_error(plain)) return fail(ErrorCode::kType, std::string(cel::error_message(plain)));
  return Plain(arena, false).value(plain);
}

Result<std::vector<JsonPatchOperation>> json_patch(const Value& list, Arena& arena) {
  if (!list.is_list()) return fail(ErrorCode::kType, "type mismatch: JSONPatchType.expression should evaluate to array");
  std::vector<JsonPatchOperation> result;
  for (const Value& item : list.items()) {
    const auto* patch = item.as<JsonPatchValue>();
    if (patch == nullptr) {
      return fail(ErrorCode::kType, "type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch");
    }
    JsonPatchOperation& operation = result.emplace_back(JsonPatchOperation{patch->op, patch->path, patch->from});
    if (!patch->has_value) continue;
    if (holds_object(patch->value)) {
      return fail(ErrorCode::kInternal, fmt::format("the value of JSONPatch{{op: {}, path: {}}} holds Object{{}} inside a list or map, which "
                                                    "crashes the API server's request handler; write it as a map",
                                                    go::quoted(patch->op), go::quoted(patch->path)));
    }
    PLIMSOLL_RETURN_IF_ERROR(check_names(patch->value));
    Result<Value> plain = Plain(arena, true).value(patch->value);
    if (!plain) {
      return fail(ErrorCode::kType,
                  "JSONPath valueExpression evaluated to a type that could not marshal to JSON: " + plain.error().message());
    }
    operation.value = *plain;
  }
  return result;
}

}  // namespace plimsoll::policy
