#include "engine/schema/kubernetes_custom.h"

#include <algorithm>
#include <vector>

namespace plimsoll::schema {
namespace {

constexpr size_t kMaxDepth = 512;

class Builder {
 public:
  Builder(const Type& object_meta, Arena& arena) : object_meta_(object_meta), arena_(arena) {}

  Type* object(const Value& schema, bool resource, size_t depth) {
    Type* type = make(TypeKind::kStruct, schema);
    type->preserve_unknown = schema["x-kubernetes-preserve-unknown-fields"].bool_or(false);
    if (schema["x-kubernetes-map-type"].string_or() == "atomic") type->relation = Relation::kAtomic;
    if (const Value* others = schema.find("additionalProperties")) {
      if (others->is_map()) {
        type->element = build(*others, depth + 1);
      } else if (others->bool_or(false)) {
        type->preserve_unknown = true;
      }
    }
    std::vector<Field> fields;
    if (const Value properties = schema["properties"]; properties.is_map()) {
      for (const Map::Entry& entry : *properties.as_map()) {
        const std::string_view name = entry.key.string_or();
        if (resource && name == "metadata") continue;
        fields.push_back({name, build(entry.value, depth + 1)});
      }
    }
    if (resource) {
      const auto add = [&](std::string_view name, const Type* field_type) {
        if (std::ranges::find(fields, name, &Field::name) == fields.end()) fields.push_back({name, field_type});
      };
      add("apiVersion", scalar(TypeKind::kString));
      add("kind", scalar(TypeKind::kString));
      add("metadata", &object_meta_);
    }
    for (const Value& name : schema["required"].items()) {
      const auto field = std::ranges::find(fields, name.string_or(), &Field::name);
      if (field != fields.end()) field->required = true;
    }
    std::ranges::sort(fields, field_before, &Field::name);
    type->has_defaults = std::ranges::any_of(fields, [](const Field& field) { return !field.type->default_value.is_null(); });
    type->fields = arena_.copy(std::span<const Field>(fields));
    return type;
  }

 private:
  Type* make(TypeKind kind, const Value& schema) {
    Type* type = arena_.make<Type>();
    type->kind = kind;
    type->custom = true;
    type->nullable = schema["nullable"].bool_or(false);
    type->default_value = schema["default"];
    type->enumeration = schema["enum"];
    return type;
  }

  const Type* scalar(TypeKind kind) { return make(kind, Value::null()); }

  const Type* build(const Value& schema, size_t depth) {
    if (depth > kMaxDepth) return make(TypeKind::kAny, schema);
    if (schema["x-kubernetes-int-or-string"].bool_or(false)) return make(TypeKind::kIntOrString, schema);
    const std::string_view name = schema["type"].string_or();
    if (name == "string") {
      return make(schema["format"].string_or() == "date-time" ? TypeKind::kDateTime : TypeKind::kString, schema);
    }
    if (name == "integer") {
      const std::string_view format = schema["format"].string_or();
      return make(format == "int32"   ? TypeKind::kInt32
                  : format == "int64" ? TypeKind::kInt64
                                      : TypeKind::kInteger,
                  schema);
    }
    if (name == "number") return make(TypeKind::kDouble, schema);
    if (name == "boolean") return make(TypeKind::kBoolean, schema);
    if (name == "array") return list(schema, depth);
    if (name != "object") return make(TypeKind::kAny, schema);
    const bool resource = schema["x-kubernetes-embedded-resource"].bool_or(false);
    const Value others = schema["additionalProperties"];
    if (!resource && schema["properties"].size() == 0 && others.is_map()) {
      Type* type = make(TypeKind::kMap, schema);
      type->element = build(others, depth + 1);
      if (schema["x-kubernetes-map-type"].string_or() == "atomic") type->relation = Relation::kAtomic;
      return type;
    }
    return object(schema, resource, depth);
  }

  const Type* list(const Value& schema, size_t depth) {
    Type* type = make(TypeKind::kList, schema);
    type->element = build(schema["items"], depth + 1);
    const std::string_view list_type = schema["x-kubernetes-list-type"].string_or("atomic");
    type->relation = list_type == "map" ? Relation::kMap : list_type == "set" ? Relation::kSet : Relation::kAtomic;
    std::vector<std::string_view> keys;
    for (const Value& key : schema["x-kubernetes-list-map-keys"].items()) keys.push_back(key.string_or());
    type->keys = arena_.copy(std::span<const std::string_view>(keys));
    return type;
  }

  const Type& object_meta_;
  Arena& arena_;
};

}  // namespace

const Type* custom_type(const Value& schema, const Type& object_meta, Arena& arena) {
  return Builder(object_meta, arena).object(schema, true, 0);
}

const Type* unknown_type(const Type& object_meta, Arena& arena) {
  Type* type = Builder(object_meta, arena).object(Value::null(), true, 0);
  type->preserve_unknown = true;
  return type;
}

}  // namespace plimsoll::schema
