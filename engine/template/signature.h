// A function's parameter and result types, read from the text in its table row.
//
//   Signature s = read_signature(arena, "(string, ...interface {}) (string, error)");
//   s.parameters.size();  // 2
//   s.variadic;           // true: the last parameter's type is that of one element
#pragma once

#include <span>
#include <string_view>

#include "engine/template/function.h"
#include "engine/template/go_type.h"
#include "engine/value/arena.h"

namespace plimsoll::tmpl {

// A static type: one of go_type.h or, with type kInvalid, another known by its name only (time.Time, reflect.Value).
struct TypeRef {
  std::string_view name;
  GoType type = GoType::kInvalid;
  GoKind kind = GoKind::kInvalid;  // of unknown names: pointer if it begins with '*', else struct
  bool is_interface() const { return type == GoType::kInterface; }
  bool is_reflect_value = false;
};

TypeRef read_type(std::string_view name);

struct Signature {
  std::span<const TypeRef> parameters;
  TypeRef result;
  bool variadic = false;
};

Signature read_signature(Arena& arena, std::string_view text);

class Executor;
struct Operand;

// A function of text/template itself, which sees operands with their static types.
using Builtin = bool (*)(Executor& executor, std::span<const Operand> args, Operand& result);

enum class Special : uint8_t { kNone, kAnd, kOr, kCall, kInclude, kTpl };

// What an identifier of a template is resolved to.
struct FunctionEntry {
  const Function* function = nullptr;
  Signature signature;
  Builtin builtin = nullptr;  // instead of function->call
  Special special = Special::kNone;
};

}  // namespace plimsoll::tmpl
