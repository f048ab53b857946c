// Builds Values, their places and go-yaml's verdicts from the events of a parser (fast_reader.h or event_reader.h).
//
//   builder.begin_document();
//   builder.begin_map(0);
//   builder.plain("replicas", 0, 8);
//   builder.plain("3", 10, 11);
//   builder.end_map();
//   Result<Value> root = builder.finish_document();
//
// Children are gathered on one stack and copied to the arena in one piece when their container ends, so that every
// container is allocated once with its final size.
//
// In the Go dialects an error of decoding (a wrong tag, an unusable key) is reported only after the whole document was
// parsed, for go-yaml parses first; errors of later stages (conversion to JSON) come after those of earlier ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/value/error.h"
#include "engine/value/value.h"
#include "engine/yaml/document.h"
#include "engine/yaml/scalar.h"

namespace plimsoll::yaml {

class SourceText;

class Builder {
 public:
  // `spans`: where children's places are collected; nullptr: nowhere. All references outlive the builder.
  Builder(Arena& arena, std::vector<Span>* spans, const SourceText& source, const ReadOptions& options);

  void begin_document();
  // The root, or the error that the dialect reports for the document. Of a document without a node: null.
  Result<Value> finish_document();
  // Where the root stands, after finish_document().
  Span root_span() const { return root_span_; }

  // Scalars. Their text must outlive the arena's users: a slice of the source or a copy in the arena. Offsets are of
  // the source.
  void plain(std::string_view text, uint32_t start, uint32_t end);
  void quoted(std::string_view text, uint32_t start, uint32_t end);
  // With a tag (long form; empty: plain text) or an anchor.
  void tagged(std::string_view tag, std::string_view text, std::string_view anchor, uint32_t start, uint32_t end);

  void begin_list(uint32_t start, std::string_view anchor = {});
  void begin_map(uint32_t start, std::string_view anchor = {});
  // `end`: of the closing bracket; 0: where the last child ends.
  void end_list(uint32_t end = 0);
  void end_map(uint32_t end = 0);
  void alias(std::string_view anchor, uint32_t start, uint32_t end);

  // True if the rest of the document need not be read: finish_document() will return an error.
  bool stopped() const { return fatal_.has_value(); }
  void stop(Error error) {
    if (!fatal_) fatal_ = std::move(error);
  }
  size_t depth() const { return frames_.size(); }
  bool strict() const { return strict_; }

  // An Error at a place of the source, in the voice of the dialect.
  Error error_at(uint32_t start, uint32_t end, ErrorCode code, std::string message, std::string remedy = {}) const;

 private:
  enum class Stage : uint8_t { kDecode, kConvert, kCount };

  struct Node {
    Value value;
    uint32_t start;
    uint32_t end;
  };
  struct Frame {
    uint32_t base;   // of its children in nodes_
    uint32_t start;  // offset in the source
    uint32_t height = 1;
    int32_t anchor = -1;  // index in anchors_, -1: none
    size_t count = 0;     // nodes decoded before it
    bool is_map = false;
    bool at_key = false;
    bool has_merge = false;
    bool odd_key = false;  // the current key is null or a uint: no text can stand for it
  };
  struct Anchor {
    Value value = {};
    size_t count = 0;  // nodes in it, aliases expanded
    uint32_t height = 0;
    bool open = false;
  };

  void add(const Value& value, uint32_t start, uint32_t end, uint32_t height = 0) {
    nodes_.push_back({value, start, end});
    if (frames_.empty()) return;
    Frame& frame = frames_.back();
    if (height >= frame.height) frame.height = height + 1;
    if (!frame.is_map) return;
    frame.at_key = !frame.at_key;
    if (frame.at_key) {
      if (frame.has_merge || frame.odd_key || go_strict_) finish_pair(frame);
    } else if (!value.is_string() || go_strict_) {
      finish_key(frame);
    }
  }
  void count_node() {
    ++decode_count_;
    if (alias_count_ > kFreeAliases) check_aliasing();
  }
  bool at_key() const { return !frames_.empty() && frames_.back().is_map && frames_.back().at_key; }
  bool is_merge_pair(const Frame& frame) const;

  Value number(const Scalar& scalar, uint32_t start, uint32_t end);
  void begin_container(bool is_map, uint32_t start, std::string_view anchor);
  void close_container(const Value& value, uint32_t end);
  void finish_key(Frame& frame);
  void finish_pair(Frame& frame);
  void finish_merge(const Node& value);
  void note_strict_key(std::string key, uint32_t value_offset);
  void apply_merge(Map& map, size_t first_span, const Value& source);
  void put(Map& map, size_t first_span, const Value& key, const Value& value, const Span& span);
  void report_duplicate(std::string_view key, const Span& first, const Node& key_node);
  void check_aliasing();
  Value copy_containers(const Value& value);
  int32_t open_anchor(std::string_view name);
  void problem(Stage stage, std::string go_message, uint32_t start, uint32_t end, std::string message,
               std::string remedy = {});

  static constexpr size_t kFreeAliases = 100;

  Arena& arena_;
  std::vector<Span>* spans_;
  const SourceText& source_;
  const ReadOptions& options_;
  const bool strict_;
  const bool go_strict_;
  const size_t max_depth_;

  std::vector<Node> nodes_;
  std::vector<Frame> frames_;
  std::vector<Span> map_spans_;
  std::unordered_map<std::string, int32_t> anchor_names_;
  std::vector<Anchor> anchors_;
  // Texts that stand for keys of other types, which Go prints without quotes.
  std::unordered_set<const char*> bare_keys_;
  size_t decode_count_ = 0;
  size_t alias_count_ = 0;
  bool non_finite_ = false;
  Span root_span_;

  // kGoStrict: the keys of the open maps as Go prints them, and the repetitions found.
  std::vector<std::unordered_set<std::string>> strict_keys_;
  std::vector<std::string> strict_pending_;
  std::vector<std::string> repetitions_;

  std::optional<Error> fatal_;
  std::optional<Error> pending_[static_cast<size_t>(Stage::kCount)];
};

}  // namespace plimsoll::yaml
