#include "engine/yaml/emitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/value/utf8.h"

namespace plimsoll::yaml {

namespace {

constexpr int kIndent = 2;

uint8_t byte_at(std::string_view text, size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; }
bool is_space(std::string_view text, size_t i) { return i < text.size() && text[i] == ' '; }
bool is_blank(std::string_view text, size_t i) { return i < text.size() && (text[i] == ' ' || text[i] == '\t'); }

// LF, CR, NEL, LS or PS.
bool is_break(std::string_view text, size_t i) {
  const uint8_t c = byte_at(text, i);
  if (c == '\n' || c == '\r') return i < text.size();
  if (c == 0xC2) return byte_at(text, i + 1) == 0x85;
  return c == 0xE2 && byte_at(text, i + 1) == 0x80 && (byte_at(text, i + 2) | 1) == 0xA9;
}

size_t width(uint8_t first) { return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4; }

// What go-yaml writes without an escape: not tabs, not C1 controls, not the byte order mark, nothing beyond the basic
// plane.
bool is_printable(std::string_view text, size_t i) {
  const uint8_t c = byte_at(text, i);
  if (c < 0x80) return c == '\n' || (c >= 0x20 && c <= 0x7E);
  if (c == 0xC2) return byte_at(text, i + 1) >= 0xA0;
  if (c == 0xED) return byte_at(text, i + 1) < 0xA0;
  if (c == 0xEF) {
    const uint8_t second = byte_at(text, i + 1);
    const uint8_t third = byte_at(text, i + 2);
    return !(second == 0xBB && third == 0xBF) && !(second == 0xBF && third >= 0xBE);
  }
  return c > 0xC2 && c <= 0xEE;
}

// Which styles can hold a text.
struct Analysis {
  bool multiline = false;
  bool plain = true;
  bool single_quoted = true;
  bool literal = true;
};

// Letters, digits and a few signs, single words: nothing to look into.
bool is_simple_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/' ||
           c == '$';
  });
}

Analysis analyze(std::string_view text, bool literal_tabs) {
  Analysis result;
  if (is_simple_word(text)) return result;
  if (text.empty()) {
    result.literal = false;
    return result;
  }
  bool indicators = text.starts_with("---") || text.starts_with("...");
  bool special = false;
  bool tabs = false;
  bool leading_space = false;
  bool leading_break = false;
  bool trailing_space = false;
  bool trailing_break = false;
  bool break_space = false;
  bool space_break = false;
  bool after_blank = true;
  bool previous_space = false;
  bool previous_break = false;
  for (size_t i = 0; i < text.size();) {
    const size_t size = width(byte_at(text, i));
    const bool before_blank = i + size >= text.size() || is_blank(text, i + size);
    const char c = text[i];
    if (i == 0) {
      constexpr std::string_view kNeverFirst = "#,[]{}&*!|>'\"%@`";
      if (kNeverFirst.find(c) != std::string_view::npos) indicators = true;
      if ((c == '?' || c == ':' || c == '-') && before_blank) indicators = true;
    } else if ((c == ':' && before_blank) || (c == '#' && after_blank)) {
      indicators = true;
    }
    if (c == '\t' && literal_tabs) {
      tabs = true;
    } else if (!is_printable(text, i)) {
      special = true;
    }
    const bool space = c == ' ';
    const bool line_break = !space && is_break(text, i);
    if (space) {
      leading_space |= i == 0;
      trailing_space |= i + size == text.size();
      break_space |= previous_break;
    } else if (line_break) {
      result.multiline = true;
      leading_break |= i == 0;
      trailing_break |= i + size == text.size();
      space_break |= previous_space;
    }
    previous_space = space;
    previous_break = line_break;
    after_blank = c == ' ' || c == '\t' || c == '\0' || line_break;
    i += size;
  }
  if (indicators || result.multiline || special || tabs || leading_space || leading_break || trailing_space ||
      trailing_break || break_space || space_break) {
    result.plain = false;
  }
  if (break_space || space_break || special || tabs) result.single_quoted = false;
  if (trailing_space || space_break || special) result.literal = false;
  return result;
}

}  // namespace

