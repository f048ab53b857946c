// Recording: paths, origins and the spans of texts. provenance_map.cc finds an argument's spans in a function's result,
// provenance_report.cc answers questions about the record.
#include "engine/template/provenance.h"

#include <algorithm>

namespace plimsoll::tmpl {
namespace {

// More values than this in one origin explain nothing.
constexpr size_t kMaxMembers = 64;
// Items of a list that have no common origin are looked at one by one, but not without end.
constexpr size_t kMaxItems = 64;
constexpr int kMaxMarkDepth = 2000;

}  // namespace

Tracer::Tracer(Arena& arena) : arena_(arena) {
  origins_.push_back({});
  frames_.push_back({});
  path_nodes_.push_back({0, -1, {}});
  // Origin 1 is the root of the values.
  origins_.push_back({0, 0});
}

OriginId Tracer::add_path(PathNode node) {
  path_nodes_.push_back(node);
  origins_.push_back({static_cast<uint32_t>(path_nodes_.size() - 1), 0});
  return static_cast<OriginId>(origins_.size() - 1);
}

void Tracer::mark_values(const Value& root) {
  Value copy = root;
  // Subcharts hold copies of the globals with the same texts: these are named by where everybody sets them.
  if (root.is_map()) {
    for (Map::Entry& entry : *copy.as_map()) {
      if (entry.key.is_string() && entry.key.as_string() == "global") {
        mark(entry.value, add_path({origins_[1].begin, -1, "global"}));
      }
    }
  }
  mark(copy, 1);
}

void Tracer::mark_text(const Value& text, OriginId origin) {
  if (text.size() == 0) return;
  const char* data = text.is_string() ? text.as_string().data() : text.as_bytes().data();
  texts_.try_emplace(data, TextTrace{.size = static_cast<uint32_t>(text.size()), .origin = origin, .gap_origin = origin});
}

void Tracer::mark(Value& value, OriginId path) {
  struct Pending {
    Value* value;
    OriginId path;
    int depth;
  };
  std::vector<Pending> pending = {{&value, path, 0}};
  while (!pending.empty()) {
    const auto [node, at, depth] = pending.back();
    pending.pop_back();
    if (depth > kMaxMarkDepth) continue;
    const uint32_t parent = origins_[at].begin;
    if (node->is_map()) {
      Map& map = *node->as_map();
      if (map.tag != 0) continue;
      map.tag = at;
      for (Map::Entry& entry : map) {
        const OriginId child = add_path({parent, -1, entry.key.string_or()});
        if (entry.key.is_string()) mark_text(entry.key, child);
        pending.push_back({&entry.value, child, depth + 1});
      }
    } else if (node->is_list()) {
      List& list = *node->as_list();
      if (list.tag != 0) continue;
      list.tag = at;
      for (size_t i = 0; i < list.size(); ++i) {
        pending.push_back({&list[i], add_path({parent, static_cast<int64_t>(i), {}}), depth + 1});
      }
    } else if (node->is_string() || node->is_bytes()) {
      mark_text(*node, at);
    } else if (node->tag() == 0) {
      *node = node->with_tag(at);
    }
  }
}

const Tracer::TextTrace* Tracer::trace_of(const Value& value) const {
  if (value.size() == 0 || !(value.is_string() || value.is_bytes())) return nullptr;
  const char* data = value.is_string() ? value.as_string().data() : value.as_bytes().data();
  const auto found = texts_.find(data);
  return found == texts_.end() || found->second.size < value.size() ? nullptr : &found->second;
}

OriginId Tracer::origin_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
    case Kind::kBytes: {
      const TextTrace* trace = trace_of(value);
      return trace == nullptr ? 0 : trace->origin;
    }
    case Kind::kList: {
      const List& list = *value.as_list();
      if (list.tag != 0) return list.tag;
      OriginId origin = 0;
      for (size_t i = 0; i < std::min(list.size(), kMaxItems); ++i) {
        if (!list[i].is_list() && !list[i].is_map()) origin = merge(origin, origin_of(list[i]));
      }
      return origin;
    }
    case Kind::kMap: return value.as_map()->tag;
    case Kind::kExtension: return 0;
    default: return value.tag();
  }
}

std::span<const OriginId> Tracer::members(const OriginId& origin) const {
  if (origin == 0) return {};
  const Origin& entry = origins_[origin];
  if (entry.count == 0) return {&origin, 1};
  return std::span(members_).subspan(entry.begin, entry.count);
}

OriginId Tracer::merge(OriginId a, OriginId b) {
  if (a == b || b == 0) return a;
  if (a == 0) return b;
  if (a > b) std::swap(a, b);
  const uint64_t key = uint64_t{a} << 32 | b;
  if (const auto known = merged_.find(key); known != merged_.end()) return known->second;
  const auto x = members(a);
  const auto y = members(b);
  std::vector<OriginId> both;
  std::set_union(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(both));
  if (both.size() > kMaxMembers) both.resize(kMaxMembers);
  OriginId result = 0;
  if (std::ranges::equal(both, x)) {
    result = a;
  } else if (std::ranges::equal(both, y)) {
    result = b;
  } else {
    origins_.push_back({static_cast<uint32_t>(members_.size()), static_cast<uint32_t>(both.size())});
    members_.insert(members_.end(), both.begin(), both.end());
    result = static_cast<OriginId>(origins_.size() - 1);
  }
  merged_.emplace(key, result);
  return result;
}

