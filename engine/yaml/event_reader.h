// Reads any YAML with libyaml's events into a Builder, and makes libyaml agree with go-yaml where the two part ways.
//
// go-yaml is a port of an older libyaml. What has changed since, and what is done about it:
//   - in flow collections '?' ends a plain scalar in go-yaml: such scalars become go-yaml's error;
//   - in flow collections libyaml refuses ':' before one of ,?[]{}: the colon is replaced by a stand-in and put back;
//   - ',' '[' and ']' belong to a tag in go-yaml: '~' stands in (no tag that contains
//     them has a meaning);
//   - "\'" is an escape sequence in go-yaml only: the backslash is taken out; "\/" in libyaml only: go-yaml's error;
//   - go-yaml keeps the tag "!", which makes text of a plain scalar; libyaml drops it: looked up in the source;
//   - a byte order mark at the start of a line is text in go-yaml: it gets a stand-in (kubectl splits the stream
//   beforehand and
//     sees none, so not in kStrict);
//   - %YAML 1.2 is accepted by libyaml only; nesting beyond 10,000 levels is an error of go-yaml only;
//   - go-yaml's reader decodes 512 bytes at a time, and reports forbidden characters when it comes to their block.
#pragma once

#include <yaml.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"
#include "engine/yaml/builder.h"
#include "engine/yaml/source_text.h"

namespace plimsoll::yaml {

class EventReader {
 public:
  // Reads `source` from byte `start` on. `irregular`: the text has forbidden characters, so go-yaml's blocks matter.
  EventReader(const SourceText& source, size_t start, bool irregular, Arena& arena, Builder& builder,
              const ReadOptions& options);
  ~EventReader();
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  enum class Step { kDocument, kEmpty, kEnd };
  // kDocument: the builder holds a document (or is stopped). Errors are those of syntax.
  Result<Step> next_document();

 private:
  enum class Outcome { kDone, kAgain, kFailed };
  struct Collection {
    uint32_t start;
    bool flow;
    bool map;
    bool pair;  // a map of one entry, without brackets, in a flow list
  };

  void restart();
  static int read_block(void* self, unsigned char* buffer, size_t size, size_t* size_read);
  bool next_event();
  Outcome read_document(Step& step);
  Outcome take(const yaml_event_t& event);
  Outcome take_scalar(const yaml_event_t& event);
  Outcome begin_collection(const yaml_event_t& event, bool map, bool flow, const yaml_char_t* anchor,
                           const yaml_char_t* tag);
  void end_collection(const yaml_event_t& event);

  size_t patched_offset(const yaml_mark_t& mark);
  uint32_t offset_of(const yaml_mark_t& mark) { return source_offset(patched_offset(mark)); }
  uint32_t source_offset(size_t patched_offset) const;
  std::string_view patched() const { return patched_.empty() ? original_ : std::string_view(patched_); }

  void hide_inner_marks();
  std::string_view restore(std::string_view text, bool is_plain);
  bool patch_escapes(size_t at);
  bool patch_tag(size_t at);
  bool patch_colon(size_t at);
  bool mend_error();
  bool mend_tag(size_t node_start, bool has_anchor);
  bool has_bare_tag(uint32_t start, bool has_anchor) const;
  size_t skip_anchor(std::string_view text, size_t at) const;
  bool refuse_version(bool begun);
  bool refuse_question_mark(std::string_view text, uint32_t start);
  bool refuse_slash_escape(uint32_t start, uint32_t end);
  void refuse(std::string_view problem, uint32_t at, bool scanner_error);
  Error syntax_error();

  const SourceText& source_;
  const size_t start_;
  const bool irregular_;
  Arena& arena_;
  Builder& builder_;
  const ReadOptions& options_;

  std::string_view original_;
  std::string patched_;          // with the changes listed above; empty: none
  std::vector<size_t> removed_;  // offsets in patched_ in front of which a byte was taken out
  char colon_ = 0;               // stand-in for ':'
  std::string mark_;             // stand-in for a byte order mark; empty: none
  size_t reread_ = 0;            // bytes read again because of a change

  yaml_parser_t parser_{};
  yaml_event_t event_{};
  bool ascii_ = false;
  bool in_stream_ = false;
  size_t fed_ = 0;
  // Position of the last mark: libyaml counts characters, places are bytes.
  size_t cursor_index_ = 0;
  size_t cursor_offset_ = 0;

  size_t documents_ = 0;  // read so far; a restart skips them
  std::vector<Collection> open_;
  size_t flow_depth_ = 0;
  size_t block_depth_ = 0;
  size_t flow_work_ = 0;
  bool json_ = false;
};

}  // namespace plimsoll::yaml
