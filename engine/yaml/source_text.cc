#include "engine/yaml/source_text.h"

#include <algorithm>
#include <cstring>

#include "engine/value/utf8.h"

namespace plimsoll::yaml {

namespace {

constexpr uint64_t repeat(uint8_t byte) { return 0x0101010101010101ULL * byte; }

// True if a byte of `word` is below 0x20 or is 0x7F or above: text needs a closer look there.
bool has_unusual_byte(uint64_t word) {
  const uint64_t below_space = (word - repeat(0x20)) & ~word;
  const uint64_t delete_or_high = (word + repeat(0x01)) | word;
  return ((below_space | delete_or_high) & repeat(0x80)) != 0;
}

constexpr size_t kColumnBlock = 4096;

// Code points of valid UTF-8 that begin in `text`, which may start and end within one.
size_t rune_starts(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return static_cast<int8_t>(c) >= -0x40; }));
}

// Whether YAML 1.1 allows the code point in a stream (c-printable).
bool is_allowed(char32_t code) {
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code <= 0x7E) || code == 0x85 ||
         (code >= 0xA0 && code <= 0xD7FF) || (code >= 0xE000 && code <= 0xFFFD) || code >= 0x10000;
}

}  // namespace

TextTraits examine(std::string_view text) {
  TextTraits traits;
  traits.regular = true;
  const bool valid = utf8::is_valid(text);
  size_t i = text.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
  while (i < text.size()) {
    if (i + 8 <= text.size()) {
      uint64_t word = 0;
      std::memcpy(&word, text.data() + i, 8);
      if (!has_unusual_byte(word)) {
        i += 8;
        continue;
      }
    }
    const size_t stop = std::min(i + 8, text.size());
    while (i < stop) {
      const auto byte = static_cast<uint8_t>(text[i]);
      if (byte < 0x80) {
        if (!is_allowed(byte)) {
          traits.first_bad = i;
          traits.regular = false;
          return traits;
        }
        if (byte == '\r') traits.regular = false;
        ++i;
        continue;
      }
      // Without validity known beforehand every sequence is decoded; with it only those that may matter.
      if (valid && byte != 0xC2 && byte != 0xE2 && byte != 0xEF) {
        i += byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        continue;
      }
      const utf8::Rune rune = utf8::decode(text.substr(i));
      if (!rune.valid || !is_allowed(rune.code)) {
        traits.first_bad = i;
        traits.regular = false;
        return traits;
      }
      if (rune.code == 0x85 || rune.code == 0x2028 || rune.code == 0x2029 || rune.code == 0xFEFF)
        traits.regular = false;
      i += rune.size;
    }
  }
  return traits;
}

void SourceText::index_lines() const {
  const std::string_view all = text();
  line_starts_.push_back(all.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0);
  const bool has_returns = all.find('\r') != std::string_view::npos;
  for (size_t i = 0; i < all.size();) {
    size_t end = has_returns ? all.find_first_of("\r\n", i) : all.find('\n', i);
    if (end == std::string_view::npos) break;
    if (all[end] == '\r' && end + 1 < all.size() && all[end + 1] == '\n') ++end;
    i = end + 1;
    line_starts_.push_back(static_cast<uint32_t>(i));
  }
}

Position SourceText::position(size_t offset) const {
  std::call_once(indexed_, [this] { index_lines(); });
  const auto above = std::upper_bound(line_starts_.begin() + 1, line_starts_.end(), offset);
  const size_t start = *(above - 1);
  const size_t distance = offset > start ? std::min(offset, text().size()) - start : 0;
  const size_t runes = distance < kColumnBlock ? utf8::length(text().substr(start, distance))
                                               : runes_before(start + distance) - runes_before(start);
  return {static_cast<uint32_t>(above - line_starts_.begin()), static_cast<uint32_t>(runes + 1)};
}

void SourceText::index_columns() const {
  const std::string_view all = text();
  runes_before_block_.reserve(all.size() / kColumnBlock + 1);
  size_t runes = 0;
  for (size_t block = 0; block <= all.size(); block += kColumnBlock) {
    runes_before_block_.push_back(static_cast<uint32_t>(runes));
    runes += rune_starts(all.substr(block, kColumnBlock));
  }
}

size_t SourceText::runes_before(size_t offset) const {
  std::call_once(columns_indexed_, [this] { index_columns(); });
  const size_t block = offset / kColumnBlock;
  return runes_before_block_[block] + rune_starts(text().substr(block * kColumnBlock, offset - block * kColumnBlock));
}

uint32_t SourceText::break_count(size_t offset) const {
  const std::string_view before = text().substr(0, offset);
  uint32_t count = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    const std::string_view rest = before.substr(i, 3);
    if (rest[0] == '\r' && rest.starts_with("\r\n")) continue;
    if (rest[0] == '\n' || rest[0] == '\r' || rest.starts_with("\xC2\x85") || rest == "\xE2\x80\xA8" ||
        rest == "\xE2\x80\xA9") {
      ++count;
    }
  }
  return count;
}

Range SourceText::range(size_t start, size_t end) const {
  const Position from = position(start);
  const Position to = position(end);
  return {from.line, from.column, to.line, to.column, static_cast<uint32_t>(start), static_cast<uint32_t>(end)};
}

std::string_view SourceText::line_at(size_t offset) const {
  const std::string_view all = text();
  offset = std::min(offset, all.size());
  const size_t before = offset == 0 ? std::string_view::npos : all.find_last_of("\r\n", offset - 1);
  const size_t start = before == std::string_view::npos ? 0 : before + 1;
  return all.substr(start, std::min(all.find_first_of("\r\n", start), all.size()) - start);
}

std::optional<Result<std::string>> decode_utf16(std::string_view text) {
  const bool little = text.starts_with("\xFF\xFE");
  if (!little && !text.starts_with("\xFE\xFF")) return std::nullopt;
  const auto unit = [&](size_t i) {
    const auto low = static_cast<uint8_t>(text[i + (little ? 0 : 1)]);
    const auto high = static_cast<uint8_t>(text[i + (little ? 1 : 0)]);
    return static_cast<char32_t>(high << 8 | low);
  };
  std::string out;
  out.reserve(text.size());
  for (size_t i = 2; i < text.size(); i += 2) {
    if (text.size() - i < 2) return fail(ErrorCode::kSyntax, "incomplete UTF-16 character");
    char32_t code = unit(i);
    if ((code & 0xFC00) == 0xDC00) return fail(ErrorCode::kSyntax, "unexpected low surrogate area");
    if ((code & 0xFC00) == 0xD800) {
      if (text.size() - i < 4) return fail(ErrorCode::kSyntax, "incomplete UTF-16 surrogate pair");
      const char32_t low = unit(i + 2);
      if ((low & 0xFC00) != 0xDC00) return fail(ErrorCode::kSyntax, "expected low surrogate area");
      code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
      i += 2;
    }
    utf8::append(out, code);
  }
  return out;
}

}  // namespace plimsoll::yaml
