// The lower half of the writer: places text on lines as go-yaml's emitter does. It remembers the column and what stands
// before it, because line folding, compact nesting and the need for a blank all depend on them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::yaml {

// What distinguishes the generations of go-yaml.
struct EmitterOptions {
  int width = 80;             // column behind which a blank becomes a line break
  bool indent_lists = false;  // a list in a map is indented
  bool literal_tabs = false;  // text with tabs may be a literal block
};

class Emitter {
 public:
  Emitter(std::string& out, const EmitterOptions& options) : out_(out), options_(options) {}

  enum class Style : uint8_t { kPlain, kDoubleQuoted, kLiteral };
  // A scalar in the style wished for, or the nearest one its text allows.
  void scalar(std::string_view text, Style wish, bool simple_key);
  // Writes a tag in front of the next scalar.
  void tag(std::string_view text);
  // A scalar known to be plain: a number, true, null.
  void bare(std::string_view text);

  void empty_list();
  void empty_map();
  // Indentation of the collections written. `in_map`: the list is the value of a map, where it is not indented further
  // unless it stands on a line of its own.
  void begin_list(bool in_map) { push_indent(in_map && !indention_ && !options_.indent_lists); }
  void begin_map() { push_indent(false); }
  void end_collection();
  void item();           // "- "
  void key();            // at the start of a simple key
  void colon();          // behind it
  void complex_key();    // "? "
  void complex_value();  // ": " on a line of its own
  void finish();         // the last line break

 private:
  void push_indent(bool indentless);
  void put(char c) {
    out_ += c;
    ++column_;
  }
  void put_break() {
    out_ += '\n';
    column_ = 0;
  }
  void write_rune(std::string_view text, size_t& i);
  void write_break(std::string_view text, size_t& i);
  void write_indent();
  void indicator(std::string_view text, bool need_blank, bool is_indention);
  void plain(std::string_view text, bool may_break);
  void single_quoted(std::string_view text, bool may_break);
  void double_quoted(std::string_view text, bool may_break);
  void literal(std::string_view text);
  void escape(std::string_view text, size_t& i);

  std::string& out_;
  const EmitterOptions options_;
  std::vector<int> indents_;
  int indent_ = -1;
  int column_ = 0;
  bool whitespace_ = true;  // a blank stands before the column
  bool indention_ = true;   // nothing but indentation and "-", "?", ":" stands before it
};

// True if the text has a line break of any kind, which makes it unfit for a simple key.
bool has_line_break(std::string_view text);

}  // namespace plimsoll::yaml
