// The nodes of a YAML stream as they are written: styles, anchors, tags, comments left where they are. What they mean is
// yaml::Document's matter; this says where to cut.
//
//   Result<SyntaxTree> tree = SyntaxTree::parse("a: &x {b: 1}\nc: *x\n");
//   const SyntaxNode& root = tree->node(tree->roots()[0]);
//   tree->node(tree->children(root)[1]).anchor;   // "x"
//
// Offsets are bytes of the text, a byte order mark included. Reads with libyaml what yaml::read_stream() has accepted before; the
// little that only the latter takes (JSON's own escapes, UTF-16) is an error here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/arena.h"
#include "engine/value/error.h"

namespace plimsoll::edit {

using NodeId = uint32_t;

struct SyntaxNode {
  enum class Kind : uint8_t { kScalar, kList, kMap, kAlias };
  enum class Style : uint8_t { kBlock, kFlow, kPlain, kSingleQuoted, kDoubleQuoted, kLiteral, kFolded };
  Kind kind = Kind::kScalar;
  Style style = Style::kPlain;
  bool tagged = false;
  // Content is [start, end): without tag and anchor, without white space around it. Of a block collection from its first key or
  // dash to the end of its last child; empty for a value that is not written.
  uint32_t start = 0;
  uint32_t end = 0;
  uint32_t outer = 0;           // where tag and anchor begin; `start` if there are none
  std::string_view anchor = {};  // or the name of an alias
  std::string_view text = {};   // of a mapping's key that is a scalar: its text without quotes
  uint32_t first_child = 0;
  uint32_t child_count = 0;  // of a map: keys and values in turn

  bool is_block() const { return style == Style::kBlock; }
  bool is_block_scalar() const { return style == Style::kLiteral || style == Style::kFolded; }
  bool is_quoted() const { return style == Style::kSingleQuoted || style == Style::kDoubleQuoted; }
};

class SyntaxTree {
 public:
  // Borrows the text.
  static Result<SyntaxTree> parse(std::string_view text);

  std::string_view text() const { return text_; }
  // One for each document, empty ones included.
  std::span<const NodeId> roots() const { return roots_; }
  const SyntaxNode& node(NodeId id) const { return nodes_[id]; }
  std::span<const NodeId> children(const SyntaxNode& node) const {
    return std::span(children_).subspan(node.first_child, node.child_count);
  }
  bool has_aliases() const { return has_aliases_; }

  // From `offset` over white space, line ends and comments.
  uint32_t skip_trivia(uint32_t offset) const;
  uint32_t line_start(uint32_t offset) const;
  // Before the line's end (CR LF, LF or CR), or the end of the text.
  uint32_t line_end(uint32_t offset) const;
  // Code points from the start of the line; a byte order mark is none.
  uint32_t column(uint32_t offset) const;

 private:
  friend class TreeReader;
  std::string_view text_;
  std::vector<SyntaxNode> nodes_;
  std::vector<NodeId> children_;
  std::vector<NodeId> roots_;
  Arena arena_;
  bool has_aliases_ = false;
};

}  // namespace plimsoll::edit
