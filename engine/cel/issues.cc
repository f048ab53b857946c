#include "engine/cel/issues.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/value/utf8.h"

namespace plimsoll::cel {
namespace {

constexpr size_t kMaxIssues = 100;
// Longer source lines are not shown (cel-go's maxSnippetLength, in bytes).
constexpr size_t kMaxSnippet = 16384;

struct Place {
  int32_t line = -1;
  int32_t column = 0;  // from 1
  size_t line_start = 0;
};

Place place_of(std::string_view source, uint32_t offset) {
  Place place;
  if (offset == kNowhere) return place;
  place.line = 1;
  // An empty source has no first character for the end-of-input token to sit after, and ANTLR says column -1.
  if (source.empty() || offset == kBeforeSource) return place;
  const std::string_view before = source.substr(0, offset);
  place.line += static_cast<int32_t>(std::count(before.begin(), before.end(), '\n'));
  place.line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  place.column = static_cast<int32_t>(utf8::length(before.substr(place.line_start))) + 1;
  return place;
}

// Wide characters get a wide dot and a wide caret, so that the marker stands below its character.
void append_snippet(std::string& out, std::string_view source, const Place& place) {
  if (place.line < 1 || source.empty()) return;
  std::string_view line = source.substr(place.line_start);
  line = line.substr(0, line.find('\n'));
  if (line.size() > kMaxSnippet) return;
  out += "\n | ";
  for (const char c : line) out += c == '\t' ? ' ' : c;
  out += "\n | ";
  for (int32_t i = 1; i < place.column && !line.empty(); ++i) {
    const uint32_t size = utf8::decode(line).size;
    out += size > 1 ? "\uff0e" : ".";
    line.remove_prefix(size);
  }
  out += !line.empty() && utf8::decode(line).size > 1 ? "\uff3e" : "^";
}

}  // namespace

void Issues::report(uint32_t offset, std::string message) {
  if (closed_) return;
  ++count_;
  if (issues_.size() < kMaxIssues) issues_.push_back({offset, std::move(message)});
}

CompileError Issues::take() {
  // By line and column: nowhere is line -1, before the source is column 0.
  const auto order = [](uint32_t offset) -> uint64_t {
    return offset == kNowhere ? 0 : offset == kBeforeSource ? 1 : uint64_t{offset} + 2;
  };
  std::stable_sort(issues_.begin(), issues_.end(), [&](const Issue& a, const Issue& b) {
    return order(a.offset) < order(b.offset);
  });
  CompileError error;
  error.issues.reserve(issues_.size());
  for (Issue& issue : issues_) {
    const Place place = place_of(source_, issue.offset);
    if (!error.text.empty()) error.text += '\n';
    error.text += fmt::format("ERROR: <input>:{}:{}: {}", place.line, place.column, issue.message);
    append_snippet(error.text, source_, place);
    error.issues.push_back({place.line, place.column, std::move(issue.message)});
  }
  if (count_ > kMaxIssues) error.text += fmt::format("\n{} more errors were truncated", count_ - kMaxIssues);
  return error;
}

}  // namespace plimsoll::cel
