// Resolves names, chooses overloads and deduces types, as cel-go's checker does, with its messages.
//
//   if (check(ast, declarations, issues)) ast.types[ast.root].to_string();  // "bool"
#pragma once

#include "engine/cel/ast.h"
#include "engine/cel/declare.h"
#include "engine/cel/issues.h"

namespace plimsoll::cel {

// Fills references and types; with EnvironmentOptions::check off only references, and no name is an error then: what is not known
// stays without a reference and fails when it runs. False if there are issues.
bool check(Ast& ast, const Declarations& declarations, Issues& issues);

}  // namespace plimsoll::cel
