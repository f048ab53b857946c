// Reads regular YAML and JSON straight into a Builder, without tokens, events or copies: several times as fast as
// libyaml.
//
// It takes what nearly every manifest consists of: block maps and lists, plain, quoted and block scalars, flow
// collections, comments, "---". At the first thing it is not sure about (an anchor, a tag, a tab, any error) it gives
// the document up, and event_reader.h reads it with libyaml. So it never reports an error of syntax, and it must never
// accept what libyaml understands differently; fast_reader_test.cc and the fuzzers compare the two.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/yaml/builder.h"

namespace plimsoll::yaml {

class FastReader {
 public:
  // `text` must be regular (see TextTraits), outlive the values, and be followed by a NUL byte.
  FastReader(std::string_view text, Arena& arena, Builder& builder);

  enum class Step {
    kDocument,  // the builder holds a document
    kEmpty,     // a document without content
    kEnd,       // the stream is over
    kUnusual,   // give the stream to libyaml from document_start() on
  };
  Step next_document();
  // Offset where the current document begins.
  size_t document_start() const { return static_cast<size_t>(document_start_ - text_.data()); }

 private:
  struct Text {
    std::string_view value;
    const char* start;
    const char* end;
    bool quoted;
  };
  enum class KeyScan { kKey, kScalar, kUnusual };

  uint32_t offset(const char* at) const { return static_cast<uint32_t>(at - text_.data()); }
  // Column of the next content, -1 at the end of the document.
  int column() const;
  bool at_entry() const;
  bool at_marker() const;

  bool skip_gap();
  bool end_of_value();
  bool node(int parent_indent, int depth);
  bool map(int indent, const Text& first_key, int depth);
  bool map_value(int indent, int depth);
  bool list(int indent, bool indentless, int depth);
  bool inline_value(int indent, int depth);
  KeyScan scan_key(Text& key);
  const char* plain_line(const char* from) const;
  bool plain_scalar(const char* start, const char* stop, int parent_indent);
  bool quoted_scalar(Text& scalar);
  bool folded_quoted(Text& scalar, char quote);
  bool escape(const char*& at, std::string& out);
  bool block_scalar(int parent_indent);
  bool skip_flow_gap();
  bool flow_node(int depth);
  bool flow_list(int depth);
  bool flow_map(int depth);
  bool flow_plain(Text& scalar);

  std::string_view text_;
  Arena& arena_;
  Builder& builder_;
  const char* at_;
  const char* line_;  // start of the line that holds at_
  const char* document_start_;
  bool json_ = false;  // the document is JSON, read as kubectl would
  bool started_ = false;
  std::string scratch_;
};

}  // namespace plimsoll::yaml
