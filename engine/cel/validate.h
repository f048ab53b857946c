// What the API server checks beyond types: literals that would fail whenever they run.
//
// - duration('1x'), timestamp('yesterday') and x.matches('(') with a literal argument,
// - format strings against the literal list of their arguments,
// - list and map literals whose elements differ in type (Kubernetes only; the arguments of format() may).
#pragma once

#include <functional>
#include <string_view>

#include "engine/cel/ast.h"
#include "engine/cel/cel.h"
#include "engine/cel/issues.h"

namespace plimsoll::cel {

// Whether `function` succeeds for a literal argument.
using LiteralCheck = std::function<bool(std::string_view function, const Value& argument)>;

// `ast` is checked. False if there are issues.
bool validate(const Ast& ast, const EnvironmentOptions& options, const LiteralCheck& literal_check, Issues& issues);

}  // namespace plimsoll::cel
