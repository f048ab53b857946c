// Makes the nodes of a tree. Parser and error recovery read tokens in different ways but mean the same by them; that meaning (literals,
// reserved words, operators, macros) is here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/ast.h"
#include "engine/cel/issues.h"
#include "engine/cel/lex.h"

namespace plimsoll::cel {

struct SyntaxOptions {
  bool macros = true;
  bool extended = false;  // backquoted field names, and the macros that Kubernetes lacks
};

// Copying macros (optMap) could double a tree at each step of a chain.
inline constexpr size_t kMaxNodes = 500'000;

class TreeBuilder {
 public:
  // `ast.source` must be set. Both outlive this.
  TreeBuilder(Ast& ast, const SyntaxOptions& options, Issues& issues) : ast_(ast), options_(options), issues_(issues) {}

  Ast& ast() { return ast_; }
  const SyntaxOptions& options() const { return options_; }
  std::string_view text(const Token& token) const { return token.text(ast_.source); }

  NodeId report(uint32_t offset, std::string message);
  // Stands in for what is missing after a syntax error.
  NodeId invalid(uint32_t offset);

  // Literals of the grammar. `offset` is where messages point to: the sign, if there is one.
  NodeId number(uint32_t offset, bool negative, const Token& token);
  NodeId text_literal(const Token& token);
  NodeId literal(uint32_t offset, Value value);

  // A variable or function name as written; false (and an issue) if the word is reserved.
  bool check_reserved(uint32_t offset, std::string_view name);
  NodeId identifier(uint32_t offset, std::string_view name);
  // The field name a token stands for: a name or a backquoted one. `offset` is where a complaint points to.
  std::string_view field_name(uint32_t offset, const Token& token);
  NodeId select(uint32_t offset, NodeId operand, std::string_view field, bool test_only = false);

  NodeId call(uint32_t offset, std::string_view function, std::span<const NodeId> arguments);
  NodeId member_call(uint32_t offset, NodeId target, std::string_view function, std::span<const NodeId> arguments);
  // As call and member_call (without target: kNoNode), but macros are expanded.
  NodeId call_or_macro(uint32_t offset, NodeId target, std::string_view function, std::span<const NodeId> arguments);
  // Balances a chain of && or ||. `offsets` are those of the operators: one fewer than terms.
  NodeId logical(std::string_view function, std::span<const NodeId> terms, std::span<const uint32_t> offsets);

  NodeId list(uint32_t offset, std::span<const NodeId> items, std::span<const uint8_t> optional = {});
  NodeId map(uint32_t offset, std::span<const Entry> entries);
  NodeId message(uint32_t offset, std::string_view name, std::span<const Entry> fields);
  NodeId comprehension(uint32_t offset, const Comprehension& comprehension);
  // A deep copy.
  NodeId copy(NodeId node);

  const Node& node(NodeId id) const { return ast_.nodes[id]; }
  // Levels of the tree below and including a node.
  size_t depth(NodeId id) const { return depths_[id]; }
  // Levels as cel-go's parser counts them: ternaries, relations, arithmetic, selections, calls on members and indexing only.
  size_t counted_depth(NodeId id) const { return counted_[id]; }
  // Some limit (nodes, depth) is passed and the tree must not be used.
  bool overflown() const { return overflown_; }

 private:
  NodeId add(const Node& node, bool counted = false);
  std::string_view unescape(std::string_view literal, bool bytes, uint32_t offset);

  Ast& ast_;
  SyntaxOptions options_;
  Issues& issues_;
  std::vector<uint16_t> depths_;
  std::vector<uint16_t> counted_;
  bool overflown_ = false;
};

}  // namespace plimsoll::cel