bool has_line_break(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_break(text, i)) return true;
  }
  return false;
}

void Emitter::scalar(std::string_view text, Style wish, bool simple_key) {
  const Analysis allowed = analyze(text, options_.literal_tabs);
  push_indent(false);
  if (indents_.size() == 1) indent_ = kIndent;  // a scalar at the root
  if (wish == Style::kLiteral && allowed.literal && !simple_key) {
    literal(text);
  } else if (wish == Style::kPlain && allowed.plain && !(text.empty() && simple_key)) {
    plain(text, !simple_key);
  } else if (wish == Style::kPlain && allowed.single_quoted && !(simple_key && allowed.multiline)) {
    single_quoted(text, !simple_key);
  } else {
    double_quoted(text, !simple_key);
  }
  end_collection();
}

void Emitter::tag(std::string_view text) {
  if (!whitespace_) put(' ');
  out_ += text;
  column_ += static_cast<int>(text.size());
  whitespace_ = false;
  indention_ = false;
}

void Emitter::bare(std::string_view text) {
  if (!whitespace_) put(' ');
  out_ += text;
  column_ += static_cast<int>(text.size());
  whitespace_ = false;
  indention_ = false;
}

void Emitter::empty_list() {
  indicator("[", true, false);
  indicator("]", false, false);
}

void Emitter::empty_map() {
  indicator("{", true, false);
  indicator("}", false, false);
}

void Emitter::push_indent(bool indentless) {
  indents_.push_back(indent_);
  if (indent_ < 0) {
    indent_ = 0;
  } else if (!indentless) {
    indent_ += kIndent;
  }
}

void Emitter::end_collection() {
  indent_ = indents_.back();
  indents_.pop_back();
}

void Emitter::item() {
  write_indent();
  indicator("-", true, true);
}

void Emitter::key() { write_indent(); }
void Emitter::colon() { indicator(":", false, false); }

void Emitter::complex_key() {
  write_indent();
  indicator("?", true, true);
}

void Emitter::complex_value() {
  write_indent();
  indicator(":", true, true);
}

void Emitter::finish() { write_indent(); }

void Emitter::write_rune(std::string_view text, size_t& i) {
  const size_t size = width(byte_at(text, i));
  out_ += text.substr(i, size);
  i += size;
  ++column_;
}

void Emitter::write_break(std::string_view text, size_t& i) {
  if (text[i] == '\n') {
    put_break();
    ++i;
  } else {
    write_rune(text, i);
    column_ = 0;
  }
}

void Emitter::write_indent() {
  const int indent = std::max(indent_, 0);
  if (!indention_ || column_ > indent || (column_ == indent && !whitespace_)) put_break();
  if (column_ < indent) {
    out_.append(static_cast<size_t>(indent - column_), ' ');
    column_ = indent;
  }
  whitespace_ = true;
  indention_ = true;
}

void Emitter::indicator(std::string_view text, bool need_blank, bool is_indention) {
  if (need_blank && !whitespace_) put(' ');
  out_ += text;
  column_ += static_cast<int>(text.size());
  whitespace_ = false;
  indention_ = indention_ && is_indention;
}

void Emitter::plain(std::string_view text, bool may_break) {
  if (!whitespace_) put(' ');
  bool spaces = false;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == ' ') {
      if (may_break && !spaces && column_ > options_.width && !is_space(text, i + 1)) {
        write_indent();
        ++i;
      } else {
        write_rune(text, i);
      }
      spaces = true;
    } else {
      write_rune(text, i);
      indention_ = false;
      spaces = false;
    }
  }
  whitespace_ = false;
  indention_ = false;
}

