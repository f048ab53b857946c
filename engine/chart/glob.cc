#include "engine/chart/glob.h"

#include <re2/re2.h>

#include <string>

#include "engine/value/utf8.h"

namespace plimsoll::chart {

namespace {

// filepath.Match's pattern: chunks of literal matter, each after any number of stars.
class PathPattern {
 public:
  explicit PathPattern(std::string_view pattern) : pattern_(pattern) {}

  std::optional<bool> match(std::string_view name) {
    while (!pattern_.empty()) {
      bool star = false;
      while (pattern_.starts_with('*')) {
        pattern_.remove_prefix(1);
        star = true;
      }
      const std::string_view chunk = take_chunk();
      if (star && chunk.empty()) return name.find('/') == std::string_view::npos;
      if (!match_rest(chunk, star, name)) {
        if (malformed_) return std::nullopt;
        // A mismatch; but what follows may still be malformed.
        while (!pattern_.empty()) {
          while (pattern_.starts_with('*')) pattern_.remove_prefix(1);
          std::string_view nothing;
          match_chunk(take_chunk(), nothing);
          if (malformed_) return std::nullopt;
        }
        return false;
      }
    }
    return name.empty();
  }

 private:
  // Up to the next star outside of brackets.
  std::string_view take_chunk() {
    bool in_brackets = false;
    size_t i = 0;
    for (; i < pattern_.size(); ++i) {
      const char c = pattern_[i];
      if (c == '\\') {
        if (i + 1 < pattern_.size()) ++i;
      } else if (c == '[') {
        in_brackets = true;
      } else if (c == ']') {
        in_brackets = false;
      } else if (c == '*' && !in_brackets) {
        break;
      }
    }
    const std::string_view chunk = pattern_.substr(0, i);
    pattern_.remove_prefix(i);
    return chunk;
  }

  // Matches `chunk` at the start of `name` or, after a star, at the first place where it fits; shortens `name`.
  bool match_rest(std::string_view chunk, bool star, std::string_view& name) {
    std::string_view rest = name;
    if (match_chunk(chunk, rest) && (rest.empty() || !pattern_.empty())) {
      name = rest;
      return true;
    }
    if (malformed_ || !star) return false;
    for (size_t i = 0; i < name.size() && name[i] != '/'; ++i) {
      rest = name.substr(i + 1);
      if (match_chunk(chunk, rest)) {
        // The last chunk must reach the end.
        if (pattern_.empty() && !rest.empty()) continue;
        name = rest;
        return true;
      }
      if (malformed_) return false;
    }
    return false;
  }

  bool match_chunk(std::string_view chunk, std::string_view& name) {
    bool failed = false;
    while (!chunk.empty()) {
      if (name.empty()) failed = true;
      switch (chunk[0]) {
        case '[': {
          utf8::Rune rune{};
          if (!failed) {
            rune = utf8::decode(name);
            name.remove_prefix(rune.size);
          }
          chunk.remove_prefix(1);
          if (!match_class(chunk, rune.code)) failed = true;
          if (malformed_) return false;
          break;
        }
        case '?':
          if (!failed) {
            if (name[0] == '/') failed = true;
            name.remove_prefix(utf8::decode(name).size);
          }
          chunk.remove_prefix(1);
          break;
        case '\\':
          chunk.remove_prefix(1);
          if (chunk.empty()) {
            malformed_ = true;
            return false;
          }
          [[fallthrough]];
        default:
          if (!failed) {
            if (chunk[0] != name[0]) failed = true;
            name.remove_prefix(1);
          }
          chunk.remove_prefix(1);
      }
    }
    return !failed;
  }

  bool match_class(std::string_view& chunk, char32_t code) {
    bool negated = false;
    if (chunk.starts_with('^')) {
      negated = true;
      chunk.remove_prefix(1);
    }
    bool found = false;
    for (bool first = true;; first = false) {
      if (chunk.starts_with(']') && !first) {
        chunk.remove_prefix(1);
        return found != negated;
      }
      const char32_t low = class_character(chunk);
      if (malformed_) return false;
      char32_t high = low;
      if (chunk.starts_with('-')) {
        chunk.remove_prefix(1);
        high = class_character(chunk);
        if (malformed_) return false;
      }
      if (low <= code && code <= high) found = true;
    }
  }

