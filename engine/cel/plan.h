// The planner: turns a checked tree into steps, folding constants and compiling constant patterns on the way, as the API server's
// cel-go does (interpreter/planner.go with OptOptimize).
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/cel/ast.h"
#include "engine/cel/functions.h"
#include "engine/cel/runtime/regex.h"
#include "engine/cel/step.h"

namespace plimsoll::cel {

struct Plan {
  Arena arena;                  // of the steps and constants
  const Step* root = nullptr;
  std::vector<std::unique_ptr<const Regex>> patterns;
  std::vector<size_t> variables;  // used, by slot
  std::vector<std::pair<size_t, size_t>> fields;
  uint32_t locals = 0;
  Library library = Library::kKubernetes;
};

// The tree and the table must outlive the plan. The error is cel-go's message.
std::expected<std::unique_ptr<Plan>, std::string> make_plan(const Ast& ast, const FunctionTable& functions);

}  // namespace plimsoll::cel
