// Source text to syntax tree.
//
//   Ast ast;
//   Issues issues(source);
//   if (!parse("object.spec.replicas > 1", options, ast, issues)) return issues.take();
//
// Two parsers share one TreeBuilder. The first is a plain recursive descent that gives up at the first irregularity. Only then the second
// (recover.h) reads the text again the way cel-go's ANTLR parser does, to say what is wrong in the same words at the same places.
//
// Limits, as the API server has them: 100,000 code points, grammar rules nested 250 deep, trees 250 levels deep (as cel-go counts), and
// our own limits on nodes for macros that copy.
#pragma once

#include <string_view>

#include "engine/cel/ast.h"
#include "engine/cel/build.h"
#include "engine/cel/issues.h"

namespace plimsoll::cel {

inline constexpr size_t kMaxCodePoints = 100'000;
inline constexpr size_t kMaxNesting = 250;

// `source` must be valid UTF-8; the tree keeps a copy. False if there are issues; the tree is then of no use.
bool parse(std::string_view source, const SyntaxOptions& options, Ast& ast, Issues& issues);

}  // namespace plimsoll::cel