Value Tracer::missing(const Value& container, std::string_view key, Value nothing) {
  const OriginId tag = container.is_map() ? container.as_map()->tag : 0;
  if (tag == 0 || origins_[tag].count != 0) return nothing;
  const std::string name = std::to_string(tag) + '\n' + std::string(key);
  OriginId& child = children_[name];
  if (child == 0) child = add_path({origins_[tag].begin, -1, arena_.copy(key)});
  return nothing.with_tag(child);
}

FrameId Tracer::enter(FrameId caller, uint32_t call_offset, const Template& target, OriginId tpl_origin) {
  frames_.push_back({&target, caller, call_offset, tpl_origin});
  return static_cast<FrameId>(frames_.size() - 1);
}

void Tracer::wrote_literal(Spans& spans, size_t begin, size_t end, FrameId frame, uint32_t offset) {
  if (begin == end) return;
  spans.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end), frame, offset, 0, true, condition_});
}

// Of a container that is printed as Go prints it, so that its items are to be seen.
OriginId Tracer::origin_with_items(const Value& value) {
  constexpr size_t kMostItems = 32;
  OriginId origin = origin_of(value);
  size_t count = 0;
  if (value.is_list()) {
    for (const Value& item : value.items()) {
      if (++count > kMostItems) break;
      origin = merge(origin, origin_of(item));
    }
  } else if (value.is_map()) {
    for (const Map::Entry& entry : *value.as_map()) {
      if (++count > kMostItems) break;
      origin = merge(origin, origin_of(entry.value));
    }
  }
  return origin;
}

void Tracer::wrote_value(Spans& spans, size_t begin, size_t end, FrameId frame, uint32_t offset, const Value& value,
                         OriginId reads) {
  if (begin == end) return;
  const auto add = [&](size_t from, size_t to, OriginId origin) {
    if (from < to) {
      spans.push_back({static_cast<uint32_t>(from), static_cast<uint32_t>(to), frame, offset, origin, false, condition_});
    }
  };
  const TextTrace* trace = trace_of(value);
  if (trace == nullptr || trace->spans.empty()) {
    const OriginId origin = origin_with_items(value);
    add(begin, end, origin != 0 ? origin : reads);
    return;
  }
  size_t at = begin;
  for (const Span& span : trace->spans) {
    if (begin + span.begin >= end) break;
    Span moved = span;
    moved.begin = static_cast<uint32_t>(std::max(begin + span.begin, at));
    moved.end = static_cast<uint32_t>(std::min(begin + span.end, end));
    if (moved.begin >= moved.end) continue;
    if (moved.condition == 0) moved.condition = condition_;
    if (span.literal) moved.offset += moved.begin - static_cast<uint32_t>(begin + span.begin);
    add(at, moved.begin, trace->gap_origin);
    if (moved.frame == 0) {
      moved.frame = frame;
      moved.offset = offset;
      moved.literal = false;
    }
    spans.push_back(moved);
    at = moved.end;
  }
  add(at, end, trace->gap_origin);
}

void Tracer::record_text(std::string_view text, Spans spans, OriginId origin) {
  if (text.empty()) return;
  for (const Span& span : spans) origin = merge(origin, span.origin);
  texts_[text.data()] = {static_cast<uint32_t>(text.size()), origin, 0, std::move(spans)};
}

Value Tracer::called(Trace rule, std::span<const Value> args, Value result) {
  if (rule == Trace::kNone) return result;
  OriginId origin = 0;
  bool only_text = true;
  for (const Value& arg : args) {
    origin = merge(origin, origin_of(arg));
    only_text = only_text && !arg.is_list() && !arg.is_map() && !arg.is_extension();
  }
  if (result.is_list() || result.is_map()) {
    // What was parsed out of a text; other containers hold values that know where they come from.
    if (only_text && !args.empty() && (origin != 0 || trace_of(args.back()) != nullptr)) {
      size_t cursor = 0;
      size_t budget = 20'000;
      mark_parsed(args.back(), result, cursor, budget);
    }
    return result;
  }
  if (!result.is_string()) {
    return result.is_bytes() || result.is_extension() || result.tag() != 0 ? result : result.with_tag(origin);
  }
  if (result.size() == 0 || trace_of(result) != nullptr) return result;
  TextTrace trace{.size = static_cast<uint32_t>(result.size()), .origin = origin, .gap_origin = origin};
  const std::string_view text = result.as_string();
  switch (rule) {
    case Trace::kLines:
      if (!args.empty() && args.back().is_string()) {
        if (const TextTrace* source = trace_of(args.back())) {
          map_lines(args.back().as_string(), *source, text, 0, trace.spans);
        }
        if (!trace.spans.empty()) trace.gap_origin = 0;
        break;
      }
      [[fallthrough]];
    case Trace::kUnion: map_pieces(args, text, trace.spans); break;
    case Trace::kYaml:
      if (!args.empty()) map_yaml(args.back(), text, trace.spans);
      if (!trace.spans.empty()) trace.gap_origin = 0;
      break;
    case Trace::kNone: break;
  }
  if (trace.origin == 0 && trace.spans.empty()) return result;
  for (const Span& span : trace.spans) trace.origin = merge(trace.origin, span.origin);
  // The bytes may be a constant that others return as well: the record needs an address of its own.
  const std::string_view own = arena_.copy(text);
  texts_[own.data()] = std::move(trace);
  return Value::string(own).with_flavour(result.flavour());
}

}  // namespace plimsoll::tmpl
