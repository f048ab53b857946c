// Finding the parts of a function's arguments in the text it returned.
#include <algorithm>

#include "engine/template/provenance.h"
#include "engine/yaml/document.h"

namespace plimsoll::tmpl {
namespace {

// How many lines ahead an argument's line may be found, so that mapping stays linear.
constexpr size_t kLineWindow = 64;

struct Line {
  size_t begin;
  size_t end;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back({begin, end});
    begin = end + 1;
  }
  return lines;
}

Line trimmed(std::string_view text, Line line) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (line.begin < line.end && blank(text[line.begin])) ++line.begin;
  while (line.end > line.begin && blank(text[line.end - 1])) --line.end;
  return line;
}

std::string_view slice(std::string_view text, Line line) { return text.substr(line.begin, line.end - line.begin); }

}  // namespace

// Spans of `trace` that overlap [begin, end) move so that `begin` falls on `target`.
void Tracer::copy_spans(const TextTrace& trace, size_t begin, size_t end, size_t target, Spans& spans) const {
  if (trace.spans.empty()) {
    spans.push_back({static_cast<uint32_t>(target), static_cast<uint32_t>(target + end - begin), 0, 0, trace.origin, false});
    return;
  }
  auto span = std::partition_point(trace.spans.begin(), trace.spans.end(),
                                   [&](const Span& candidate) { return candidate.end <= begin; });
  for (; span != trace.spans.end() && span->begin < end; ++span) {
    Span moved = *span;
    const size_t from = std::max<size_t>(span->begin, begin);
    const size_t to = std::min<size_t>(span->end, end);
    if (span->literal) moved.offset += static_cast<uint32_t>(from - span->begin);
    moved.begin = static_cast<uint32_t>(target + from - begin);
    moved.end = static_cast<uint32_t>(target + to - begin);
    spans.push_back(moved);
  }
}

// `to` is `from` changed a little: indented, trimmed, quoted. Offsets of the new spans are those in `to` plus `shift`.
void Tracer::map_lines(std::string_view from, const TextTrace& trace, std::string_view to, size_t shift,
                       Spans& spans) const {
  if (from.empty()) return;
  if (const size_t at = to.find(from); at != std::string_view::npos) {
    copy_spans(trace, 0, from.size(), at + shift, spans);
    return;
  }
  if (const size_t at = from.find(to); at != std::string_view::npos) {
    copy_spans(trace, at, at + to.size(), shift, spans);
    return;
  }
  const std::vector<Line> sources = lines_of(from);
  size_t next = 0;
  for (const Line& target_line : lines_of(to)) {
    const Line target = trimmed(to, target_line);
    const std::string_view wanted = slice(to, target);
    if (wanted.empty()) continue;
    for (size_t i = next; i < std::min(sources.size(), next + kLineWindow); ++i) {
      const Line source = trimmed(from, sources[i]);
      const std::string_view candidate = slice(from, source);
      if (candidate.empty()) continue;
      const size_t inside = wanted.find(candidate);
      const size_t around = inside == std::string_view::npos ? candidate.find(wanted) : std::string_view::npos;
      if (inside != std::string_view::npos) {
        copy_spans(trace, source.begin, source.end, target.begin + inside + shift, spans);
      } else if (around != std::string_view::npos) {
        copy_spans(trace, source.begin + around, source.begin + around + wanted.size(), target.begin + shift, spans);
      } else {
        continue;
      }
      next = i + 1;
      break;
    }
  }
}

// Arguments that stand in the result as they are: printf, join, ternary.
void Tracer::map_pieces(std::span<const Value> args, std::string_view to, Spans& spans) {
  size_t cursor = 0;
  const auto place = [&](const Value& value) {
    const TextTrace* trace = trace_of(value);
    if (trace == nullptr) return;
    const std::string_view piece = value.is_string() ? value.as_string() : value.as_bytes();
    const size_t at = to.find(piece, cursor);
    if (at == std::string_view::npos) return;
    copy_spans(*trace, 0, piece.size(), at, spans);
    cursor = at + piece.size();
  };
  for (const Value& arg : args) {
    place(arg);
    for (const Value& item : arg.items()) place(item);
  }
}

