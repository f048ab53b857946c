#include "engine/source/glob.h"

namespace plimsoll::source {

namespace {

// Matches a bracket class at the start of `pattern` against `c`; sets `length` to the class's length, 0 if it is not closed.
bool class_matches(std::string_view pattern, char c, size_t& length) {
  size_t i = 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    const char low = pattern[i++];
    char high = low;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      high = pattern[i + 1];
      i += 2;
    }
    found = found || (static_cast<unsigned char>(low) <= static_cast<unsigned char>(c) &&
                      static_cast<unsigned char>(c) <= static_cast<unsigned char>(high));
  }
  length = i < pattern.size() ? i + 1 : 0;
  return found != negated && c != '/';
}

}  // namespace

// Backtracks only to the last `*` and the last `**`. A `*` cannot cross '/', so that once it meets one the choice falls back to
// the `**` before it.
bool glob_match(std::string_view pattern, std::string_view path) {
  constexpr size_t kNone = std::string_view::npos;
  size_t p = 0;
  size_t s = 0;
  size_t star_p = kNone, star_s = 0;    // resume point of the last *
  size_t deep_p = kNone, deep_s = 0;    // resume point of the last **
  while (true) {
    if (p < pattern.size()) {
      const char c = pattern[p];
      const bool at_start = p == 0 || pattern[p - 1] == '/';
      if (c == '*' && at_start && pattern.substr(p, 3) == "**/") {
        p += 3;
        deep_p = p;
        deep_s = s;
        star_p = kNone;
        continue;
      }
      if (c == '*' && at_start && pattern.substr(p) == "**") return s < path.size();
      if (c == '*') {
        star_p = ++p;
        star_s = s;
        continue;
      }
      if (s < path.size()) {
        size_t length = 1;
        bool matches = false;
        if (c == '?') {
          matches = path[s] != '/';
        } else if (c == '[') {
          matches = class_matches(pattern.substr(p), path[s], length);
          if (length == 0) {
            length = 1;
            matches = path[s] == '[';
          }
        } else if (c == '\\' && p + 1 < pattern.size()) {
          length = 2;
          matches = path[s] == pattern[p + 1];
        } else {
          matches = path[s] == c;
        }
        if (matches) {
          p += length;
          ++s;
          continue;
        }
      }
    } else if (s == path.size()) {
      return true;
    }
    if (star_p != kNone && star_s < path.size() && path[star_s] != '/') {
      p = star_p;
      s = ++star_s;
      continue;
    }
    if (deep_p == kNone) return false;
    const size_t slash = path.find('/', deep_s);
    if (slash == kNone) return false;
    p = deep_p;
    s = deep_s = slash + 1;
    star_p = kNone;
  }
}

void IgnoreList::add(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t') &&
         !(line.size() > 1 && line[line.size() - 2] == '\\')) {
    line.remove_suffix(1);
  }
  if (line.empty() || line.front() == '#') return;
  Pattern pattern;
  pattern.text = line;
  if (line.front() == '!') {
    pattern.negated = true;
    line.remove_prefix(1);
  }
  if (line.starts_with("./")) line.remove_prefix(1);
  if (!line.empty() && line.back() == '/') {
    pattern.directories_only = true;
    line.remove_suffix(1);
  }
  if (line.empty()) return;
  const bool anchored = line.find('/') != std::string_view::npos;
  if (line.front() == '/') line.remove_prefix(1);
  pattern.glob = anchored ? std::string(line) : "**/" + std::string(line);
  patterns_.push_back(std::move(pattern));
}

void IgnoreList::add_lines(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    add(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

IgnoreList::Match IgnoreList::match(std::string_view path, bool is_directory) const {
  if (patterns_.empty() || !path.starts_with(folder_)) return {};
  path.remove_prefix(folder_.size());
  if (folder_ != "/") {
    if (!path.starts_with('/')) return {};
    path.remove_prefix(1);
  }
  for (auto pattern = patterns_.rbegin(); pattern != patterns_.rend(); ++pattern) {
    if (pattern->directories_only && !is_directory) continue;
    if (!glob_match(pattern->glob, path)) continue;
    return {pattern->negated ? Verdict::kKept : Verdict::kIgnored, pattern->text};
  }
  return {};
}

}  // namespace plimsoll::source
