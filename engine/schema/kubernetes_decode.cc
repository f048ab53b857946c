#include "engine/schema/kubernetes_decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "engine/schema/kubernetes_quantity.h"

namespace plimsoll::schema {
namespace {

// Where decoding is: a list on the stack, made a Path when there is something to report.
struct Place {
  const Place* parent = nullptr;
  std::string_view key;  // empty: an index
  size_t index = 0;
  bool is_index = false;
  const Type* owner = nullptr;  // the struct whose field this is
};

Path path_of(const Place* place) {
  std::vector<Path::Step> steps;
  for (; place != nullptr && place->parent != nullptr; place = place->parent) {
    if (place->is_index) {
      steps.emplace_back(place->index);
    } else {
      steps.emplace_back(std::string(place->key));
    }
  }
  std::ranges::reverse(steps);
  return Path(std::move(steps));
}

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

std::string_view json_kind(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return "bool";
    case Kind::kString:
      return "string";
    case Kind::kList:
      return "array";
    case Kind::kMap:
      return "object";
    default:
      return "number";
  }
}

std::string go_name(const Type& type) {
  switch (type.kind) {
    case TypeKind::kInt32:
      return "int32";
    case TypeKind::kInt64:
    case TypeKind::kInteger:
      return "int64";
    case TypeKind::kDouble:
      return "float64";
    case TypeKind::kBoolean:
      return "bool";
    case TypeKind::kByte:
      return "[]uint8";
    case TypeKind::kList:
      return "[]" + go_name(*type.element);
    case TypeKind::kMap:
      return "map[string]" + go_name(*type.element);
    case TypeKind::kStruct: {
      const std::string_view whole = type.name.substr(0, type.name.rfind('.'));
      return fmt::format("{}.{}", last_part(whole), last_part(type.name));
    }
    default:
      return "string";
  }
}

class Decoding {
 public:
  Decoding(Arena& arena, DecodeReport& report) : arena_(arena), report_(report) {}

  // Null: the value is unset.
  Value decode(const Type& type, const Value& value, const Place& place) {
    if (value.is_null()) return Value::null();
    switch (type.kind) {
      case TypeKind::kString:
      case TypeKind::kDateTime:
        return value.is_string() ? value : refuse(type, value, place);
      case TypeKind::kInt32:
      case TypeKind::kInt64:
      case TypeKind::kInteger:
        return integer(type, value, place);
      case TypeKind::kDouble:
        return value.is_number() ? value : refuse(type, value, place);
      case TypeKind::kBoolean:
        return value.is_bool() ? value : refuse(type, value, place);
      case TypeKind::kByte:
        return bytes(type, value, place);
      case TypeKind::kQuantity:
        return quantity(type, value, place, false);
      case TypeKind::kIntOrString:
        if (value.is_string()) return value;
        return integer(type, value, place);
      case TypeKind::kObject:
        return value.is_map() ? value : refuse(type, value, place);
      case TypeKind::kAny:
        return value;
      case TypeKind::kStruct:
        if (!value.is_map()) return refuse(type, value, place);
        return type.custom ? custom_object(type, *value.as_map(), place) : object(type, *value.as_map(), place);
      case TypeKind::kList:
        return value.is_list() ? list(type, value, place) : refuse(type, value, place);
      case TypeKind::kMap:
        return value.is_map() ? map(type, *value.as_map(), place) : refuse(type, value, place);
    }
    return value;
  }

  Value object(const Type& type, const Map& source, const Place& place) {
    Map* result = Map::create(arena_, source.size() + 2);
    for (const Map::Entry& entry : source) {
      const std::string_view key = entry.key.string_or();
      const Place inner{&place, key, 0, false, &type};
      const Field* field = type.field(key);
      if (field == nullptr) {
        report_.unknown.push_back(path_of(&inner));
        continue;
      }
      const Value value = decode(*field->type, entry.value, inner);
      if (keeps(*field, value)) result->append(arena_, entry.key, value);
    }
    add_zeros(type, *result);
    return Value::map(result);
  }

  void add_zeros(const Type& type, Map& object) {
    for (const Field& field : type.fields) {
      if (field.presence == Presence::kAlways && !object.contains(field.name)) {
        object.append(arena_, Value::string(field.name), empty(*field.type));
      } else if (field.presence == Presence::kNullable && !object.contains(field.name)) {
        object.append(arena_, Value::string(field.name), Value::null());
      }
    }
  }

  Value empty(const Type& type) {
    const Value result = zero_value(type, arena_);
    if (type.kind == TypeKind::kStruct) add_zeros(type, *result.as_map());
    return result;
  }

 private:
  static bool keeps(const Field& field, const Value& value) {
    if (value.is_null()) return false;
    if (field.presence != Presence::kOmitEmpty) return true;
    switch (value.kind()) {
      case Kind::kBool:
        return value.as_bool();
      case Kind::kInt:
        return value.as_int() != 0;
      case Kind::kDouble:
        return value.as_double() != 0;
      case Kind::kString:
        return value.size() > 0;
      case Kind::kList:
        return value.size() > 0;
      case Kind::kMap:
        return field.type->kind != TypeKind::kMap || value.size() > 0;
      default:
        return true;
    }
  }

