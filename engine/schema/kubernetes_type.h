// Types of the Kubernetes API: built-in ones (kubernetes.h) and those of custom resources (kubernetes_custom.h) as one tree.
//
//   const schema::Type* pod = types->find("", "v1", "Pod")->type;
//   const schema::Field* spec = pod->field("spec");
//   spec->type->field("containers")->type->keys;   // {"name"}
//
// A type is immutable and may be recursive. It tells what decoding, defaulting, merging and validation need: the fields, how lists and
// maps merge (structured-merge-diff, KEP-555), how Go writes a field.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/value/value.h"

namespace plimsoll::schema {

enum class TypeKind : uint8_t {
  kString,
  kInt32,
  kInt64,
  kInteger,  // of a custom resource, without format
  kDouble,
  kBoolean,
  kByte,  // base64 text
  kDateTime,
  kQuantity,
  kIntOrString,
  kObject,  // any object; its fields are not known
  kAny,     // any JSON
  kStruct,  // the fields that are declared, and maybe others (see `element`, `preserve_unknown`)
  kList,
  kMap,  // string keys
};

// How a value is merged with another.
enum class Relation : uint8_t {
  kGranular,  // maps: key by key
  kAtomic,    // as a whole
  kSet,       // lists of scalars: union
  kMap,       // lists of objects: those with equal keys are merged
};

// What Go's encoding/json does with a field that is not set, or zero.
enum class Presence : uint8_t {
  kOmitEmpty,  // left out
  kPointer,    // left out if unset; a zero that is given stays
  kAlways,     // the zero value is written
  kNullable,   // null is written if unset
};

struct Type;
struct Defaulter;

struct Field {
  std::string_view name;
  const Type* type;
  Presence presence = Presence::kOmitEmpty;
  bool required = false;  // as OpenAPI has it, which is not always what the server insists on
};

// The order of a type's fields: by length, then by name, so that a search compares few texts.
inline bool field_before(std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

struct Type {
  std::string_view name;  // "io.k8s.api.core.v1.Container"; empty for types without name
  TypeKind kind = TypeKind::kAny;
  Relation relation = Relation::kGranular;
  bool nullable = false;          // custom resources: null is a value
  bool preserve_unknown = false;  // kStruct, kObject: fields that are not declared stay
  bool has_defaults = false;      // a field's type has a default value
  bool custom = false;            // part of a custom resource: values stay as they are written
  std::span<const Field> fields;  // sorted by field_before()
  const Type* element = nullptr;  // of lists and maps; of the undeclared fields of a custom resource's object
  std::span<const std::string_view> keys;  // of lists with Relation::kMap
  Value default_value;                     // null: none
  Value enumeration;                       // list of strings, or null
  const Defaulter* defaulter = nullptr;    // see kubernetes_defaults.h
  const Type* base = nullptr;              // the type that this is but for its relation

  const Field* field(std::string_view field_name) const;
  bool is_scalar() const { return kind <= TypeKind::kIntOrString; }
};

// The value that Go's zero value of this type is written as: "", 0, {}, null for lists and maps.
Value zero_value(const Type& type, Arena& arena);

}  // namespace plimsoll::schema
