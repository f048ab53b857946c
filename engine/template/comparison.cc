#include "engine/template/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/template/go_format.h"

namespace plimsoll::tmpl {
namespace {

// Go's basicKind.
enum class Basic : uint8_t { kInvalid, kBool, kComplex, kInt, kFloat, kString, kUint };

Basic basic_kind(const Value& value) {
  const GoKind kind = kind_of(value);
  if (is_signed_kind(kind)) return Basic::kInt;
  if (is_unsigned_kind(kind)) return Basic::kUint;
  if (is_float_kind(kind)) return Basic::kFloat;
  switch (kind) {
    case GoKind::kBool: return Basic::kBool;
    case GoKind::kString: return Basic::kString;
    case GoKind::kComplex64:
    case GoKind::kComplex128: return Basic::kComplex;
    default: return Basic::kInvalid;
  }
}

std::unexpected<std::string> no(std::string message) { return std::unexpected(std::move(message)); }

std::unexpected<std::string> incompatible(const Value& a, const Value& b) {
  return no(fmt::format("incompatible types for comparison: {} and {}", type_name(a), type_name(b)));
}

std::string as_s(const Value& value) { return sprintf("%s", std::span(&value, 1)); }
std::string as_v(const Value& value) { return to_text(value); }

// reflect.Type.Comparable.
bool is_comparable(const Value& value) {
  const GoKind kind = kind_of(value);
  if (kind == GoKind::kMap || kind == GoKind::kSlice || kind == GoKind::kFunc) return false;
  const GoObject* object = as_object(value);
  if (object == nullptr || kind != GoKind::kStruct || object->fields == nullptr) return true;
  const auto fields = object->go_type().fields;
  return std::all_of(fields.begin(), fields.end(), [&](const GoField& field) {
    return is_comparable(object->fields[&field - fields.data()]);
  });
}

bool same(const Value& a, const Value& b) {
  const GoObject* x = as_object(a);
  const GoObject* y = as_object(b);
  if (x == nullptr || y == nullptr) return false;
  if (x->type != y->type) return false;
  if (x->go_type().kind == GoKind::kPointer) return x == y;
  return deep_equal(a, b);
}

ComparisonResult equal_values(const Value& a, Basic a_kind, const Value& b) {
  const Basic b_kind = basic_kind(b);
  const bool a_nothing = kind_of(a) == GoKind::kInvalid;
  const bool b_nothing = kind_of(b) == GoKind::kInvalid;
  if (a_kind != b_kind) {
    if (a_kind == Basic::kInt && b_kind == Basic::kUint) {
      return a.as_int() >= 0 && static_cast<uint64_t>(a.as_int()) == b.as_uint();
    }
    if (a_kind == Basic::kUint && b_kind == Basic::kInt) {
      return b.as_int() >= 0 && static_cast<uint64_t>(b.as_int()) == a.as_uint();
    }
    if (!a_nothing && !b_nothing) return incompatible(a, b);
    return false;
  }
  switch (a_kind) {
    case Basic::kBool: return a.as_bool() == b.as_bool();
    case Basic::kInt: return a.as_int() == b.as_int();
    case Basic::kUint: return a.as_uint() == b.as_uint();
    case Basic::kFloat: return a.as_double() == b.as_double();
    case Basic::kString: return a.as_string() == b.as_string();
    case Basic::kComplex: return deep_equal(a, b);
    case Basic::kInvalid: break;
  }
  if (kind_of(a) != kind_of(b) && !a_nothing && !b_nothing) {
    return no(fmt::format("non-comparable types {}: {}, {}: {}", as_s(a), type_name(a), as_s(Value::string(type_name(b))),
                          as_v(b)));
  }
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
  if (!is_comparable(b)) return no(fmt::format("non-comparable type {}: {}", as_s(b), type_name(b)));
  return same(a, b);
}

constexpr std::string_view kBadType = "invalid type for comparison";

}  // namespace

ComparisonResult compare_eq(std::span<const Operand> args) {
  const Value a = unbox(args[0]).value;
  if (args.size() < 2) return no("missing argument for comparison");
  const Basic kind = basic_kind(a);
  for (const Operand& arg : args.subspan(1)) {
    const ComparisonResult answer = equal_values(a, kind, unbox(arg).value);
    if (!answer || *answer) return answer;
  }
  return false;
}

ComparisonResult compare_ne(std::span<const Operand> args) {
  const ComparisonResult equal = compare_eq(args);
  if (!equal) return equal;
  return !*equal;
}

ComparisonResult compare_lt(std::span<const Operand> args) {
  const Value a = unbox(args[0]).value;
  const Value b = unbox(args[1]).value;
  const Basic a_kind = basic_kind(a);
  const Basic b_kind = basic_kind(b);
  if (a_kind == Basic::kInvalid || b_kind == Basic::kInvalid) return no(std::string(kBadType));
  if (a_kind != b_kind) {
    if (a_kind == Basic::kInt && b_kind == Basic::kUint) {
      return a.as_int() < 0 || static_cast<uint64_t>(a.as_int()) < b.as_uint();
    }
    if (a_kind == Basic::kUint && b_kind == Basic::kInt) {
      return b.as_int() >= 0 && a.as_uint() < static_cast<uint64_t>(b.as_int());
    }
    return incompatible(a, b);
  }
  switch (a_kind) {
    case Basic::kInt: return a.as_int() < b.as_int();
    case Basic::kUint: return a.as_uint() < b.as_uint();
    case Basic::kFloat: return a.as_double() < b.as_double();
    case Basic::kString: return a.as_string() < b.as_string();
    default: return no(std::string(kBadType));
  }
}

ComparisonResult compare_le(std::span<const Operand> args) {
  const ComparisonResult less = compare_lt(args);
  if (!less || *less) return less;
  return compare_eq(args);
}

ComparisonResult compare_gt(std::span<const Operand> args) {
  const ComparisonResult less_or_equal = compare_le(args);
  if (!less_or_equal) return less_or_equal;
  return !*less_or_equal;
}

ComparisonResult compare_ge(std::span<const Operand> args) {
  const ComparisonResult less = compare_lt(args);
  if (!less) return less;
  return !*less;
}

}  // namespace plimsoll::tmpl
