#include "engine/yaml/fast_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/value/utf8.h"

namespace plimsoll::yaml {

namespace {

// Deeper nesting is left to libyaml: this reader recurses.
constexpr int kMaxDepth = 128;
// go-yaml and libyaml look at most 1,024 characters ahead for the ':' of a key.
constexpr ptrdiff_t kMaxKey = 1000;

enum CharClass : uint8_t {
  kPlainStop = 1,  // may end a plain scalar: ':' '#' tab, end of line or text
  kFlowStop = 2,   // ... inside brackets
  kNoPlainStart = 4,
  kQuoteStop = 8,  // ends the simple part of a double-quoted scalar
};
constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> table{};
  const auto mark = [&](std::string_view chars, uint8_t bits) {
    for (const char c : chars) table[static_cast<uint8_t>(c)] |= bits;
  };
  using namespace std::string_view_literals;
  mark(":#\t\n\0"sv, kPlainStop | kFlowStop);
  mark(",[]{}?"sv, kFlowStop);
  mark("-?:,[]{}#&*!|>'\"%@` \t\n\0"sv, kNoPlainStart);
  mark("\"\\\n\0"sv, kQuoteStop);
  return table;
}();

bool is(char c, CharClass bits) { return (kClasses[static_cast<uint8_t>(c)] & bits) != 0; }
bool is_break_or_end(char c) { return c == '\n' || c == '\0'; }
bool is_blank_or_end(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\0'; }

// Outside brackets '-', '?' and ':' begin a plain scalar if no blank follows.
bool starts_plain(const char* at) {
  if (!is(*at, kNoPlainStart)) return true;
  return (*at == '-' || *at == '?' || *at == ':') && !is_blank_or_end(at[1]);
}

const char* trim_spaces(const char* start, const char* end) {
  while (end > start && end[-1] == ' ') --end;
  return end;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

FastReader::FastReader(std::string_view text, Arena& arena, Builder& builder)
    : text_(text), arena_(arena), builder_(builder), at_(text.data()), line_(at_), document_start_(at_) {
  if (text.starts_with("\xEF\xBB\xBF")) line_ = at_ += 3;
}

// At "---" or "..." in the first column.
bool FastReader::at_marker() const {
  return at_ == line_ && (*at_ == '-' || *at_ == '.') && at_[1] == *at_ && at_[2] == *at_ && is_blank_or_end(at_[3]);
}

int FastReader::column() const {
  if (*at_ == '\0' || at_marker()) return -1;
  return static_cast<int>(at_ - line_);
}

bool FastReader::at_entry() const { return *at_ == '-' && is_blank_or_end(at_[1]); }

// Goes to the next content, over spaces, comments and line ends. False at a tab.
bool FastReader::skip_gap() {
  for (;;) {
    while (*at_ == ' ') ++at_;
    if (*at_ == '#' && (at_ == line_ || at_[-1] == ' ')) {
      const size_t rest = text_.size() - offset(at_);
      const void* newline = std::memchr(at_, '\n', rest);
      at_ = newline != nullptr ? static_cast<const char*>(newline) : at_ + rest;
    }
    if (*at_ != '\n') return *at_ != '\t' && (*at_ != '\0' || offset(at_) == text_.size());
    line_ = ++at_;
  }
}

// After a value: nothing but a comment may follow on its line.
bool FastReader::end_of_value() {
  const char* line = line_;
  return skip_gap() && (line_ != line || *at_ == '\0');
}

FastReader::Step FastReader::next_document() {
  document_start_ = at_;
  if (!skip_gap() || (*at_ == '%' && at_ == line_)) return Step::kUnusual;
  const bool explicit_start = at_marker() && *at_ == '-';
  if (*at_ == '\0') return Step::kEnd;
  if (explicit_start) {
    at_ += 3;
    if (!end_of_value()) return Step::kUnusual;
  } else if (started_) {
    return Step::kUnusual;
  }
  started_ = true;
  if (column() < 0) return *at_ == '.' ? Step::kUnusual : Step::kEmpty;
  json_ = builder_.strict() && (*at_ == '{' || *at_ == '[');
  if (!node(-1, 0) || column() >= 0 || *at_ == '.') return Step::kUnusual;
  return Step::kDocument;
}

// A node that begins at at_, deeper than `parent_indent`.
bool FastReader::node(int parent_indent, int depth) {
  if (depth > kMaxDepth || builder_.stopped()) return false;
  switch (*at_) {
    case '-':
      if (at_entry()) return list(static_cast<int>(at_ - line_), false, depth + 1);
      break;
    case '[':
    case '{':
      return flow_node(depth + 1) && end_of_value();
    case '|':
    case '>':
      return block_scalar(parent_indent);
    default:
      break;
  }
  const int indent = static_cast<int>(at_ - line_);
  Text text{};
  switch (scan_key(text)) {
    case KeyScan::kKey:
      return map(indent, text, depth + 1);
    case KeyScan::kScalar:
      if (!text.quoted) return plain_scalar(text.start, plain_line(text.end), parent_indent);
      builder_.quoted(text.value, offset(text.start), offset(text.end));
      return end_of_value();
    case KeyScan::kUnusual:
      break;
  }
  return false;
}

// A scalar that may be a key. kKey: at_ stands behind the ':'. kScalar: quoted and at_ behind it, or plain with its
// first line in start and end.
FastReader::KeyScan FastReader::scan_key(Text& key) {
  const char* line = line_;
  if (*at_ == '"' || *at_ == '\'') {
    if (!quoted_scalar(key)) return KeyScan::kUnusual;
    const char* next = at_;
    while (*next == ' ') ++next;
    if (*next != ':') return KeyScan::kScalar;
    if (line_ != line || next - key.start > kMaxKey || !is_blank_or_end(next[1])) return KeyScan::kUnusual;
    at_ = next + 1;
    return KeyScan::kKey;
  }
  if (!starts_plain(at_)) return KeyScan::kUnusual;
  if (at_marker()) return KeyScan::kUnusual;
  const char* stop = plain_line(at_);
  key = {{}, at_, trim_spaces(at_, stop), false};
  if (*stop != ':') return *stop == '\t' ? KeyScan::kUnusual : KeyScan::kScalar;
  if (stop - at_ > kMaxKey) return KeyScan::kUnusual;
  key.value = {key.start, key.end};
  at_ = stop + 1;
  return KeyScan::kKey;
}

// Where the part of a plain scalar that stands on one line ends: at ": ", " #", a tab or the line's end.
const char* FastReader::plain_line(const char* from) const {
  for (const char* c = from;; ++c) {
    while (!is(*c, kPlainStop)) ++c;
    if (*c == ':' && !is_blank_or_end(c[1])) continue;
    if (*c == '#' && c != from && c[-1] != ' ') continue;
    return c;
  }
}

bool FastReader::map(int indent, const Text& first_key, int depth) {
  builder_.begin_map(offset(first_key.start));
  Text key = first_key;
  for (;;) {
    if (key.quoted) {
      builder_.quoted(key.value, offset(key.start), offset(key.end));
    } else {
      builder_.plain(key.value, offset(key.start), offset(key.end));
    }
    if (!map_value(indent, depth)) return false;
    const int next = column();
    if (next < indent) break;
    if (next > indent || at_entry() || scan_key(key) != KeyScan::kKey) return false;
  }
  builder_.end_map();
  return !builder_.stopped();
}

// What follows "key:" of a map at column `indent`.
bool FastReader::map_value(int indent, int depth) {
  const char* behind_colon = at_;
  while (*at_ == ' ') ++at_;
  if (!is_break_or_end(*at_) && *at_ != '#') return inline_value(indent, depth);
  if (!skip_gap()) return false;
  const int next = column();
  if (next > indent) return node(indent, depth);
  if (next == indent && at_entry()) return list(indent, true, depth + 1);
  builder_.plain({}, offset(behind_colon), offset(behind_colon));
  return true;
}

// A value on the line of its key, where neither a map nor a list may begin.
bool FastReader::inline_value(int indent, int depth) {
  switch (*at_) {
    case '[':
    case '{':
      return flow_node(depth + 1) && end_of_value();
    case '|':
    case '>':
      return block_scalar(indent);
    case '"':
    case '\'': {
      Text text;
      if (!quoted_scalar(text)) return false;
      builder_.quoted(text.value, offset(text.start), offset(text.end));
      return end_of_value();
    }
    default:
      break;
  }
  if (!starts_plain(at_)) return false;
  const char* stop = plain_line(at_);
  if (*stop == ':' || *stop == '\t') return false;
  return plain_scalar(at_, stop, indent);
}

bool FastReader::list(int indent, bool indentless, int depth) {
  builder_.begin_list(offset(at_));
  while (column() == indent && at_entry()) {
    const char* behind_dash = ++at_;
    while (*at_ == ' ') ++at_;
    if (is_break_or_end(*at_) || *at_ == '#') {
      if (!skip_gap()) return false;
      if (column() > indent) {
        if (!node(indent, depth)) return false;
      } else {
        builder_.plain({}, offset(behind_dash), offset(behind_dash));
      }
    } else if (*at_ == '\t' || !node(indent, depth)) {
      return false;
    }
  }
  const int next = column();
  if (next > indent || (next == indent && !indentless)) return false;
  builder_.end_list();
  return !builder_.stopped();
}

// `start` to `stop`: its first line. Lines deeper than `parent_indent` continue it.
bool FastReader::plain_scalar(const char* start, const char* stop, int parent_indent) {
  const char* end = trim_spaces(start, stop);
  bool folded = false;
  while (*stop == '\n') {
    size_t breaks = 0;
    const char* next = stop;
    const char* next_line = line_;
    while (*next == '\n') {
      next_line = ++next;
      ++breaks;
      while (*next == ' ') ++next;
    }
    if (*next == '\t') return false;
    if (*next == '\0' || *next == '#' || next - next_line <= parent_indent) break;
    const char* line = line_;
    at_ = next;
    line_ = next_line;
    if (at_marker()) {
      line_ = line;
      break;
    }
    if (!folded) scratch_.assign(start, end);
    folded = true;
    if (breaks == 1) {
      scratch_ += ' ';
    } else {
      scratch_.append(breaks - 1, '\n');
    }
    stop = plain_line(next);
    end = trim_spaces(next, stop);
    scratch_.append(next, end);
  }
  if (*stop == ':' || *stop == '\t') return false;
  builder_.plain(folded ? arena_.copy(scratch_) : std::string_view(start, end), offset(start), offset(end));
  at_ = end;
  return end_of_value();
}

bool FastReader::quoted_scalar(Text& scalar) {
  const char quote = *at_;
  scalar.start = at_;
  scalar.quoted = true;
  const char* first = at_ + 1;
  const char* c = first;
  if (quote == '"') {
    while (!is(*c, kQuoteStop)) ++c;
  } else {
    while (*c != '\'' && !is_break_or_end(*c)) ++c;
  }
  if (*c == quote && (quote == '"' || c[1] != '\'')) {
    scalar.value = {first, c};
    scalar.end = at_ = c + 1;
    return true;
  }
  return folded_quoted(scalar, quote);
}

// A quoted scalar with escapes or line ends.
bool FastReader::folded_quoted(Text& scalar, char quote) {
  std::string& out = scratch_;
  out.clear();
  const char* c = at_ + 1;
  for (;;) {
    if (*c == '\0') return false;
    if (*c == quote) {
      if (quote == '"' || c[1] != '\'') break;
      out += '\'';
      c += 2;
    } else if (*c == '\\' && quote == '"' && c[1] != '\n') {
      if (!escape(c, out)) return false;
    } else if (*c != ' ' && *c != '\t' && *c != '\n' && *c != '\\') {
      const char* run = c;
      while (*c != quote && *c != '\\' && *c != ' ' && *c != '\t' && !is_break_or_end(*c)) ++c;
      out.append(run, c);
    } else if (*c == '\\' && quote == '\'') {
      out += *c++;
    } else {
      // Blanks and line ends: one line end is a space, more are all but the first; an escaped one is nothing.
      const char* blanks = c;
      bool escaped = false;
      size_t breaks = 0;
      for (;;) {
        if (*c == '\\' && c[1] == '\n' && quote == '"' && breaks == 0 && !escaped) {
          out.append(blanks, c);
          escaped = true;
          ++c;
        } else if (*c == '\n') {
          ++breaks;
        } else if (*c != ' ' && *c != '\t') {
          break;
        }
        if (*c++ == '\n') {
          line_ = c;
          const char* keep = at_;
          at_ = c;
          const bool marker = at_marker();
          at_ = keep;
          if (marker) return false;
          if (escaped && breaks == 0) breaks = 1;
        }
      }
      if (breaks == 0) {
        out.append(blanks, c);
      } else if (breaks > 1) {
        out.append(breaks - 1, '\n');
      } else if (!escaped) {
        out += ' ';
      }
    }
  }
  scalar.value = arena_.copy(out);
  scalar.end = at_ = c + 1;
  return true;
}

// One escape sequence; `c` at the backslash. False for what go-yaml refuses.
bool FastReader::escape(const char*& c, std::string& out) {
  int digits = 0;
  switch (c[1]) {
    case '0':
      out += '\0';
      break;
    case 'a':
      out += '\a';
      break;
    case 'b':
      out += '\b';
      break;
    case 't':
    case '\t':
      out += '\t';
      break;
    case 'n':
      out += '\n';
      break;
    case 'v':
      out += '\v';
      break;
    case 'f':
      out += '\f';
      break;
    case 'r':
      out += '\r';
      break;
    case 'e':
      out += '\x1B';
      break;
    case ' ':
    case '"':
    case '\'':
    case '\\':
      out += c[1];
      break;
    case '/':
      if (!json_) return false;
      out += '/';
      break;
    case 'N':
      out += "\xC2\x85";
      break;
    case '_':
      out += "\xC2\xA0";
      break;
    case 'L':
      out += "\xE2\x80\xA8";
      break;
    case 'P':
      out += "\xE2\x80\xA9";
      break;
    case 'x':
      digits = 2;
      break;
    case 'u':
      digits = 4;
      break;
    case 'U':
      digits = 8;
      break;
    default:
      return false;
  }
  c += 2;
  if (digits == 0) return true;
  const auto read_code = [&](char32_t& code) {
    code = 0;
    for (int i = 0; i < digits; ++i) {
      const int digit = hex_value(*c);
      if (digit < 0) return false;
      code = code << 4 | static_cast<char32_t>(digit);
      ++c;
    }
    return true;
  };
  char32_t code = 0;
  if (!read_code(code)) return false;
  if (code >= 0xD800 && code <= 0xDBFF && json_ && c[0] == '\\' && c[1] == 'u') {
    c += 2;
    char32_t low = 0;
    if (!read_code(low) || low < 0xDC00 || low > 0xDFFF) return false;
    code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
  }
  if ((code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) return false;
  utf8::append(out, code);
  return true;
}

bool FastReader::block_scalar(int parent_indent) {
  const char* start = at_;
  const bool literal = *at_++ == '|';
  char chomping = ' ';
  int indent = 0;
  for (int i = 0; i < 2; ++i) {
    if ((*at_ == '+' || *at_ == '-') && chomping == ' ') chomping = *at_++;
    if (*at_ >= '1' && *at_ <= '9' && indent == 0) indent = *at_++ - '0';
  }
  if (indent > 0 && parent_indent >= 0) indent += parent_indent;
  while (*at_ == ' ') ++at_;
  if (*at_ == '#') {
    while (!is_break_or_end(*at_)) ++at_;
  }
  if (*at_ != '\n') return false;
  line_ = ++at_;

  std::string& out = scratch_;
  out.clear();
  size_t trailing_breaks = 0;
  // Eats empty lines and the indentation of the next one; finds the indentation if it was not given.
  const auto eat_breaks = [&] {
    int widest = 0;
    for (;;) {
      while (*at_ == ' ' && (indent == 0 || at_ - line_ < indent)) ++at_;
      widest = std::max(widest, static_cast<int>(at_ - line_));
      if (*at_ == '\t' && (indent == 0 || at_ - line_ < indent)) return false;
      if (*at_ != '\n') break;
      line_ = ++at_;
      ++trailing_breaks;
    }
    if (indent == 0) indent = std::max({widest, parent_indent + 1, 1});
    return true;
  };
  if (!eat_breaks()) return false;

  bool leading_break = false;
  bool leading_blank = false;
  const char* content_end = start + 1;
  while (at_ - line_ == indent && *at_ != '\0') {
    const bool blank = *at_ == ' ' || *at_ == '\t';
    if (leading_break && !literal && !leading_blank && !blank) {
      if (trailing_breaks == 0) out += ' ';
    } else if (leading_break) {
      out += '\n';
    }
    out.append(trailing_breaks, '\n');
    trailing_breaks = 0;
    leading_blank = blank;
    const size_t rest = text_.size() - offset(at_);
    const void* newline = std::memchr(at_, '\n', rest);
    content_end = newline != nullptr ? static_cast<const char*>(newline) : at_ + rest;
    out.append(at_, content_end);
    at_ = content_end;
    leading_break = *at_ == '\n';
    if (leading_break) line_ = ++at_;
    if (!eat_breaks()) return false;
  }
  if (chomping != '-' && leading_break) out += '\n';
  if (chomping == '+') out.append(trailing_breaks, '\n');
  builder_.quoted(arena_.copy(out), offset(start), offset(content_end));
  return skip_gap();
}

// Inside brackets: tabs count as spaces.
bool FastReader::skip_flow_gap() {
  for (;;) {
    while (*at_ == ' ' || *at_ == '\t') ++at_;
    if (*at_ == '#' && (at_ == line_ || at_[-1] == ' ' || at_[-1] == '\t')) {
      while (!is_break_or_end(*at_)) ++at_;
    }
    if (*at_ != '\n') return *at_ != '\0' && !at_marker() && !(at_ == line_ && *at_ == '%');
    line_ = ++at_;
  }
}

bool FastReader::flow_node(int depth) {
  if (depth > kMaxDepth || builder_.stopped()) return false;
  switch (*at_) {
    case '[':
      return flow_list(depth);
    case '{':
      return flow_map(depth);
    default:
      break;
  }
  Text text;
  if (*at_ == '"' || *at_ == '\'') {
    if (!quoted_scalar(text)) return false;
    builder_.quoted(text.value, offset(text.start), offset(text.end));
    return true;
  }
  if (!flow_plain(text)) return false;
  builder_.plain(text.value, offset(text.start), offset(text.end));
  return true;
}

// One line, without any character whose meaning depends on the reader.
bool FastReader::flow_plain(Text& scalar) {
  const auto is_word = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.'; };
  if (is(*at_, kNoPlainStart) && (*at_ != '-' || !is_word(at_[1]))) return false;
  const char* c = at_;
  for (;; ++c) {
    while (!is(*c, kFlowStop)) ++c;
    if (*c == ':' && !is_blank_or_end(c[1]) && (kClasses[static_cast<uint8_t>(c[1])] & kFlowStop) == 0) continue;
    if (*c == '#' && c[-1] != ' ') continue;
    break;
  }
  if (*c == '?' || *c == '\t' || *c == '#' || *c == '[' || *c == '{' || (*c == ':' && !is_blank_or_end(c[1])))
    return false;
  scalar = {{at_, trim_spaces(at_, c)}, at_, trim_spaces(at_, c), false};
  at_ = c;
  if (*c != '\n') return true;
  return skip_flow_gap() && (*at_ == ',' || *at_ == ']' || *at_ == '}');
}

bool FastReader::flow_list(int depth) {
  builder_.begin_list(offset(at_));
  ++at_;
  for (;;) {
    if (!skip_flow_gap()) return false;
    if (*at_ == ']') break;
    if (!flow_node(depth + 1) || !skip_flow_gap()) return false;
    if (*at_ == ',') {
      ++at_;
    } else if (*at_ != ']') {
      return false;
    }
  }
  ++at_;
  builder_.end_list(offset(at_));
  return !builder_.stopped();
}

bool FastReader::flow_map(int depth) {
  builder_.begin_map(offset(at_));
  ++at_;
  for (;;) {
    if (!skip_flow_gap()) return false;
    if (*at_ == '}') break;
    const char* line = line_;
    const char* start = at_;
    if (*at_ == '[' || *at_ == '{' || !flow_node(depth + 1)) return false;
    while (*at_ == ' ') ++at_;
    if (*at_ != ':' || line_ != line || at_ - start > kMaxKey) return false;
    ++at_;
    if (!skip_flow_gap() || !flow_node(depth + 1) || !skip_flow_gap()) return false;
    if (*at_ == ',') {
      ++at_;
    } else if (*at_ != '}') {
      return false;
    }
  }
  ++at_;
  builder_.end_map(offset(at_));
  return !builder_.stopped();
}

}  // namespace plimsoll::yaml
