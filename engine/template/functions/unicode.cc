#include "engine/template/functions/unicode.h"

#include <utf8proc.h>

#include <algorithm>

namespace plimsoll::tmpl::unicode {
namespace {

utf8proc_category_t category(char32_t rune) { return utf8proc_category(static_cast<utf8proc_int32_t>(rune)); }

bool in_cutset(std::string_view cutset, char32_t rune) {
  while (!cutset.empty()) {
    const utf8::Rune candidate = utf8::decode(cutset);
    if (candidate.code == rune) return true;
    cutset.remove_prefix(candidate.size);
  }
  return false;
}

template <typename Predicate>
std::string_view trim_where(std::string_view text, Predicate cut) {
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    if (!cut(rune.code)) break;
    text.remove_prefix(rune.size);
  }
  while (!text.empty()) {
    const utf8::Rune rune = decode_last(text);
    if (!cut(rune.code)) break;
    text.remove_suffix(rune.size);
  }
  return text;
}

}  // namespace

bool is_upper(char32_t rune) {
  if (rune < 0x80) return rune >= 'A' && rune <= 'Z';
  return category(rune) == UTF8PROC_CATEGORY_LU;
}

bool is_lower(char32_t rune) {
  if (rune < 0x80) return rune >= 'a' && rune <= 'z';
  return category(rune) == UTF8PROC_CATEGORY_LL;
}

bool is_title(char32_t rune) { return rune >= 0x80 && category(rune) == UTF8PROC_CATEGORY_LT; }

bool is_letter(char32_t rune) {
  if (rune < 0x80) return is_upper(rune) || is_lower(rune);
  const utf8proc_category_t found = category(rune);
  return found >= UTF8PROC_CATEGORY_LU && found <= UTF8PROC_CATEGORY_LO;
}

bool is_digit(char32_t rune) {
  if (rune < 0x80) return rune >= '0' && rune <= '9';
  return category(rune) == UTF8PROC_CATEGORY_ND;
}

bool is_number(char32_t rune) {
  if (rune < 0x80) return is_digit(rune);
  const utf8proc_category_t found = category(rune);
  return found >= UTF8PROC_CATEGORY_ND && found <= UTF8PROC_CATEGORY_NO;
}

bool is_punct(char32_t rune) {
  const utf8proc_category_t found = category(rune);
  return found >= UTF8PROC_CATEGORY_PC && found <= UTF8PROC_CATEGORY_PO;
}

bool is_space(char32_t rune) {
  switch (rune) {
    case '\t':
    case '\n':
    case '\v':
    case '\f':
    case '\r':
    case ' ':
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000: return true;
    default: return rune >= 0x2000 && rune <= 0x200A;
  }
}

char32_t to_upper(char32_t rune) {
  if (rune < 0x80) return is_lower(rune) ? rune - 0x20 : rune;
  return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(rune)));
}

char32_t to_lower(char32_t rune) {
  if (rune < 0x80) return is_upper(rune) ? rune + 0x20 : rune;
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(rune)));
}

char32_t to_title(char32_t rune) {
  if (rune < 0x80) return to_upper(rune);
  return static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(rune)));
}

utf8::Rune decode_last(std::string_view text) {
  for (size_t size = 1; size <= std::min<size_t>(4, text.size()); ++size) {
    const std::string_view tail = text.substr(text.size() - size);
    if ((static_cast<unsigned char>(tail[0]) & 0xC0) == 0x80) continue;
    const utf8::Rune rune = utf8::decode(tail);
    if (rune.size == size) return rune;
    break;
  }
  return {utf8::kReplacement, 1, false};
}

std::string_view trim_space(std::string_view text) { return trim_where(text, is_space); }

std::string_view trim(std::string_view text, std::string_view cutset) {
  return trim_where(text, [&](char32_t rune) { return in_cutset(cutset, rune); });
}

}  // namespace plimsoll::tmpl::unicode
