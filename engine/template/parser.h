// Text of a file to templates: the main one and every {{define}} and {{block}} in it, as text/template/parse reads them.
//
//   auto templates = parse(arena, functions, "c/templates/x.yaml", text);
//   if (!templates) templates.error().message();  // template: c/templates/x.yaml:1: unexpected "}" in command
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "engine/template/node.h"
#include "engine/template/stack_guard.h"
#include "engine/value/arena.h"
#include "engine/value/error.h"

namespace plimsoll::tmpl {

// Resolves identifiers; nullptr for names that are no functions.
class FunctionLookup {
 public:
  virtual ~FunctionLookup() = default;
  virtual const FunctionEntry* find(std::string_view name) = 0;
};

// The first template is the main one, of the name `name`. Nodes live in `arena` and borrow `name` and `text`.
// Errors have Go's words and no location of their own, for the message carries it.
Result<std::vector<const Template*>> parse(Arena& arena, FunctionLookup& functions, std::string_view name,
                                           std::string_view text, const StackGuard& stack = StackGuard());

}  // namespace plimsoll::tmpl