  char32_t class_character(std::string_view& chunk) {
    if (chunk.empty() || chunk[0] == '-' || chunk[0] == ']') {
      malformed_ = true;
      return 0;
    }
    if (chunk[0] == '\\') {
      chunk.remove_prefix(1);
      if (chunk.empty()) {
        malformed_ = true;
        return 0;
      }
    }
    const utf8::Rune rune = utf8::decode(chunk);
    chunk.remove_prefix(rune.size);
    if (!rune.valid || chunk.empty()) malformed_ = true;
    return rune.code;
  }

  std::string_view pattern_;
  bool malformed_ = false;
};

// Rewrites a gobwas pattern as a regular expression; nullopt if it is malformed.
class GlobTranslator {
 public:
  explicit GlobTranslator(std::string_view pattern) : rest_(pattern) {}

  std::optional<std::string> translate() {
    if (!utf8::is_valid(rest_)) return std::nullopt;
    int open = 0;
    while (!rest_.empty()) {
      const char c = take();
      if (c == '*') {
        const bool super = rest_.starts_with('*');
        if (super) take();
        out_ += super ? "(?s:.*)" : "[^/]*";
      } else if (c == '?') {
        out_ += "[^/]";
      } else if (c == '[') {
        if (!range()) return std::nullopt;
      } else if (c == '{') {
        ++open;
        out_ += "(?:";
      } else if (c == '}' && open > 0) {
        --open;
        out_ += ')';
      } else if (c == ',' && open > 0) {
        out_ += '|';
      } else if (c == '\\') {
        if (!rest_.empty()) literal();
      } else {
        rest_ = {rest_.data() - 1, rest_.size() + 1};
        literal();
      }
    }
    // An alternative that is never closed ends with the pattern.
    out_.append(static_cast<size_t>(open), ')');
    return out_;
  }

 private:
  char take() {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }

  void literal() {
    const size_t size = utf8::decode(rest_).size;
    out_ += re2::RE2::QuoteMeta(re2::StringPiece(rest_.data(), size));
    rest_.remove_prefix(size);
  }

  // Either one range ("a-z") or a list of characters, never both.
  bool range() {
    out_ += '[';
    if (rest_.starts_with('!')) {
      take();
      out_ += '^';
    }
    if (rest_.empty()) return false;
    const size_t first = utf8::decode(rest_).size;
    if (rest_.size() > first && rest_[first] == '-') {
      const char32_t low = utf8::decode(rest_).code;
      literal();
      take();
      out_ += '-';
      if (rest_.empty() || utf8::decode(rest_).code < low) return false;
      literal();
      if (!rest_.starts_with(']')) return false;
    } else {
      if (rest_[0] == ']') return false;
      while (!rest_.empty() && rest_[0] != ']') {
        if (rest_[0] == '\\' && rest_.size() > 1) take();
        literal();
      }
      if (rest_.empty()) return false;
    }
    take();
    out_ += ']';
    return true;
  }

  std::string_view rest_;
  std::string out_;
};

}  // namespace

std::optional<bool> path_match(std::string_view pattern, std::string_view name) {
  return PathPattern(pattern).match(name);
}

FileGlob::FileGlob(std::string_view pattern) {
  const std::optional<std::string> expression = GlobTranslator(pattern).translate();
  if (!expression) return;
  re2::RE2::Options options(re2::RE2::Quiet);
  auto regex = std::make_unique<const re2::RE2>(*expression, options);
  if (regex->ok()) regex_ = std::move(regex);
}

FileGlob::~FileGlob() = default;

bool FileGlob::matches(std::string_view name) const {
  return regex_ == nullptr || re2::RE2::FullMatch(re2::StringPiece(name.data(), name.size()), *regex_);
}

}  // namespace plimsoll::chart