  Value refuse(const Type& type, const Value& value, const Place& place) {
    if (type.custom) return value;  // validation's business
    if (report_.mismatch) return Value::null();
    Path path = path_of(&place);
    std::string names;
    for (const Path::Step& step : path.steps()) {
      if (const auto* key = std::get_if<std::string>(&step)) names += (names.empty() ? "" : ".") + *key;
    }
    const Place* named = &place;
    while (named != nullptr && named->owner == nullptr) named = named->parent;
    const std::string_view owner = named != nullptr ? last_part(named->owner->name) : std::string_view();
    std::string message = fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}", json_kind(value), owner,
                                      names, go_name(type));
    report_.mismatch = TypeMismatch{std::move(path), std::move(message)};
    return Value::null();
  }

  Value integer(const Type& type, const Value& value, const Place& place) {
    int64_t number = 0;
    if (value.is_int()) {
      number = value.as_int();
    } else if (value.is_double() && std::trunc(value.as_double()) == value.as_double() && std::abs(value.as_double()) < 9.2e18) {
      number = static_cast<int64_t>(value.as_double());
    } else {
      return refuse(type, value, place);
    }
    const bool narrow = (type.kind == TypeKind::kInt32 || type.kind == TypeKind::kIntOrString) && !type.custom;
    if (narrow && (number < std::numeric_limits<int32_t>::min() || number > std::numeric_limits<int32_t>::max())) {
      return refuse(type, value, place);
    }
    return value.is_int() ? value : Value::integer(number);
  }

  Value bytes(const Type& type, const Value& value, const Place& place) {
    if (!value.is_string()) return refuse(type, value, place);
    const std::string_view text = value.as_string();
    if (text.find_first_of("\r\n") == std::string_view::npos) return value;
    std::string clean;
    std::ranges::copy_if(text, std::back_inserter(clean), [](char c) { return c != '\r' && c != '\n'; });
    return Value::string(arena_.copy(clean));
  }

  Value quantity(const Type& type, const Value& value, const Place& place, bool milli) {
    auto parsed = Quantity::of(value);
    if (!parsed) return value.is_string() ? value : refuse(type, value, place);
    if (milli) parsed->round_up_to_milli();
    const std::string text = parsed->to_string();
    return value.string_or() == text ? value : Value::string(arena_.copy(text));
  }

  Value list(const Type& type, const Value& value, const Place& place) {
    List* result = List::create(arena_, value.size());
    size_t index = 0;
    for (const Value& item : value.items()) {
      const Place inner{&place, {}, index++, true, nullptr};
      Value decoded = decode(*type.element, item, inner);
      if (decoded.is_null() && !type.custom) decoded = empty(*type.element);
      result->push_back(arena_, decoded);
    }
    return Value::list(result);
  }

  Value map(const Type& type, const Map& source, const Place& place) {
    Map* result = Map::create(arena_, source.size());
    for (const Map::Entry& entry : source) {
      const Place inner{&place, entry.key.string_or(), 0, false, nullptr};
      Value decoded = type.element->kind == TypeKind::kQuantity ? quantity(*type.element, entry.value, inner, true)
                                                                : decode(*type.element, entry.value, inner);
      if (decoded.is_null() && !entry.value.is_null() && report_.mismatch) continue;
      if (decoded.is_null()) {
        if (type.custom && !type.element->nullable) continue;
        decoded = empty(*type.element);
      }
      result->append(arena_, entry.key, decoded);
    }
    return Value::map(result);
  }

  // Pruning, and dropping nulls (apiextensions-apiserver's pruning and defaulting of structural schemas).
  Value custom_object(const Type& type, const Map& source, const Place& place) {
    Map* result = Map::create(arena_, source.size());
    for (const Map::Entry& entry : source) {
      const std::string_view key = entry.key.string_or();
      const Place inner{&place, key, 0, false, &type};
      const Field* field = type.field(key);
      const Type* member = field ? field->type : type.element;
      if (member == nullptr) {
        if (type.preserve_unknown) {
          result->append(arena_, entry.key, entry.value);
        } else {
          report_.unknown.push_back(path_of(&inner));
        }
        continue;
      }
      if (entry.value.is_null()) {
        if (member->nullable || member->kind == TypeKind::kAny) result->append(arena_, entry.key, entry.value);
        continue;
      }
      const Value decoded = decode(*member, entry.value, inner);
      if (!decoded.is_null()) result->append(arena_, entry.key, decoded);
    }
    return Value::map(result);
  }

  Arena& arena_;
  DecodeReport& report_;
};

}  // namespace

Value decode(const Type& type, const Value& value, Arena& arena, DecodeReport& report) {
  const Place root;
  return Decoding(arena, report).decode(type, value, root);
}

Value empty_value(const Type& type, Arena& arena) {
  DecodeReport ignored;
  return Decoding(arena, ignored).empty(type);
}

}  // namespace plimsoll::schema
