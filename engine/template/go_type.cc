#include "engine/template/go_type.h"

#include <array>

namespace plimsoll::tmpl {
namespace {

constexpr GoTypeInfo basic(std::string_view name, GoKind kind) { return {.name = name, .kind = kind}; }
constexpr GoTypeInfo slice(std::string_view name, GoType element) {
  return {.name = name, .kind = GoKind::kSlice, .element = element};
}
constexpr GoTypeInfo map(std::string_view name, GoType key, GoType element) {
  return {.name = name, .kind = GoKind::kMap, .element = element, .key = key};
}
constexpr GoTypeInfo defined(std::string_view name, GoType underlying, GoTypeInfo info) {
  info.name = name;
  info.underlying = underlying;
  info.named = true;
  return info;
}

constexpr std::array<GoTypeInfo, static_cast<size_t>(GoType::kCount)> kGoTypes = {{
    {},  // kDefault
    {},  // kInvalid
    basic("interface {}", GoKind::kInterface),
    basic("bool", GoKind::kBool),
    basic("int", GoKind::kInt),
    basic("int8", GoKind::kInt8),
    basic("int16", GoKind::kInt16),
    basic("int32", GoKind::kInt32),
    basic("int64", GoKind::kInt64),
    basic("uint", GoKind::kUint),
    basic("uint8", GoKind::kUint8),
    basic("uint16", GoKind::kUint16),
    basic("uint32", GoKind::kUint32),
    basic("uint64", GoKind::kUint64),
    basic("uintptr", GoKind::kUintptr),
    basic("float32", GoKind::kFloat32),
    basic("float64", GoKind::kFloat64),
    basic("string", GoKind::kString),
    slice("[]uint8", GoType::kUint8),
    slice("[]interface {}", GoType::kInterface),
    map("map[string]interface {}", GoType::kString, GoType::kInterface),
    slice("[]string", GoType::kString),
    slice("[]int", GoType::kInt),
    slice("[]int64", GoType::kInt64),
    slice("[]float64", GoType::kFloat64),
    slice("[][]interface {}", GoType::kAnys),
    slice("[][]string", GoType::kStrings),
    slice("[]map[string]interface {}", GoType::kMap),
    map("map[string]string", GoType::kString, GoType::kString),
    map("map[string][]string", GoType::kString, GoType::kStrings),
    map("map[string]bool", GoType::kString, GoType::kBool),
    map("map[interface {}]interface {}", GoType::kInterface, GoType::kInterface),
    defined("time.Duration", GoType::kInt64, basic("", GoKind::kInt64)),
    defined("time.Month", GoType::kInt, basic("", GoKind::kInt)),
    defined("time.Weekday", GoType::kInt, basic("", GoKind::kInt)),
    defined("chartutil.Values", GoType::kMap, map("", GoType::kString, GoType::kInterface)),
    defined("chartutil.VersionSet", GoType::kStrings, slice("", GoType::kString)),
    defined("engine.files", GoType::kInvalid, map("", GoType::kString, GoType::kBytes)),
    slice("[]*chart.Maintainer", GoType::kInvalid),
    slice("[]*chart.Dependency", GoType::kInvalid),
    basic("error", GoKind::kInterface),
}};

}  // namespace

const GoTypeInfo& type_info(GoType type) { return kGoTypes[static_cast<size_t>(type)]; }

GoType find_type(std::string_view name) {
  for (size_t i = 0; i < kGoTypes.size(); ++i) {
    if (!name.empty() && kGoTypes[i].name == name) return static_cast<GoType>(i);
  }
  return GoType::kInvalid;
}

GoType go_type(const Value& value) {
  if (value.flavour() != 0) return static_cast<GoType>(value.flavour());
  switch (value.kind()) {
    case Kind::kBool: return GoType::kBool;
    case Kind::kInt: return GoType::kInt64;
    case Kind::kUint: return GoType::kUint64;
    case Kind::kDouble: return GoType::kFloat64;
    case Kind::kString: return GoType::kString;
    case Kind::kBytes: return GoType::kBytes;
    case Kind::kList: return GoType::kAnys;
    case Kind::kMap: return GoType::kMap;
    case Kind::kNull:
    case Kind::kExtension: return GoType::kInvalid;
  }
  return GoType::kInvalid;
}

}  // namespace plimsoll::tmpl