// `text` writes `value` as YAML or JSON: each entry owes to its own value.
void Tracer::map_yaml(const Value& value, std::string_view text, Spans& spans) {
  if (!value.is_list() && !value.is_map()) {
    if (const TextTrace* trace = trace_of(value)) {
      map_lines(value.is_string() ? value.as_string() : value.as_bytes(), *trace, text, 0, spans);
    }
    return;
  }
  const auto document = yaml::read(text, {.file = {}, .dialect = yaml::Dialect::kGo});
  if (!document) return;
  struct Pending {
    Value value;
    Value node;
    yaml::Range range;
  };
  std::vector<Pending> pending = {{value, document->root(), {}}};
  while (!pending.empty()) {
    const Pending item = pending.back();
    pending.pop_back();
    if (item.value.is_map() && item.node.is_map()) {
      const Map& map = *item.node.as_map();
      for (size_t i = 0; i < map.size(); ++i) {
        const Map::Entry& entry = map.begin()[i];
        const Value key_value = entry.key;
        const Map& source = *item.value.as_map();
        const auto same = std::find_if(source.begin(), source.end(), [&](const Map::Entry& candidate) {
          return candidate.key.string_or() == key_value.string_or();
        });
        if (same == source.end()) continue;
        const yaml::Place at = document->child(map, i);
        const OriginId key_origin = origin_of(same->key);
        if (key_origin != 0 && at.key.known()) {
          spans.push_back({at.key.offset, at.key.end_offset, 0, 0, key_origin, false});
        }
        pending.push_back({same->value, entry.value, at.value});
      }
    } else if (item.value.is_list() && item.node.is_list()) {
      const List& list = *item.node.as_list();
      for (size_t i = 0; i < std::min(list.size(), item.value.size()); ++i) {
        pending.push_back({(*item.value.as_list())[i], list[i], document->child(list, i).value});
      }
    } else if (item.range.known()) {
      const OriginId origin = origin_of(item.value);
      const TextTrace* trace = trace_of(item.value);
      const size_t before = spans.size();
      if (trace != nullptr && !trace->spans.empty() && item.value.is_string()) {
        map_lines(item.value.as_string(), *trace, text.substr(item.range.offset, item.range.end_offset - item.range.offset),
                  item.range.offset, spans);
      }
      if (origin != 0 && spans.size() == before) {
        spans.push_back({item.range.offset, item.range.end_offset, 0, 0, origin, false});
      }
    }
  }
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
}

// Leaves of what was parsed from a text take the origin and the place of the text that they stand in.
void Tracer::mark_parsed(const Value& source, Value& result, size_t& cursor, size_t& budget) {
  if (budget == 0) return;
  --budget;
  if (result.is_map()) {
    for (Map::Entry& entry : *result.as_map()) {
      const std::string_view key = entry.key.string_or();
      const std::string_view text = source.string_or();
      if (const size_t at = text.find(key, cursor); at != std::string_view::npos) cursor = at;
      mark_parsed(source, entry.value, cursor, budget);
    }
    return;
  }
  if (result.is_list()) {
    for (Value& item : result.items()) mark_parsed(source, item, cursor, budget);
    return;
  }
  const TextTrace* trace = trace_of(source);
  if (!result.is_string()) {
    if (!result.is_bytes() && !result.is_extension() && result.tag() == 0) result = result.with_tag(origin_of(source));
    return;
  }
  if (result.size() == 0 || trace == nullptr || trace_of(result) != nullptr) return;
  const std::string_view text = source.as_string();
  const std::string_view leaf = result.as_string();
  size_t at = text.find(leaf, cursor);
  if (at == std::string_view::npos) at = text.find(leaf);
  TextTrace own{.size = static_cast<uint32_t>(leaf.size()), .origin = trace->origin, .gap_origin = trace->origin};
  if (at != std::string_view::npos) {
    cursor = at + leaf.size();
    own.origin = 0;
    own.gap_origin = 0;
    const TextTrace copy = *trace;
    copy_spans(copy, at, at + leaf.size(), 0, own.spans);
    for (const Span& span : own.spans) own.origin = merge(own.origin, span.origin);
  }
  const std::string_view kept = arena_.copy(leaf);
  texts_[kept.data()] = std::move(own);
  result = Value::string(kept).with_flavour(result.flavour());
}

}  // namespace plimsoll::tmpl
