// Structs, pointers and opaque Go types as template values: .Chart, .Capabilities, time.Time, *semver.Version, ...
//
//   inline constexpr GoField kKubeVersionFields[] = {{"Version", "string"}, {"Major", "string"}, {"Minor", "string"}};
//   inline constexpr GoObjectType kKubeVersion{{"chartutil.KubeVersion"}, GoKind::kStruct, kKubeVersionFields};
//   Value version = make_struct(arena, kKubeVersion, {Value::string("v1.34.0"), Value::string("1"), Value::string("34")});
//
// An opaque type derives from GoObject, holds what it needs (trivially destructible: it lives in an arena) and answers through
// the hooks of its type:
//
//   struct GoTime : GoObject { static const GoObjectType kType; int64_t seconds; ... };
//   const GoTime* time = value.as<GoTime>();
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "engine/template/go_type.h"
#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::tmpl {

struct CallContext;
struct GoObject;

// A function of the language or a method; the receiver of a method is args[0].
using FunctionPointer = Result<Value> (*)(CallContext& context, std::span<const Value> args);

struct GoField {
  std::string_view name;
  std::string_view type;           // Go text: "string", "[]string", "*time.Time"
  std::string_view json = {};      // name in JSON; empty: `name`; "-": left out
  bool omit_empty = false;
  bool embedded = false;           // promoted: its fields and methods are found on the outer struct; JSON inlines it
};

struct GoMethod {
  std::string_view name;
  std::string_view signature;  // without the receiver: "(string) bool"; see function.h
  FunctionPointer call = nullptr;
};

struct GoObjectType : ExtensionType {  // `name` as reflect prints it, for pointers with the star
  GoKind kind = GoKind::kStruct;
  // Of structs; pointers to structs have the fields of their target.
  std::span<const GoField> fields = {};
  std::span<const GoMethod> methods = {};
  // String() or Error(): what %v and %s print; nullptr if the type has none.
  std::string (*to_string)(const GoObject& object) = nullptr;
  bool is_error = false;
  // What encoding/json makes of it, written as a Value; nullptr: from the fields.
  Result<Value> (*to_json)(Arena& arena, const GoObject& object) = nullptr;
  // ==; nullptr: the type cannot be compared, or structs by fields and pointers by address.
  bool (*equals)(const GoObject& a, const GoObject& b) = nullptr;
  // The type a pointer points to; nullptr for others.
  const GoObjectType* pointee = nullptr;
  // The type of a pointer to this struct: an addressable struct (a field of a pointed-to struct) has its methods and String().
  const GoObjectType* pointer = nullptr;
};

struct GoObject : Extension {
  const GoObjectType& go_type() const { return *static_cast<const GoObjectType*>(type); }
  // One for each entry of the type's `fields`; nullptr for opaque types.
  const Value* fields = nullptr;
};

// complex64 and complex128.
struct GoComplex : GoObject {
  static const GoObjectType kType;
  double re = 0;
  double im = 0;
};

// An error as a value (a result of type error, printed by its text).
struct GoError : GoObject {
  static const GoObjectType kType;
  std::string_view message;
};

// nullptr if `value` is no extension. All extensions that templates see are GoObjects.
inline const GoObject* as_object(const Value& value) {
  return value.is_extension() ? static_cast<const GoObject*>(value.as_extension()) : nullptr;
}

// A struct (or pointer to struct) with these fields, in the order of type.fields.
Value make_struct(Arena& arena, const GoObjectType& type, std::initializer_list<Value> fields);
Value make_complex(Arena& arena, double re, double im);
Value make_error(Arena& arena, std::string_view message);

}  // namespace plimsoll::tmpl
