// Answers about the record: places, chains, paths, and what each line of output owes to.
#include <algorithm>

#include "engine/template/provenance.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

constexpr std::string_view kTplFile = "gotpl";

}  // namespace

Path Tracer::path_of(OriginId origin) const {
  std::vector<Path::Step> steps;
  for (uint32_t at = origins_[origin].begin; at != 0; at = path_nodes_[at].parent) {
    const PathNode& node = path_nodes_[at];
    if (node.index >= 0) steps.emplace_back(static_cast<size_t>(node.index));
    else steps.emplace_back(std::string(node.key));
  }
  std::reverse(steps.begin(), steps.end());
  return Path(std::move(steps));
}

void Tracer::append_paths(OriginId origin, std::vector<OriginId>& paths) const {
  for (const OriginId member : members(origin)) {
    if (std::find(paths.begin(), paths.end(), member) == paths.end()) paths.push_back(member);
  }
}

std::vector<Path> Tracer::paths(OriginId origin) const {
  std::vector<Path> result;
  for (const OriginId member : members(origin)) result.push_back(path_of(member));
  return result;
}

const Tracer::Frame& Tracer::visible(FrameId frame, uint32_t& offset, bool& literal,
                                     std::vector<OriginId>& paths) const {
  while (frame != 0 && frames_[frame].target->file == kTplFile && frames_[frame].caller != 0) {
    append_paths(frames_[frame].tpl_origin, paths);
    offset = frames_[frame].call_offset;
    literal = false;
    frame = frames_[frame].caller;
  }
  return frames_[frame];
}

SourcePlace Tracer::place(const Frame& frame, uint32_t offset) const {
  if (frame.target == nullptr) return {};
  const std::string_view text = frame.target->text;
  std::vector<uint32_t>& starts = line_starts_[text.data()];
  if (starts.empty()) {
    starts.push_back(0);
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts.push_back(static_cast<uint32_t>(i) + 1);
    }
  }
  const auto line = std::upper_bound(starts.begin(), starts.end(), offset) - starts.begin();
  const uint32_t start = starts[static_cast<size_t>(line) - 1];
  const size_t column = utf8::length(text.substr(start, std::min<size_t>(offset, text.size()) - start));
  return {frame.target->file, frame.target->name, static_cast<uint32_t>(line), static_cast<uint32_t>(column) + 1};
}

std::vector<SourcePlace> Tracer::chain(const Frame& frame) const {
  std::vector<SourcePlace> places;
  std::vector<OriginId> ignored;
  const Frame* at = &frame;
  while (at->caller != 0) {
    uint32_t offset = at->call_offset;
    bool literal = false;
    at = &visible(at->caller, offset, literal, ignored);
    places.push_back(place(*at, offset));
  }
  return places;
}

OutputSpan Tracer::resolve(const Span& span) const {
  OutputSpan result;
  result.begin = span.begin;
  result.end = span.end;
  result.literal = span.literal;
  std::vector<OriginId> origins;
  append_paths(span.origin, origins);
  uint32_t offset = span.offset;
  const Frame& frame = visible(span.frame, offset, result.literal, origins);
  result.place = place(frame, offset);
  result.chain = chain(frame);
  for (const OriginId origin : origins) result.values.push_back(path_of(origin));
  result.conditions = paths(span.condition);
  return result;
}

std::vector<LineOrigin> Tracer::lines(std::string_view text, std::span<const Span> spans) const {
  std::vector<LineOrigin> result;
  size_t first = 0;
  uint32_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t newline = text.find('\n', begin);
    const size_t end = newline == std::string_view::npos ? text.size() : newline;
    const size_t next = newline == std::string_view::npos ? text.size() : newline + 1;
    ++number;
    while (first < spans.size() && spans[first].end <= begin) ++first;
    // The first visible byte decides whose line this is.
    size_t visible_byte = begin;
    while (visible_byte < end && (text[visible_byte] == ' ' || text[visible_byte] == '\t')) ++visible_byte;
    if (visible_byte == end) visible_byte = begin;
    const Span* owner = nullptr;
    std::vector<OriginId> origins;
    for (size_t i = first; i < spans.size() && spans[i].begin < next; ++i) {
      const Span& span = spans[i];
      if (owner == nullptr || (owner->end <= visible_byte && span.begin <= visible_byte)) owner = &span;
      if (span.begin < end || begin == end) {
        append_paths(span.origin, origins);
        uint32_t offset = 0;
        bool literal = false;
        visible(span.frame, offset, literal, origins);
      }
    }
    if (owner != nullptr) {
      LineOrigin line;
      line.line = number;
      uint32_t offset = owner->offset;
      if (owner->literal) offset += static_cast<uint32_t>(std::max<size_t>(visible_byte, owner->begin) - owner->begin);
      bool literal = owner->literal;
      const Frame& frame = visible(owner->frame, offset, literal, origins);
      line.place = place(frame, offset);
      line.chain = chain(frame);
      for (const OriginId origin : origins) line.values.push_back(path_of(origin));
      result.push_back(std::move(line));
    }
    begin = next;
  }
  return result;
}

}  // namespace plimsoll::tmpl
