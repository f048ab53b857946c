// Questions that Go's reflect answers about a value.
//
//   type_name(go_int(3));           // "int"           printf "%T", typeOf
//   kind_name_of(Value::null());    // "invalid"       kindOf
//   is_true(Value::string(""));     // false           if, and, or
#pragma once

#include <optional>
#include <string_view>

#include "engine/template/go_object.h"
#include "engine/template/go_type.h"
#include "engine/value/value.h"

namespace plimsoll::tmpl {

// The dynamic type: "map[string]interface {}", "*semver.Version"; "<nil>" for a nil interface, as %T prints it.
std::string_view type_name(const Value& value);
GoKind kind_of(const Value& value);
// reflect.Kind.String(): "map", "ptr", "float64", "invalid" for nil.
std::string_view kind_text(GoKind kind);
inline std::string_view kind_name_of(const Value& value) { return kind_text(kind_of(value)); }

constexpr bool is_signed_kind(GoKind kind) { return kind >= GoKind::kInt && kind <= GoKind::kInt64; }
constexpr bool is_unsigned_kind(GoKind kind) { return kind >= GoKind::kUint && kind <= GoKind::kUintptr; }
constexpr bool is_float_kind(GoKind kind) { return kind == GoKind::kFloat32 || kind == GoKind::kFloat64; }

// text/template's truth: not the zero of its type, and not empty for strings, slices and maps. Structs are true.
bool is_true(const Value& value);

// reflect.DeepEqual: types must be the same, nil and empty slices or maps differ.
bool deep_equal(const Value& a, const Value& b);

// len() of strings, slices, maps (typed nils: 0); nullopt for others.
std::optional<size_t> length_of(const Value& value);

// The items of a []string, []int, ...; empty for typed nils.
inline std::span<const Value> items_of(const Value& value) { return value.items(); }

}  // namespace plimsoll::tmpl
