#include "engine/report/terminal.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/value/utf8.h"

namespace plimsoll::report {

namespace {

struct Span {
  char32_t first;
  char32_t last;
};

// Unicode's East Asian Width W and F, in the blocks that are wide as a whole.
constexpr Span kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
                          {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
                          {0xFE30, 0xFE4F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                          {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr Span kCombining[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
                               {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
                               {0xFE20, 0xFE2F}};
constexpr Span kUnsafe[] = {{0x00, 0x1F}, {0x7F, 0x9F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};

template <size_t N>
bool contains(const Span (&spans)[N], char32_t code) {
  return std::any_of(std::begin(spans), std::end(spans), [=](Span s) { return s.first <= code && code <= s.last; });
}

std::string_view escape_code(Color color) {
  switch (color) {
    case Color::kNone: return "";
    case Color::kBold: return "\x1b[1m";
    case Color::kError: return "\x1b[1;31m";
    case Color::kWarning: return "\x1b[1;35m";
    case Color::kInfo: return "\x1b[1;36m";
    case Color::kNote: return "\x1b[36m";
    case Color::kMarker: return "\x1b[1;32m";
    case Color::kDim: return "\x1b[2m";
  }
  return "";
}

}  // namespace

std::string Painter::operator()(Color color, std::string_view text) const {
  if (!enabled_ || color == Color::kNone) return std::string(text);
  return fmt::format("{}{}\x1b[0m", escape_code(color), text);
}

size_t display_width(char32_t code) {
  if (code < 0x300) return 1;
  if (contains(kCombining, code)) return 0;
  return contains(kWide, code) ? 2 : 1;
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    width += display_width(rune.code);
    text.remove_prefix(rune.size);
  }
  return width;
}

void append_visible(std::string& out, std::string_view text, bool keep_lines) {
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    if (rune.code == '\t') {
      out += ' ';
    } else if (rune.code == '\n' && keep_lines) {
      out += '\n';
    } else if (contains(kUnsafe, rune.code)) {
      out += fmt::format("<U+{:04X}>", static_cast<uint32_t>(rune.code));
    } else {
      utf8::append(out, rune.code);
    }
    text.remove_prefix(rune.size);
  }
}

std::string visible(std::string_view text) {
  std::string out;
  append_visible(out, text);
  return out;
}

std::string wrap(std::string_view text, size_t width, std::string_view indent) {
  std::string out;
  size_t column = 0;
  while (!text.empty()) {
    const size_t start = text.find_first_not_of(" \n\t");
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const std::string word = visible(text.substr(0, text.find_first_of(" \n\t")));
    text.remove_prefix(std::min(text.size(), text.find_first_of(" \n\t")));
    const size_t word_width = display_width(word);
    if (column != 0 && column + 1 + word_width > width) {
      out += '\n';
      out += indent;
      column = indent.size();
    } else if (column != 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word_width;
  }
  return out;
}

}  // namespace plimsoll::report
