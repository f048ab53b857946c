// From a checked syntax tree to a program that runs.
//
//   auto functions = FunctionTable::create(options);   // once per environment
//   auto program = make_program(std::move(ast), options, functions);
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "engine/cel/ast.h"
#include "engine/cel/cel.h"

namespace plimsoll::cel {

// The implementations of all functions an environment offers, found by overload id or by function name. Immutable.
class FunctionTable;
std::shared_ptr<const FunctionTable> make_function_table(const EnvironmentOptions& options);

// Folds constants and compiles constant patterns, as the API server does when it plans. The error is its message (CompileError::text
// with `planning` set). The program keeps the tree and the table.
std::expected<std::shared_ptr<const Program>, std::string> make_program(Ast ast, const EnvironmentOptions& options,
                                                                        std::shared_ptr<const FunctionTable> functions);

}  // namespace plimsoll::cel
