#include "engine/policy/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/value/json.h"
#include "engine/value/utf8.h"

namespace plimsoll::policy {
namespace {

bool is_space(char32_t rune) {
  return (rune >= '\t' && rune <= '\r') || rune == ' ' || rune == 0x85 || rune == 0xA0 || rune == 0x1680 ||
         (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 || rune == 0x202F || rune == 0x205F ||
         rune == 0x3000;
}

// unicode.IsPrint, but for unassigned code points: spaces other than U+0020, controls, format characters, surrogates
// and private use are not printable.
bool is_printable(char32_t rune) {
  if (rune < 0x20 || (rune >= 0x7F && rune < 0xA0)) return false;
  if (rune == ' ') return true;
  if (is_space(rune) || rune == 0xAD) return false;
  return !((rune >= 0x200B && rune <= 0x200F) || (rune >= 0x202A && rune <= 0x202E) ||
           (rune >= 0x2060 && rune <= 0x206F) || (rune >= 0xD800 && rune <= 0xF8FF) || rune == 0xFEFF ||
           (rune >= 0xFFF0 && rune <= 0xFFFB) || rune >= 0xE0000);
}

}  // namespace

std::string_view trim_space(std::string_view text) {
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    if (!rune.valid || !is_space(rune.code)) break;
    text.remove_prefix(rune.size);
  }
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    const utf8::Rune rune = utf8::decode(text.substr(start));
    if (!rune.valid || !is_space(rune.code) || start + rune.size != text.size()) break;
    text.remove_suffix(rune.size);
  }
  return text;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    if (!rune.valid) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (rune.code == '"' || rune.code == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(rune.code));
    } else if (is_printable(rune.code)) {
      out.append(text.substr(0, rune.size));
    } else if (constexpr std::string_view kEscapes = "\a\b\f\n\r\t\v";
               kEscapes.find(static_cast<char>(rune.code)) != std::string_view::npos && rune.code < 0x20) {
      out.push_back('\\');
      out.push_back("abfnrtv"[kEscapes.find(static_cast<char>(rune.code))]);
    } else if (rune.code < 0x20 || rune.code == 0x7F) {
      out += fmt::format("\\x{:02x}", static_cast<uint32_t>(rune.code));
    } else if (rune.code < 0x10000) {
      out += fmt::format("\\u{:04x}", static_cast<uint32_t>(rune.code));
    } else {
      out += fmt::format("\\U{:08x}", static_cast<uint32_t>(rune.code));
    }
    text.remove_prefix(rune.size);
  }
  return out + "\"";
}

std::string json_list(std::span<const std::string> items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out.push_back(',');
    json::append_quoted(out, item, true);
  }
  return out + "]";
}

}  // namespace plimsoll::policy
