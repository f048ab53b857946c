// Where rendered text comes from: for each stretch of output the place in a template that wrote it, the chain of includes that
// led there, and the values that flowed into it.
//
//   Tracer tracer(arena);
//   tracer.mark_values(values);                      // before the render: names the nodes of the tree by their paths
//   ... render with the tracer ...                   // template.h
//   for (const LineOrigin& line : tracer.lines(text, spans)) {
//     line.place.file; line.place.line; line.chain; line.values;   // c/templates/x.yaml, 41, _helpers.tpl:7, image.tag
//   }
//
// How it works. Values carry an origin: scalars in Value::tag(), containers in their tag field, text in a table by the address
// of its bytes. A path of the values tree is an origin, and so is a set of them. Text written by include, tpl and the like keeps
// the spans of its parts in the same table; functions that change text a little (Trace::kLines: indent, trim, quote) get their
// result's spans by finding the argument's lines in it again, toYaml (Trace::kYaml) by finding the entries. What no rule
// explains owes to the union of its arguments. With tracing off none of this exists but a null pointer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/template/function.h"
#include "engine/template/node.h"
#include "engine/value/arena.h"
#include "engine/value/path.h"
#include "engine/value/value.h"

namespace plimsoll::tmpl {

// An entry of the tracer's table of origins: a values path or a set of them; 0: none.
using OriginId = uint32_t;

// One execution of one template. Frame 0 stands for "the action that prints", to be filled in when that is known.
using FrameId = uint32_t;

// A stretch of a text and who wrote it.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
  FrameId frame = 0;
  uint32_t offset = 0;  // in the text of the frame's template: of the action, or of the first byte of literal text
  OriginId origin = 0;
  bool literal = false;  // the text stands in the template byte by byte
  OriginId condition = 0;  // what the nearest if, with or range around it has read
};
using Spans = std::vector<Span>;

struct SourcePlace {
  std::string_view file;           // as templates are named: c/templates/x.yaml
  std::string_view template_name;  // of the {{define}}, or the file
  uint32_t line = 0;               // from 1
  uint32_t column = 0;             // from 1, in code points
};

// A stretch of output, resolved.
struct OutputSpan {
  uint32_t begin = 0;
  uint32_t end = 0;
  SourcePlace place;
  std::vector<SourcePlace> chain;  // the includes, innermost first
  std::vector<Path> values;
  std::vector<Path> conditions;  // values read by the nearest condition (if, with, range) around it
  bool literal = false;
};

// A line of output: the place of the first visible thing on it and all values that flowed into the line.
struct LineOrigin {
  uint32_t line = 0;  // from 1
  SourcePlace place;
  std::vector<SourcePlace> chain;
  std::vector<Path> values;
};

class Tracer {
 public:
  explicit Tracer(Arena& arena);

  // Gives every node of the values tree an origin, its path below the root. Nodes that have one already keep it, so that a tree
  // which shares parts (globals) is named by the first way to reach them. Changes the tags of the containers and scalars.
  void mark_values(const Value& root);

  OutputSpan resolve(const Span& span) const;
  // Lines of output that a template wrote; blank ones included, others left out.
  std::vector<LineOrigin> lines(std::string_view text, std::span<const Span> spans) const;
  std::vector<Path> paths(OriginId origin) const;

  // The rest is for the executor.

  // `tpl_origin`: where the text of a tpl comes from; all that it writes owes to it.
  FrameId enter(FrameId caller, uint32_t call_offset, const Template& target, OriginId tpl_origin = 0);
  OriginId origin_of(const Value& value);
  OriginId merge(OriginId a, OriginId b);
  // The value that a missing key of a marked container reads: nil that knows its path.
  Value missing(const Value& container, std::string_view key, Value nothing);

  // What is written until leave_condition() stands below an if, with or range that has read `reads`; returns what to leave with.
  OriginId enter_condition(OriginId reads) {
    const OriginId outer = condition_;
    if (reads != 0) condition_ = reads;
    return outer;
  }
  void leave_condition(OriginId outer) { condition_ = outer; }
  void wrote_literal(Spans& spans, size_t begin, size_t end, FrameId frame, uint32_t offset);
  // `reads`: what the action has read, for values that know nothing of their origin.
  void wrote_value(Spans& spans, size_t begin, size_t end, FrameId frame, uint32_t offset, const Value& value,
                   OriginId reads);
  // The text of an include with the spans that were written to make it.
  void record_text(std::string_view text, Spans spans, OriginId origin = 0);
  // The result of a function, with its origin.
  Value called(Trace rule, std::span<const Value> args, Value result);

 private:
  struct PathNode {
    uint32_t parent;  // 0: the root
    int64_t index;    // of a list item, or -1
    std::string_view key;
  };
  struct Frame {
    const Template* target;
    FrameId caller;
    uint32_t call_offset;
    OriginId tpl_origin;
  };
  struct TextTrace {
    uint32_t size = 0;
    OriginId origin = 0;      // of the text as a whole
    OriginId gap_origin = 0;  // of what lies between the spans
    Spans spans = {};         // sorted; frame 0: the action that prints the text
  };

  OriginId add_path(PathNode node);
  void mark(Value& value, OriginId path);
  void mark_text(const Value& text, OriginId origin);
  OriginId origin_with_items(const Value& value);
  const TextTrace* trace_of(const Value& value) const;
  std::span<const OriginId> members(const OriginId& origin) const;
  void append_paths(OriginId origin, std::vector<OriginId>& paths) const;
  Path path_of(OriginId origin) const;

  // The innermost frame that runs a file's template: the text of a tpl is no place to point at. Adds what such texts owe to.
  const Frame& visible(FrameId frame, uint32_t& offset, bool& literal, std::vector<OriginId>& paths) const;
  SourcePlace place(const Frame& frame, uint32_t offset) const;
  std::vector<SourcePlace> chain(const Frame& frame) const;

  void copy_spans(const TextTrace& trace, size_t begin, size_t end, size_t target, Spans& spans) const;
  void map_lines(std::string_view from, const TextTrace& trace, std::string_view to, size_t shift, Spans& spans) const;
  void map_pieces(std::span<const Value> args, std::string_view to, Spans& spans);
  void map_yaml(const Value& value, std::string_view text, Spans& spans);
  void mark_parsed(const Value& source, Value& result, size_t& cursor, size_t& budget);

  struct Origin {
    uint32_t begin = 0;  // paths: index of the PathNode; sets: of the first member in members_
    uint32_t count = 0;  // of a set; 0: a path
  };
  Arena& arena_;
  OriginId condition_ = 0;
  std::vector<Origin> origins_;
  std::vector<PathNode> path_nodes_;
  std::vector<OriginId> members_;
  std::unordered_map<uint64_t, OriginId> merged_;             // (a, b) -> union
  std::unordered_map<std::string, OriginId> children_;        // (container path, key) -> path of a missing key
  std::unordered_map<const char*, TextTrace> texts_;
  std::vector<Frame> frames_;
  mutable std::unordered_map<const char*, std::vector<uint32_t>> line_starts_;  // by the address of a template's text
};

}  // namespace plimsoll::tmpl
