// Small UTF-8 routines shared by readers and languages. Strings of the engine may hold invalid UTF-8 (Go's may, too);
// decode() then yields U+FFFD for one byte, as Go's utf8.DecodeRune does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::utf8 {

inline constexpr char32_t kReplacement = 0xFFFD;

struct Rune {
  char32_t code;
  uint32_t size;  // bytes consumed, at least 1
  bool valid;     // false: `code` is the replacement character for an invalid byte
};

// Decodes the rune at the start of `text`, which must not be empty.
Rune decode(std::string_view text);
// Appends `code` encoded; surrogates and values beyond U+10FFFF become U+FFFD.
void append(std::string& out, char32_t code);
bool is_valid(std::string_view text);
// Offset of the first invalid byte, or npos.
size_t find_invalid(std::string_view text);
// Number of runes, counting each invalid byte as one.
size_t length(std::string_view text);
// Largest offset <= limit that does not split a rune.
size_t floor_boundary(std::string_view text, size_t limit);

}  // namespace plimsoll::utf8
