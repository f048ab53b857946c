// The defaults that the API server fills in when it decodes an object.
//
//   apply_defaults(type, object, arena);     // object: the result of decode(), changed in place
//
// OpenAPI tells few of them (Type::default_value); the others are a table and some functions here, as the packages
// k8s.io/kubernetes/pkg/apis/*/v1 define them. Custom resources have theirs in their schema.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/schema/kubernetes_type.h"

namespace plimsoll::schema {

// What a function may use to fill in an object of its type.
class Defaults {
 public:
  Defaults(const Type& type, Map& object, Arena& arena) : type_(type), object_(object), arena_(arena) {}

  Arena& arena() const { return arena_; }
  Map& object() const { return object_; }
  Value get(std::string_view field) const;
  std::string_view text(std::string_view field) const { return get(field).string_or(); }
  // Absent, or the empty text or zero that Go always writes.
  bool unset(std::string_view field) const;
  void set(std::string_view field, Value value) { object_.set(arena_, field, value); }
  void fill(std::string_view field, Value value) {
    if (unset(field)) set(field, value);
  }
  // The object in a field, made if there is none.
  Defaults inner(std::string_view field);
  const Type& type() const { return type_; }

 private:
  const Type& type_;
  Map& object_;
  Arena& arena_;
};

// A default that depends on nothing: a text, a number, a boolean, or an empty object.
struct FieldDefault {
  enum class Kind : uint8_t { kText, kNumber, kTrue, kFalse, kObject };
  std::string_view field;
  Kind kind;
  std::string_view text = {};
  int64_t number = 0;
};

struct Defaulter {
  std::string_view type;  // name without "io.k8s.api.", such as "core.v1.Container"
  std::span<const FieldDefault> fields;
  void (*function)(Defaults& defaults) = nullptr;  // after `fields`
};

// nullptr if the type has no defaults but those of its fields' types.
const Defaulter* find_defaulter(std::string_view type_name);

void apply_defaults(const Type& type, const Value& object, Arena& arena);

}  // namespace plimsoll::schema
