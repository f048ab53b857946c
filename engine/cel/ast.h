// The syntax tree of one expression, as parsed (macros expanded), then resolved and typed by the checker.
//
//   Ast ast;                                        // owns the source text and every string its nodes mention
//   if (parse(ast, source, options, issues)) check(ast, declarations, issues);
//   const Node& root = ast.node(ast.root);
//   if (root.kind == NodeKind::kCall && root.name == "_&&_")
//     for (NodeId argument : ast.arguments(root)) ...
//
// Nodes live in one array and name each other by index (NodeId), children before their parents. There is no other structure: what a
// node needs beyond the fixed part is a range of `children`, `entries` or an element of `comprehensions`.
//
//   kLiteral        literal                              null, bool, int, uint, double, string, bytes
//   kIdentifier     name                                 a variable, local or type; qualified names ("a.b") after the check
//   kSelect         operand, name, test_only             operand.name, or has(operand.name)
//   kCall           operand (if a member call), name, arguments()
//   kList           arguments(), is_optional(i)          [a, ?b]
//   kMap            entries_of()                         {k: v, ?k: v}
//   kMessage        name, entries_of() with field names  Object{spec: x}
//   kComprehension  comprehension_of()                   what all(), map(), cel.bind(), ... expand to
//
// Operators are calls with cel-go's names: _&&_ _||_ _?_:_ !_ -_ _+_ _-_ _*_ _/_ _%_ _==_ _!=_ _<_ _<=_ _>_ _>=_ @in _[_] and, for
// optionals, _?._ (operand, literal string) and _[?_]. Chains of && and || are balanced, as cel-go does, so that a long chain
// is not deep. Macros expand to the very trees that cel-go makes, accumulator and all, because their cost is observable.
//
// What the checker adds, by node:
//   references[id]  which variable, local, type or function overloads a node means (Reference)
//   types[id]       its type; empty if only parsed
// It also rewrites in place: a select chain that is a qualified name becomes kIdentifier; a member call whose target is a namespace
// becomes a global call with the qualified name ("optional.of"). With checking off (cel-spec's disable_check) names are resolved the same way
// but functions have no overloads: dispatch by name.
//
// Depth: no path from the root is longer than kMaxTreeDepth, so recursion over a tree is safe on a 512 KiB stack with small frames.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/type.h"
#include "engine/value/arena.h"
#include "engine/value/value.h"

namespace plimsoll::cel {

struct Signature;  // declare.h

using NodeId = uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;
inline constexpr size_t kMaxTreeDepth = 2000;

enum class NodeKind : uint8_t {
  kInvalid,  // stands in for what could not be parsed; never in a tree that compiled
  kLiteral,
  kIdentifier,
  kSelect,
  kCall,
  kList,
  kMap,
  kMessage,
  kComprehension,
};

// The macro a comprehension came from: for planners and explanations that know shortcuts.
enum class Macro : uint8_t {
  kNone,
  kAll,
  kExists,
  kExistsOne,
  kMap,                // also the three-argument form that filters first
  kFilter,
  kTransformList,      // also with a filter
  kTransformMap,
  kTransformMapEntry,
  kBind,               // cel.bind, optMap, optFlatMap: a comprehension over [] whose accumulator is the bound variable
  kSortBy,
};

struct Node {
  NodeKind kind = NodeKind::kInvalid;
  bool test_only = false;     // kSelect: has()
  bool has_optionals = false; // kList: some element is optional
  uint32_t offset = 0;        // byte offset in the source; where messages point to
  NodeId operand = kNoNode;   // kSelect: operand; kCall: target of a member call
  uint32_t first = 0;         // start of the range in `children` or `entries`; index into `comprehensions`
  uint32_t count = 0;
  std::string_view name = {}; // identifier, field, function or message type
  Value literal = {};
};

// An entry of a map or message literal.
struct Entry {
  NodeId key = kNoNode;     // map
  NodeId value = kNoNode;
  bool optional = false;
  uint32_t offset = 0;
  std::string_view field = {};  // message
};

// for (iter_var[, iter_var2] in range; condition) accu_var = step;  then result. `accu_var` starts as `init`.
// With one variable it holds a list's elements or a map's keys; with two, index and element or key and value.
struct Comprehension {
  Macro macro = Macro::kNone;
  std::string_view iter_var = {};
  std::string_view iter_var2 = {};  // empty: one variable
  std::string_view accu_var = {};
  NodeId range = kNoNode;
  NodeId init = kNoNode;
  NodeId condition = kNoNode;
  NodeId step = kNoNode;
  NodeId result = kNoNode;
};

struct Reference {
  enum class Kind : uint8_t {
    kNone,
    kVariable,   // environment variable number `index`
    kLazyField,  // a select: field number `field` of the lazy variable `index`
    kIterVar,    // locals of comprehensions[index]
    kIterVar2,
    kAccuVar,
    kType,       // a type's name used as a value: `int`; the type is types[id].parameters()[0], its name node.name
    kFunction,   // overloads() that the argument types admit, in declaration order; empty if unchecked
  };
  Kind kind = Kind::kNone;
  uint32_t index = 0;
  uint32_t field = 0;
  uint32_t first = 0;  // range in `overloads`
  uint32_t count = 0;
};

struct Ast {
  Ast() = default;
  Ast(Ast&&) = default;
  Ast& operator=(Ast&&) = default;

  std::string_view source;  // in `arena`
  Arena arena;
  std::vector<Node> nodes;
  std::vector<NodeId> children;
  std::vector<uint8_t> optional_child;  // parallel to `children`; empty if no list has optional elements
  std::vector<Entry> entries;
  std::vector<Comprehension> comprehensions;
  NodeId root = kNoNode;

  // Filled by the checker, parallel to `nodes`.
  std::vector<Reference> references;
  std::vector<Type> types;
  std::vector<const Signature*> overloads;

  const Node& node(NodeId id) const { return nodes[id]; }
  const Reference& reference(NodeId id) const { return references[id]; }
  std::span<const NodeId> arguments(const Node& node) const { return {children.data() + node.first, node.count}; }
  bool is_optional(const Node& list, size_t element) const {
    return list.has_optionals && optional_child[list.first + element] != 0;
  }
  std::span<const Entry> entries_of(const Node& node) const { return {entries.data() + node.first, node.count}; }
  const Comprehension& comprehension_of(const Node& node) const { return comprehensions[node.first]; }
  std::span<const Signature* const> overloads_of(NodeId id) const {
    return {overloads.data() + references[id].first, references[id].count};
  }
};

}  // namespace plimsoll::cel