void Emitter::single_quoted(std::string_view text, bool may_break) {
  indicator("'", true, false);
  bool spaces = false;
  bool breaks = false;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == ' ') {
      if (may_break && !spaces && column_ > options_.width && i > 0 && i + 1 < text.size() && !is_space(text, i + 1)) {
        write_indent();
        ++i;
      } else {
        write_rune(text, i);
      }
      spaces = true;
    } else if (is_break(text, i)) {
      if (!breaks && text[i] == '\n') put_break();
      write_break(text, i);
      indention_ = true;
      breaks = true;
    } else {
      if (breaks) write_indent();
      if (text[i] == '\'') put('\'');
      write_rune(text, i);
      indention_ = false;
      spaces = false;
      breaks = false;
    }
  }
  indicator("'", false, false);
}

void Emitter::double_quoted(std::string_view text, bool may_break) {
  // go-yaml looks for the byte order mark at the start of the text only, but at every character.
  const bool escape_all = text.starts_with("\xEF\xBB\xBF");
  indicator("\"", true, false);
  bool spaces = false;
  for (size_t i = 0; i < text.size();) {
    if (escape_all || !is_printable(text, i) || is_break(text, i) || text[i] == '"' || text[i] == '\\') {
      escape(text, i);
      spaces = false;
    } else if (text[i] == ' ') {
      if (may_break && !spaces && column_ > options_.width && i > 0 && i + 1 < text.size()) {
        write_indent();
        if (is_space(text, i + 1)) put('\\');
        ++i;
      } else {
        write_rune(text, i);
      }
      spaces = true;
    } else {
      write_rune(text, i);
      spaces = false;
    }
  }
  indicator("\"", false, false);
}

void Emitter::escape(std::string_view text, size_t& i) {
  const utf8::Rune rune = utf8::decode(text.substr(i));
  i += rune.size;
  const size_t before = out_.size();
  const auto code = static_cast<uint32_t>(rune.code);
  switch (code) {
    case 0x00:
      out_ += "\\0";
      break;
    case 0x07:
      out_ += "\\a";
      break;
    case 0x08:
      out_ += "\\b";
      break;
    case 0x09:
      out_ += "\\t";
      break;
    case 0x0A:
      out_ += "\\n";
      break;
    case 0x0B:
      out_ += "\\v";
      break;
    case 0x0C:
      out_ += "\\f";
      break;
    case 0x0D:
      out_ += "\\r";
      break;
    case 0x1B:
      out_ += "\\e";
      break;
    case 0x22:
      out_ += "\\\"";
      break;
    case 0x5C:
      out_ += "\\\\";
      break;
    case 0x85:
      out_ += "\\N";
      break;
    case 0xA0:
      out_ += "\\_";
      break;
    case 0x2028:
      out_ += "\\L";
      break;
    case 0x2029:
      out_ += "\\P";
      break;
    default:
      if (code <= 0xFF) {
        fmt::format_to(std::back_inserter(out_), "\\x{:02X}", code);
      } else if (code <= 0xFFFF) {
        fmt::format_to(std::back_inserter(out_), "\\u{:04X}", code);
      } else {
        fmt::format_to(std::back_inserter(out_), "\\U{:08X}", code);
      }
  }
  column_ += static_cast<int>(out_.size() - before);
}

void Emitter::literal(std::string_view text) {
  indicator("|", true, false);
  if (is_space(text, 0) || is_break(text, 0)) indicator("2", false, false);
  // Chomping: '-' without a break at the end, '+' with more than one, or with nothing else.
  const auto rune_before = [&](size_t end) {
    size_t i = end - 1;
    while (i > 0 && (byte_at(text, i) & 0xC0) == 0x80) --i;
    return i;
  };
  const size_t last = rune_before(text.size());
  if (!is_break(text, last)) {
    indicator("-", false, false);
  } else if (last == 0 || is_break(text, rune_before(last))) {
    indicator("+", false, false);
  }
  put_break();
  indention_ = true;
  whitespace_ = true;
  bool breaks = true;
  for (size_t i = 0; i < text.size();) {
    if (is_break(text, i)) {
      write_break(text, i);
      indention_ = true;
      breaks = true;
    } else {
      if (breaks) write_indent();
      write_rune(text, i);
      indention_ = false;
      breaks = false;
    }
  }
}

}  // namespace plimsoll::yaml
