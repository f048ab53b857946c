#include "engine/value/unified_diff.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/value/sequence_diff.h"

namespace plimsoll {
namespace {

// Lines with their ends.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    const size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

// Readers of diffs end a name at a tab, so that a blank in it does no harm; other characters that would confuse them are
// written as in C.
std::string name_line(std::string_view mark, std::string_view name) {
  std::string line(mark);
  const bool odd = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\' || c == 0x7f;
  });
  if (odd) {
    line += '"';
    for (const char c : name) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') (line += '\\') += c;
      else if (c == '\n') line += "\\n";
      else if (c == '\t') line += "\\t";
      else if (byte < ' ' || byte == 0x7f) {
        line += '\\';
        for (const int shift : {6, 3, 0}) line += static_cast<char>('0' + ((byte >> shift) & 7));
      } else line += c;
    }
    line += '"';
  } else {
    line += name;
    if (name.find(' ') != std::string_view::npos) line += '\t';
  }
  return line += '\n';
}

// "4,3"; of an empty range the line before it.
std::string range_text(size_t begin, size_t end) {
  const size_t count = end - begin;
  std::string text = std::to_string(count == 0 ? begin : begin + 1);
  if (count != 1) text += "," + std::to_string(count);
  return text;
}

void put_line(std::string& out, char mark, std::string_view line) {
  out += mark;
  out += line;
  if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, const UnifiedDiffOptions& options) {
  const std::vector<std::string_view> a = lines_of(before);
  const std::vector<std::string_view> b = lines_of(after);
  std::unordered_map<std::string_view, uint32_t> numbers;
  const auto number_all = [&](const std::vector<std::string_view>& lines) {
    std::vector<uint32_t> result;
    result.reserve(lines.size());
    for (const std::string_view line : lines) {
      result.push_back(numbers.try_emplace(line, static_cast<uint32_t>(numbers.size())).first->second);
    }
    return result;
  };
  const std::vector<uint32_t> a_numbers = number_all(a);
  const std::vector<uint32_t> b_numbers = number_all(b);
  const SequenceDiff diff = diff_sequences(a_numbers, b_numbers);

  struct Run {
    size_t a, a_end, b, b_end;
  };
  std::vector<Run> runs;
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    Run run{i, i, j, j};
    while (run.a_end < a.size() && diff.removed[run.a_end]) ++run.a_end;
    while (run.b_end < b.size() && diff.added[run.b_end]) ++run.b_end;
    i = run.a_end;
    j = run.b_end;
    if (run.a != i || run.b != j) runs.push_back(run);
    else ++i, ++j;
  }
  if (runs.empty()) return {};

  std::string out = name_line("--- ", options.before_name) + name_line("+++ ", options.after_name);
  for (size_t first = 0; first < runs.size();) {
    size_t last = first;
    while (last + 1 < runs.size() && runs[last + 1].a - runs[last].a_end <= 2 * options.context) ++last;
    const size_t lead = std::min(options.context, runs[first].a);
    const size_t trail = std::min(options.context, a.size() - runs[last].a_end);
    out += "@@ -" + range_text(runs[first].a - lead, runs[last].a_end + trail) + " +" +
           range_text(runs[first].b - lead, runs[last].b_end + trail) + " @@\n";
    size_t at = runs[first].a - lead;
    for (size_t i = first; i <= last; ++i) {
      for (; at < runs[i].a; ++at) put_line(out, ' ', a[at]);
      for (; at < runs[i].a_end; ++at) put_line(out, '-', a[at]);
      for (size_t line = runs[i].b; line < runs[i].b_end; ++line) put_line(out, '+', b[line]);
    }
    for (size_t end = at + trail; at < end; ++at) put_line(out, ' ', a[at]);
    first = last + 1;
  }
  return out;
}

}  // namespace plimsoll
