#include "engine/template/functions/go_json.h"

#include <cmath>

#include "engine/template/go_format.h"
#include "engine/template/go_object.h"
#include "engine/template/go_value.h"

namespace plimsoll::tmpl {
namespace {

constexpr int kMaxDepth = 10'000;

// What omitempty leaves out.
bool is_omitted(const Value& value) {
  if (value.is_extension()) return false;
  return !is_true(value);
}

class Flattener {
 public:
  Flattener(Arena& arena, NilLists nils) : arena_(arena), nils_(nils) {}

  // Whether anything in `value` must be changed for JSON.
  Result<bool> needs_change(const Value& value, int depth = 0) const {
    PLIMSOLL_RETURN_IF_ERROR(check_depth(value, depth));
    if (value.is_extension() || is_nil_container(value)) return true;
    if (value.is_double() && !std::isfinite(value.as_double())) return unsupported(value.as_double());
    bool change = false;
    if (value.is_list()) {
      for (const Value& item : value.items()) {
        PLIMSOLL_ASSIGN_OR_RETURN(const bool inner, needs_change(item, depth + 1));
        change |= inner;
      }
    } else if (value.is_map()) {
      for (const Map::Entry& entry : *value.as_map()) {
        PLIMSOLL_ASSIGN_OR_RETURN(const bool inner, needs_change(entry.value, depth + 1));
        change |= inner;
      }
    }
    return change;
  }

  Result<Value> flatten(const Value& value, int depth = 0) {
    PLIMSOLL_RETURN_IF_ERROR(check_depth(value, depth));
    if (value.is_double() && !std::isfinite(value.as_double())) return unsupported(value.as_double());
    if (const GoObject* object = as_object(value)) return flatten_object(*object, depth);
    if (is_nil_container(value)) {
      return kind_of(value) == GoKind::kMap ? Value::map(Map::create(arena_)) : Value::list(List::create(arena_));
    }
    if (value.is_list()) {
      List* list = List::create(arena_, value.size());
      for (const Value& item : value.items()) {
        PLIMSOLL_ASSIGN_OR_RETURN(const Value plain, flatten(item, depth + 1));
        list->push_back(arena_, plain);
      }
      return Value::list(list);
    }
    if (value.is_map()) {
      Map* map = Map::create(arena_, value.size());
      for (const Map::Entry* entry : value.as_map()->sorted(arena_)) {
        PLIMSOLL_ASSIGN_OR_RETURN(const Value plain, flatten(entry->value, depth + 1));
        map->append(arena_, entry->key, plain);
      }
      return Value::map(map);
    }
    return value;
  }

 private:
  static std::unexpected<Error> unsupported(double number) {
    std::string message = "json: unsupported value: ";
    append_float_v(message, number);
    return fail(ErrorCode::kEvaluation, std::move(message));
  }

  static Result<void> check_depth(const Value& value, int depth) {
    if (depth <= kMaxDepth) return {};
    return fail(ErrorCode::kEvaluation,
                "json: unsupported value: encountered a cycle via " + std::string(type_name(value)));
  }

  Result<Value> flatten_object(const GoObject& object, int depth) {
    const GoObjectType& type = object.go_type();
    if (type.to_json != nullptr) {
      PLIMSOLL_ASSIGN_OR_RETURN(const Value written, type.to_json(arena_, object));
      return flatten(written, depth + 1);
    }
    if (type.kind != GoKind::kStruct && type.kind != GoKind::kPointer) {
      return fail(ErrorCode::kEvaluation, "json: unsupported type: " + std::string(type.name));
    }
    Map* map = Map::create(arena_);
    PLIMSOLL_RETURN_IF_ERROR(add_fields(object, *map, depth));
    return Value::map(map);
  }

  Result<void> add_fields(const GoObject& object, Map& map, int depth) {
    const GoObjectType& type = object.go_type();
    const GoObjectType& target = type.fields.empty() && type.pointee != nullptr ? *type.pointee : type;
    for (size_t i = 0; i < target.fields.size() && object.fields != nullptr; ++i) {
      const GoField& field = target.fields[i];
      const Value& value = object.fields[i];
      if (field.json == "-") continue;
      if (const GoObject* inner = field.embedded ? as_object(value) : nullptr) {
        PLIMSOLL_RETURN_IF_ERROR(add_fields(*inner, map, depth));
        continue;
      }
      if (field.omit_empty && is_omitted(value)) continue;
      PLIMSOLL_ASSIGN_OR_RETURN(const Value plain, flatten(value, depth + 1));
      map.set(arena_, field.json.empty() ? field.name : field.json, plain);
    }
    return {};
  }

  bool is_nil_container(const Value& value) const {
    if (!value.is_null() || nils_ == NilLists::kNull) return false;
    const GoKind kind = kind_of(value);
    return kind == GoKind::kMap || kind == GoKind::kSlice;
  }

  Arena& arena_;
  NilLists nils_;
};

}  // namespace

Result<PlainValue> to_plain(Arena& arena, const Value& value, NilLists nils) {
  Flattener flattener(arena, nils);
  PLIMSOLL_ASSIGN_OR_RETURN(const bool change, flattener.needs_change(value));
  if (!change) return PlainValue{value, false};
  PLIMSOLL_ASSIGN_OR_RETURN(const Value plain, flattener.flatten(value));
  return PlainValue{plain, true};
}

Result<std::string> marshal_json(Arena& arena, const Value& value, json::WriteOptions options) {
  PLIMSOLL_ASSIGN_OR_RETURN(const PlainValue plain, to_plain(arena, value));
  options.sort_keys = !plain.changed;
  return json::write(plain.value, options);
}

std::string_view json_type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool: return "bool";
    case Kind::kString: return "string";
    case Kind::kList: return "array";
    case Kind::kMap: return "object";
    case Kind::kNull: return "null";
    default: return "number";
  }
}

}  // namespace plimsoll::tmpl
