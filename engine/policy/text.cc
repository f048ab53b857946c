#include "engine/policy/text.h"

#include "engine/value/json.h"
#include "engine/value/utf8.h"

namespace plimsoll::policy {
namespace {

bool is_space(char32_t rune) {
  return (rune >= '\t' && rune <= '\r') || rune == ' ' || rune == 0x85 || rune == 0xA0 || rune == 0x1680 ||
         (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 || rune == 0x202F || rune == 0x205F ||
         rune == 0x3000;
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

std::string json_list(std::span<const std::string> items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out.push_back(',');
    json::append_quoted(out, item, true);
  }
  return out + "]";
}

}  // namespace plimsoll::policy
