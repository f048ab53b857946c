// How a stream is written, so that what is put into it looks as if its author had.
//
//   const Style style = Style::of(tree);
//   write_block(value, 4, style, "\n");   // "name: a\n    image: b": the first line goes where the text is put
//
// Habits are counted: the most frequent one counts.
#pragma once

#include <string>
#include <string_view>

#include "engine/edit/syntax_tree.h"
#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::edit {

enum class Quote : uint8_t { kNone, kSingle, kDouble };

struct Style {
  uint32_t indent = 2;       // of a mapping below its key
  uint32_t list_indent = 0;  // of a list below its key
  uint32_t item_indent = 2;  // of an item's content behind its dash: "- " is 2
  Quote quote = Quote::kNone;  // of text that needs no quotes
  Quote needed = Quote::kDouble;  // of text that does
  bool flow_lists = false;   // lists of scalars as [a, b]

  static Style of(const SyntaxTree& tree);
};

// The text of a scalar, on one line. Errors: no YAML stands for the value (bytes, extensions, NaN).
Result<std::string> write_scalar(const Value& value, Quote quote, Quote needed, bool in_flow);
// A key, quoted only where it must be.
std::string write_key(std::string_view key, bool in_flow);

// A value whose first line is put somewhere and whose other lines begin with `column` blanks or more. Mappings and lists that are
// not empty in block style, unless style.flow_lists says otherwise. Text of several lines as a literal block with `text_column` blanks.
Result<std::string> write_block(const Value& value, uint32_t column, const Style& style, std::string_view line_end);
// What follows a key or a dash: " value", or for what needs lines of its own a line end and those lines. `column`: of the key.
Result<std::string> write_after_key(const Value& value, uint32_t column, const Style& style, std::string_view line_end);

struct FlowStyle {
  bool json = false;            // all text in double quotes
  std::string_view colon = ": ";
  std::string_view comma = ", ";
  Quote quote = Quote::kNone;
  Quote needed = Quote::kDouble;
  // Entries on lines of their own: what their lines begin with, and what is added with each level.
  bool lines = false;
  std::string indent = {};
  std::string step = "  ";
  std::string_view line_end = "\n";
};
// `{a: 1, b: [x]}`.
Result<std::string> write_flow(const Value& value, const FlowStyle& style);

}  // namespace plimsoll::edit
