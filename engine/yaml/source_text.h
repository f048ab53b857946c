// The text of a stream: encoding, lines and columns.
//
//   SourceText source("kind: Pod\n");
//   source.position(6);  // line 1, column 7
//
// A byte order mark is left in place; UTF-16 is converted to UTF-8 by decode_utf16 beforehand.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"
#include "engine/yaml/document.h"

namespace plimsoll::yaml {

struct Position {
  uint32_t line = 0;
  uint32_t column = 0;
};

class SourceText {
 public:
  explicit SourceText(std::string text) : text_(std::move(text)) {}
  // Borrows: for readers that keep the text elsewhere.
  static SourceText view_of(std::string_view text) { return SourceText(text, Borrow()); }

  std::string_view text() const { return borrowed_.data() != nullptr ? borrowed_ : std::string_view(text_); }
  // Line and column of a byte, from 1. Lines end with LF, CR LF or CR; columns count code points.
  Position position(size_t offset) const;
  // Line breaks before a byte as YAML 1.1 counts them, NEL, LS and PS included: the lines of go-yaml's messages.
  uint32_t break_count(size_t offset) const;
  Range range(size_t start, size_t end) const;
  // The line that holds `offset`, without its end.
  std::string_view line_at(size_t offset) const;

 private:
  struct Borrow {};
  SourceText(std::string_view text, Borrow) : borrowed_(text) {}
  void index_lines() const;
  void index_columns() const;
  size_t runes_before(size_t offset) const;

  std::string text_;
  std::string_view borrowed_;
  // Built when first asked for: most documents are never asked.
  mutable std::once_flag indexed_;
  mutable std::vector<uint32_t> line_starts_;
  // Code points before each block of the text. Built for a place far into its line: a minified file is one line, and counting from
  // its start for each of many places would be quadratic.
  mutable std::once_flag columns_indexed_;
  mutable std::vector<uint32_t> runes_before_block_;
};

// What a reader must know of a text before it starts.
struct TextTraits {
  // Nothing but tabs, line feeds and printable characters that YAML gives no special meaning: no carriage return, no
  // NEL, LS or PS line breaks, no byte order mark inside, no control character, valid UTF-8.
  bool regular = false;
  // Offset of the first byte that YAML forbids (invalid UTF-8, control characters), or npos.
  size_t first_bad = std::string_view::npos;
};
TextTraits examine(std::string_view text);

inline constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

// Text that begins with a UTF-16 byte order mark, as UTF-8. nullopt for other text. Errors as go-yaml's reader names
// them.
std::optional<Result<std::string>> decode_utf16(std::string_view text);

}  // namespace plimsoll::yaml
