#include "engine/value/utf8.h"

#include <simdjson.h>

#include <cstring>

namespace plimsoll::utf8 {

namespace {

// Eight bytes at a time, the last eight perhaps for the second time.
bool is_ascii(std::string_view text) {
  uint64_t word = 0;
  if (text.size() < sizeof(word)) {
    if (!text.empty()) std::memcpy(&word, text.data(), text.size());
    return (word & 0x8080808080808080) == 0;
  }
  uint64_t seen = 0;
  for (size_t offset = 0; offset + sizeof(word) <= text.size(); offset += sizeof(word)) {
    std::memcpy(&word, text.data() + offset, sizeof(word));
    seen |= word;
  }
  std::memcpy(&word, text.data() + text.size() - sizeof(word), sizeof(word));
  return ((seen | word) & 0x8080808080808080) == 0;
}

}  // namespace

Rune decode(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto continuation = [&](size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  constexpr Rune kInvalid{kReplacement, 1, false};
  const uint8_t first = byte(0);
  if (first < 0x80) return {first, 1, true};
  if (first < 0xC2 || first > 0xF4) return kInvalid;
  if (first < 0xE0) {
    if (!continuation(1)) return kInvalid;
    return {static_cast<char32_t>((first & 0x1F) << 6 | (byte(1) & 0x3F)), 2, true};
  }
  if (first < 0xF0) {
    if (!continuation(1) || !continuation(2)) return kInvalid;
    const auto code = static_cast<char32_t>((first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F));
    if (code < 0x800 || (code >= 0xD800 && code <= 0xDFFF)) return kInvalid;
    return {code, 3, true};
  }
  if (!continuation(1) || !continuation(2) || !continuation(3)) return kInvalid;
  const auto code = static_cast<char32_t>((first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
                                          (byte(3) & 0x3F));
  if (code < 0x10000 || code > 0x10FFFF) return kInvalid;
  return {code, 4, true};
}

void append(std::string& out, char32_t code) {
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) code = kReplacement;
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

bool is_valid(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

size_t find_invalid(std::string_view text) {
  if (is_valid(text)) return std::string_view::npos;
  for (size_t offset = 0; offset < text.size();) {
    const Rune rune = decode(text.substr(offset));
    if (!rune.valid) return offset;
    offset += rune.size;
  }
  return std::string_view::npos;
}

size_t length(std::string_view text) {
  if (is_ascii(text)) return text.size();
  size_t count = 0;
  for (size_t offset = 0; offset < text.size(); ++count) {
    offset += static_cast<uint8_t>(text[offset]) < 0x80 ? 1 : decode(text.substr(offset)).size;
  }
  return count;
}

size_t floor_boundary(std::string_view text, size_t limit) {
  if (limit >= text.size()) return text.size();
  while (limit > 0 && (static_cast<uint8_t>(text[limit]) & 0xC0) == 0x80) --limit;
  return limit;
}

}  // namespace plimsoll::utf8
