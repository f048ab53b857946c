#include "engine/value/go_quote.h"

#include <utf8proc.h>

#include "engine/value/utf8.h"

namespace plimsoll::go {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void append_escaped_rune(std::string& out, char32_t rune, char quote, bool ascii) {
  if (rune == static_cast<char32_t>(quote) || rune == U'\\') {
    out += '\\';
    out += static_cast<char>(rune);
    return;
  }
  if (ascii ? (rune < 0x80 && is_print(rune)) : is_print(rune)) {
    utf8::append(out, rune);
    return;
  }
  const auto hex = [&](int digits) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += kHex[(rune >> shift) & 15];
  };
  switch (rune) {
    case '\a': out += "\\a"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\v': out += "\\v"; return;
    default: break;
  }
  if (rune < ' ' || rune == 0x7F) {
    out += "\\x";
    hex(2);
  } else if (rune < 0x10000) {
    out += "\\u";
    hex(4);
  } else {
    out += "\\U";
    hex(8);
  }
}

}  // namespace

bool is_print(char32_t rune) {
  if (rune < 0x7F) return rune >= ' ';
  if (rune < 0xA1) return false;
  if (rune == 0xAD) return false;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(rune))) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO: return false;
    default: return true;
  }
}

void append_quoted(std::string& out, std::string_view text, bool ascii) {
  out += '"';
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    if (!rune.valid) {
      const auto byte = static_cast<unsigned char>(text[0]);
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      append_escaped_rune(out, rune.code, '"', ascii);
    }
    text.remove_prefix(rune.size);
  }
  out += '"';
}

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

void append_quoted_rune(std::string& out, char32_t rune, bool ascii) {
  if (rune > 0x10FFFF || (rune >= 0xD800 && rune < 0xE000)) rune = utf8::kReplacement;
  out += '\'';
  append_escaped_rune(out, rune, '\'', ascii);
  out += '\'';
}

}  // namespace plimsoll::go
