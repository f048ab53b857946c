#include "engine/policy/warnings.h"

#include <algorithm>

#include "engine/value/utf8.h"

namespace plimsoll::policy {
namespace {

constexpr size_t kTotalRunes = 4 * 1024;
constexpr size_t kItemRunes = 256;

// A header is UTF-8 without control characters (apimachinery/util/net NewWarningHeader).
bool fits_header(std::string_view text) {
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    if (!rune.valid || rune.code < 0x20 || (rune.code >= 0x7F && rune.code < 0xA0)) return false;
    text.remove_prefix(rune.size);
  }
  return true;
}

std::string_view first_runes(std::string_view text, size_t count) {
  size_t size = 0;
  for (; count > 0 && size < text.size(); --count) size += utf8::decode(text.substr(size)).size;
  return text.substr(0, size);
}

}  // namespace

void WarningRecorder::write(std::string_view text) {
  if (truncating_) text = first_runes(text, kItemRunes);
  if (!fits_header(text)) return;
  runes_ += utf8::length(text);
  written_.emplace_back(text);
}

void WarningRecorder::add(std::string_view text) {
  if (text.empty() || (truncating_ && runes_ >= kTotalRunes)) return;
  if (std::ranges::find(texts_, text) != texts_.end()) return;
  texts_.emplace_back(text);
  if (truncating_ || !fits_header(text) || runes_ + utf8::length(text) <= kTotalRunes) {
    write(text);
    return;
  }
  truncating_ = true;
  runes_ = 0;
  written_.clear();
  for (const std::string& earlier : texts_) write(earlier);
}

}  // namespace plimsoll::policy
