#include "engine/report/excerpt.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/value/utf8.h"

namespace plimsoll::report {

namespace {

constexpr size_t kBytesBefore = 90;   // shown at most before the marker
constexpr size_t kBytesAfter = 160;   // shown at most from the marker on
constexpr std::string_view kEllipsis = "…";

// What to show of the marked line.
struct Window {
  std::string_view before;  // up to the marker
  std::string_view marked;
  std::string_view after;
  bool cut_before = false;
  bool cut_after = false;
};

bool is_break(char c) { return c == '\n' || c == '\r'; }

// Works from the byte offset instead of the line's start: a minified JSON file is one line of many megabytes.
Window window_of(std::string_view text, const yaml::Range& range) {
  Window window;
  const size_t start = std::min<size_t>(range.offset, text.size());
  size_t from = start;
  while (from > 0 && !is_break(text[from - 1]) && start - from < kBytesBefore) --from;
  window.cut_before = from > 0 && !is_break(text[from - 1]);
  if (window.cut_before) {
    while (from < start && (static_cast<uint8_t>(text[from]) & 0xC0) == 0x80) ++from;
  } else if (from == 0 && text.starts_with("\xEF\xBB\xBF") && start >= 3) {
    from = 3;
  }
  size_t to = start;
  while (to < text.size() && !is_break(text[to]) && to - start < kBytesAfter) ++to;
  window.cut_after = to < text.size() && !is_break(text[to]);
  if (window.cut_after) to = start + utf8::floor_boundary(text.substr(start), to - start);
  const size_t end = std::clamp<size_t>(range.end_offset, start, to);
  window.before = text.substr(from, start - from);
  window.marked = text.substr(start, end - start);
  window.after = text.substr(end, to - end);
  return window;
}

void append_gutter(std::string& out, std::string_view number, size_t width, const Painter& paint) {
  out += paint(Color::kDim, fmt::format(" {:>{}} | ", number, width));
}

void append_context(std::string& out, std::string_view line, uint32_t number, size_t gutter, const Painter& paint) {
  append_gutter(out, std::to_string(number), gutter, paint);
  const size_t end = utf8::floor_boundary(line, kBytesAfter);
  append_visible(out, line.substr(0, end));
  if (end < line.size()) out += kEllipsis;
  out += '\n';
}

void append_gap(std::string& out, uint32_t above, uint32_t below, size_t gutter, const Painter& paint) {
  if (below - above < 2) return;
  append_gutter(out, "...", std::max<size_t>(gutter, 3), paint);
  out.pop_back();
  out += '\n';
}

}  // namespace

size_t gutter_width(const std::vector<Excerpt>& excerpts) {
  uint32_t highest = 0;
  for (const Excerpt& excerpt : excerpts) highest = std::max({highest, excerpt.range.line, excerpt.context_line});
  return std::max<size_t>(3, std::to_string(highest).size());
}

void append_excerpt(std::string& out, const Excerpt& excerpt, size_t gutter, const Painter& paint) {
  if (excerpt.file == nullptr || !excerpt.range.known()) return;
  const uint32_t line = excerpt.range.line;
  if (excerpt.hidden) {
    append_gutter(out, std::to_string(line), gutter, paint);
    out += "(content of a Secret)" + (excerpt.label.empty() ? "" : " " + excerpt.label) + "\n";
    return;
  }
  const bool has_context = excerpt.context_line != 0 && excerpt.context_line != line;
  if (has_context && excerpt.context_line < line) {
    append_context(out, excerpt.file->line(excerpt.context_line), excerpt.context_line, gutter, paint);
    append_gap(out, excerpt.context_line, line, gutter, paint);
  }

  const Window window = window_of(excerpt.file->text(), excerpt.range);
  const std::string before = visible(window.before);
  const std::string marked = visible(window.marked);
  append_gutter(out, std::to_string(line), gutter, paint);
  if (window.cut_before) out += kEllipsis;
  out += before;
  out += marked;
  append_visible(out, window.after);
  if (window.cut_after) out += kEllipsis;
  out += '\n';

  append_gutter(out, "", gutter, paint);
  out.append(display_width(before) + (window.cut_before ? 1 : 0), ' ');
  const size_t width = std::max<size_t>(1, display_width(marked));
  out += paint(Color::kMarker, "^" + std::string(width - 1, '~') + (excerpt.label.empty() ? "" : " " + excerpt.label));
  out += '\n';

  if (has_context && excerpt.context_line > line) {
    append_gap(out, line, excerpt.context_line, gutter, paint);
    append_context(out, excerpt.file->line(excerpt.context_line), excerpt.context_line, gutter, paint);
  }
}

}  // namespace plimsoll::report
