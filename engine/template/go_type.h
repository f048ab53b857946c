// The Go types that template values have. A Value knows its kind only; its flavour() says which Go type it is, so that
// `typeOf`, `printf "%T"`, argument checks and printing answer as Go does.
//
//   Value::real(1.5)                                        // float64, flavour 0: the default of its kind
//   go_int(3)                                               // int: Value::integer(3) with flavour GoType::kInt
//   Value::list(words).with_flavour(flavour(GoType::kStrings))  // []string; its items must be strings
//   type_name(value), kind_of(value)                        // go_value.h
//
// Representation of each Go type:
//   bool                      kBool
//   int64, int, uint8, ...    kInt (int64 is flavour 0) or kUint (uint64 is flavour 0)
//   float64, float32          kDouble
//   string                    kString
//   []byte                    kBytes
//   []interface {}            kList; other slices are lists of another flavour
//   map[string]interface {}   kMap; other maps are maps of another flavour
//   nil interface             kNull
//   typed nil                 kNull with the flavour of the type: a nil map ranges and prints as an empty one
//   structs, pointers, time.Time, *semver.Version, complex128, errors   kExtension: go_object.h
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/value/value.h"

namespace plimsoll::tmpl {

// reflect.Kind.
enum class GoKind : uint8_t {
  kInvalid,
  kBool,
  kInt,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kUintptr,
  kFloat32,
  kFloat64,
  kComplex64,
  kComplex128,
  kArray,
  kChan,
  kFunc,
  kInterface,
  kMap,
  kPointer,
  kSlice,
  kString,
  kStruct,
};

// The types that are told apart by flavour. The order is that of kGoTypes in go_type.cc.
enum class GoType : uint8_t {
  kDefault = 0,  // bool, int64, uint64, float64, string, []uint8, []interface {}, map[string]interface {}, nil
  // No value at all (reflect's zero Value), which prints as <no value>. Functions never see it: they get nil.
  kInvalid,
  kInterface,  // interface {}: static type only, no value has it
  kBool,
  kInt,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kUintptr,
  kFloat32,
  kFloat64,
  kString,
  kBytes,     // []uint8
  kAnys,      // []interface {}
  kMap,       // map[string]interface {}
  kStrings,   // []string
  kInts,      // []int
  kInt64s,    // []int64
  kFloats,    // []float64
  kAnyLists,  // [][]interface {}
  kStringLists,  // [][]string
  kMaps,      // []map[string]interface {}
  kStringMap,   // map[string]string
  kStringsMap,  // map[string][]string
  kBoolMap,     // map[string]bool
  kAnyMap,      // map[interface {}]interface {}
  kDuration,    // time.Duration
  kMonth,       // time.Month
  kWeekday,     // time.Weekday
  kValues,      // chartutil.Values
  kVersionSet,  // chartutil.VersionSet
  kFiles,       // engine.files
  kMaintainers,   // []*chart.Maintainer
  kDependencies,  // []*chart.Dependency
  kError,         // error: static type, and nil errors
  kCount,
};

// What is known of a GoType.
struct GoTypeInfo {
  std::string_view name;  // as reflect prints it
  GoKind kind = GoKind::kInvalid;
  GoType element = GoType::kInvalid;     // of slices and maps
  GoType key = GoType::kInvalid;         // of maps
  GoType underlying = GoType::kInvalid;  // itself unless named
  bool named = false;                    // a defined type such as chartutil.Values
};

const GoTypeInfo& type_info(GoType type);
// nullptr-like GoType::kInvalid if there is no such name ("[]string").
GoType find_type(std::string_view name);

constexpr uint8_t flavour(GoType type) { return static_cast<uint8_t>(type); }

// The type of a value, defaults resolved. Extensions: kInvalid, ask go_object.h. nil: kInvalid or the type of a typed nil.
GoType go_type(const Value& value);

// Makers of the common flavours.
inline Value go_int(int64_t number) { return Value::integer(number).with_flavour(flavour(GoType::kInt)); }
inline Value go_strings(List* list) { return Value::list(list).with_flavour(flavour(GoType::kStrings)); }
inline Value go_ints(List* list) { return Value::list(list).with_flavour(flavour(GoType::kInts)); }
inline Value go_string_map(Map* map) { return Value::map(map).with_flavour(flavour(GoType::kStringMap)); }
inline Value typed_nil(GoType type) { return Value::null().with_flavour(flavour(type)); }

}  // namespace plimsoll::tmpl
