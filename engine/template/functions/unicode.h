// Properties and simple case mappings of code points, as Go's package unicode has them, and rune loops over Go strings.
#pragma once

#include <string>
#include <string_view>

#include "engine/value/utf8.h"

namespace plimsoll::tmpl::unicode {

bool is_upper(char32_t rune);   // Lu
bool is_lower(char32_t rune);   // Ll
bool is_title(char32_t rune);   // Lt
bool is_letter(char32_t rune);  // L
bool is_digit(char32_t rune);   // Nd
bool is_number(char32_t rune);  // N
bool is_punct(char32_t rune);   // P
bool is_space(char32_t rune);   // White_Space
char32_t to_upper(char32_t rune);
char32_t to_lower(char32_t rune);
char32_t to_title(char32_t rune);

// strings.Map: each rune replaced; an invalid byte counts as U+FFFD and becomes it.
template <typename Mapping>
std::string map(std::string_view text, Mapping mapping) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    utf8::append(out, mapping(rune.code));
    text.remove_prefix(rune.size);
  }
  return out;
}

// The rune at the end of `text`, which must not be empty (utf8.DecodeLastRune).
utf8::Rune decode_last(std::string_view text);

// strings.TrimSpace and strings.Trim.
std::string_view trim_space(std::string_view text);
std::string_view trim(std::string_view text, std::string_view cutset);

}  // namespace plimsoll::tmpl::unicode
