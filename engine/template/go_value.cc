#include "engine/template/go_value.h"

#include <algorithm>
#include <array>

namespace plimsoll::tmpl {
namespace {

constexpr std::array<std::string_view, 26> kKindNames = {
    "invalid", "bool",    "int",     "int8",      "int16",      "int32", "int64", "uint", "uint8",
    "uint16",  "uint32",  "uint64",  "uintptr",   "float32",    "float64", "complex64", "complex128", "array",
    "chan",    "func",    "interface", "map",     "ptr",        "slice", "string", "struct"};

// Deeper than any reader admits; a deeper value is cyclic, for which Go's DeepEqual would track visited pairs.
constexpr int kMaxCompareDepth = 2000;

bool deep_equal(const Value& a, const Value& b, int depth);

bool objects_equal(const GoObject& a, const GoObject& b, int depth) {
  if (&a == &b) return true;
  if (a.type != b.type) return false;
  const GoObjectType& type = a.go_type();
  if (type.equals != nullptr) return type.equals(a, b);
  if (a.fields == nullptr || b.fields == nullptr) return false;
  for (size_t i = 0; i < type.fields.size(); ++i) {
    if (!deep_equal(a.fields[i], b.fields[i], depth + 1)) return false;
  }
  return true;
}

bool deep_equal(const Value& a, const Value& b, int depth) {
  if (depth > kMaxCompareDepth) return true;
  if (a.kind() != b.kind()) return false;
  if (a.is_extension()) return objects_equal(*as_object(a), *as_object(b), depth);
  if (go_type(a) != go_type(b)) return false;
  switch (a.kind()) {
    case Kind::kNull: return true;
    case Kind::kBool: return a.as_bool() == b.as_bool();
    case Kind::kInt: return a.as_int() == b.as_int();
    case Kind::kUint: return a.as_uint() == b.as_uint();
    case Kind::kDouble: return a.as_double() == b.as_double();
    case Kind::kString: return a.as_string() == b.as_string();
    case Kind::kBytes: return a.as_bytes() == b.as_bytes();
    case Kind::kList: {
      if (a.as_list() == b.as_list()) return true;
      const auto x = a.items();
      const auto y = b.items();
      return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                        [&](const Value& p, const Value& q) { return deep_equal(p, q, depth + 1); });
    }
    case Kind::kMap: {
      if (a.as_map() == b.as_map()) return true;
      if (a.as_map()->size() != b.as_map()->size()) return false;
      return std::all_of(a.as_map()->begin(), a.as_map()->end(), [&](const Map::Entry& entry) {
        const Value* other = std::as_const(*b.as_map()).find(entry.key);
        return other != nullptr && deep_equal(entry.value, *other, depth + 1);
      });
    }
    case Kind::kExtension: break;
  }
  return false;
}

}  // namespace

std::string_view type_name(const Value& value) {
  if (const GoObject* object = as_object(value)) return object->type->name;
  if (value.is_null() && value.flavour() <= flavour(GoType::kInterface)) return "<nil>";
  return type_info(go_type(value)).name;
}

GoKind kind_of(const Value& value) {
  if (const GoObject* object = as_object(value)) return object->go_type().kind;
  if (value.is_null() && value.flavour() <= flavour(GoType::kInterface)) return GoKind::kInvalid;
  return type_info(go_type(value)).kind;
}

std::string_view kind_text(GoKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

bool is_true(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return false;
    case Kind::kBool: return value.as_bool();
    case Kind::kInt: return value.as_int() != 0;
    case Kind::kUint: return value.as_uint() != 0;
    case Kind::kDouble: return value.as_double() != 0;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kList:
    case Kind::kMap: return value.size() > 0;
    case Kind::kExtension: {
      const auto* number = value.as<GoComplex>();
      return number == nullptr || number->re != 0 || number->im != 0;
    }
  }
  return false;
}

bool deep_equal(const Value& a, const Value& b) { return deep_equal(a, b, 0); }

std::optional<size_t> length_of(const Value& value) {
  switch (kind_of(value)) {
    case GoKind::kString:
    case GoKind::kSlice:
    case GoKind::kMap: return value.size();
    default: return std::nullopt;
  }
}

}  // namespace plimsoll::tmpl
