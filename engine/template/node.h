// The compiled form of a template: a tree of small nodes in an arena, variables resolved to slots and functions to their entries.
// The kinds of nodes are those of text/template/parse, for error messages print them back.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/value/value.h"

namespace plimsoll::tmpl {

struct FunctionEntry;

enum class NodeType : uint8_t {
  kText,
  kAction,
  kIf,
  kRange,
  kWith,
  kTemplate,
  kBreak,
  kContinue,
  kList,
  kPipe,
  kCommand,
  kField,
  kVariable,
  kChain,
  kIdentifier,
  kDot,
  kNil,
  kBool,
  kNumber,
  kString,
  kElse,  // these two only while parsing
  kEnd,
};

struct Node {
  NodeType type;
  uint32_t position;  // byte offset in the template's text
};

struct TextNode : Node {
  std::string_view text;
};

struct ListNode : Node {
  std::span<const Node* const> nodes;
};

// .a.b
struct FieldNode : Node {
  std::span<const std::string_view> names;
};

// $x.a.b; slot -1: assigned to, but never declared, which Go notices only while executing.
struct VariableNode : Node {
  std::string_view name;  // with the dollar sign
  int32_t slot;
  std::span<const std::string_view> fields;
};

// (pipeline).a.b
struct ChainNode : Node {
  const Node* operand;
  std::span<const std::string_view> fields;
};

struct IdentifierNode : Node {
  std::string_view name;
  const FunctionEntry* function;
};

struct BoolNode : Node {
  bool value;
};

struct NumberNode : Node {
  bool is_int = false;
  bool is_uint = false;
  bool is_float = false;
  bool is_complex = false;
  int64_t integer = 0;
  uint64_t uinteger = 0;
  double real = 0;
  double imaginary = 0;
  std::string_view text;
};

struct StringNode : Node {
  std::string_view quoted;  // as written
  std::string_view text;
};

struct CommandNode : Node {
  std::span<const Node* const> args;
};

struct PipeNode : Node {
  bool is_assign = false;
  std::span<const VariableNode* const> declarations;
  std::span<const CommandNode* const> commands;
};

struct ActionNode : Node {
  const PipeNode* pipe;
};

// if, range, with
struct BranchNode : Node {
  const PipeNode* pipe;
  const ListNode* list;
  const ListNode* else_list;  // or nullptr
};

struct TemplateNode : Node {
  std::string_view name;
  const PipeNode* pipe;  // or nullptr
};

// The node as Go's parse tree prints it: {{template "x" .}}, printf "%d" .a
std::string node_text(const Node& node);

// One template: a file's main text or a {{define}}.
struct Template {
  std::string_view name;
  std::string_view file;  // the name that positions refer to
  std::string_view text;  // of the file
  const ListNode* root = nullptr;
  uint32_t slots = 1;  // variables to reserve; slot 0 is $
  bool empty = false;  // nothing but space: does not replace another definition
};

// Line (from 1) and column (bytes, from 0) of an offset as Go's errors count them.
struct LineColumn {
  uint32_t line;
  uint32_t column;
};
LineColumn locate(std::string_view text, uint32_t position);

}  // namespace plimsoll::tmpl
