// JSON to Value and back.
//
//   Arena arena;
//   Result<Value> pod = json::read(arena, R"({"kind": "Pod"})");
//   json::write(*pod);  // {"kind":"Pod"}
//
// Reading uses simdjson: strict RFC 8259, UTF-8 checked. For positions or Kubernetes' lenient reading use engine/yaml, which
// reads JSON as well.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::json {

inline constexpr size_t kMaxDepth = 512;

// Whole numbers become int (or uint above int64's range), others double; text is copied into the arena. Errors:
// kSyntax with line and column, kLimit beyond kMaxDepth. A repeated key keeps its last value, as Go's encoding/json does.
Result<Value> read(Arena& arena, std::string_view text);

// Whether a text has more than so many values and keys, told by the punctuation outside of its strings: it takes no memory and little time, and
// says so before either is spent on reading. What is no JSON counts as far as it looks like it.
bool has_more_values(std::string_view text, size_t limit);

// For whoever reads one text after another and is done with each before the next: text is not copied into the arena but
// lies in the reader's buffers, which it keeps. Not thread-safe.
class Reader {
 public:
  Reader();
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  // As json::read(), but the strings of the value are valid until the next call only.
  Result<Value> read(Arena& arena, std::string_view text);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

struct WriteOptions {
  int indent = 0;           // spaces per level; 0: one line without blanks
  bool sort_keys = false;   // by bytes, as Go's encoding/json
  bool escape_html = false; // <, > and & as \u00XX, as Go's json.Marshal does
};
// Non-string keys are written as their text; NaN and infinities as null; bytes as base64; extensions as null.
std::string write(const Value& value, const WriteOptions& options = {});

// Appends a quoted JSON string; invalid UTF-8 becomes U+FFFD, U+2028 and U+2029 are escaped, as Go does.
void append_quoted(std::string& out, std::string_view text, bool escape_html = false);
// As append_quoted(), a text of its own.
std::string quoted(std::string_view text);
// Appends a number as Go's encoding/json prints a float64 (shortest, exponent below 1e-6 and from 1e21).
void append_double(std::string& out, double value);

}  // namespace plimsoll::json
