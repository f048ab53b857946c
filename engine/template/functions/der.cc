#include "engine/template/functions/der.h"

#include <charconv>
#include <vector>

namespace plimsoll::tmpl::der {

std::string element(uint8_t tag, std::string_view content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() < 0x80) {
    out += static_cast<char>(content.size());
  } else {
    std::string length;
    for (size_t rest = content.size(); rest != 0; rest >>= 8) length.insert(length.begin(), static_cast<char>(rest & 0xFF));
    out += static_cast<char>(0x80 | length.size());
    out += length;
  }
  return out.append(content);
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

std::string integer(std::string_view bytes) {
  while (bytes.size() > 1 && bytes[0] == '\0') bytes.remove_prefix(1);
  // A leading one bit would make it negative.
  const bool pad = bytes.empty() || (static_cast<unsigned char>(bytes[0]) & 0x80) != 0;
  return element(kInteger, (pad ? std::string(1, '\0') : std::string()).append(bytes));
}

std::string integer(uint8_t number) {
  const char byte = static_cast<char>(number);
  return integer(std::string_view(&byte, 1));
}

std::string bits(std::string_view bytes, uint8_t unused) {
  return element(kBits, std::string(1, static_cast<char>(unused)).append(bytes));
}

std::string boolean(bool value) { return element(0x01, value ? "\xFF" : std::string_view("\0", 1)); }

std::string object_id(std::string_view dotted) {
  std::vector<uint32_t> arcs;
  const char* at = dotted.data();
  const char* const end = dotted.data() + dotted.size();
  while (at < end) {
    uint32_t arc = 0;
    at = std::from_chars(at, end, arc).ptr + 1;
    arcs.push_back(arc);
  }
  std::string content(1, static_cast<char>(arcs[0] * 40 + arcs[1]));
  for (size_t i = 2; i < arcs.size(); ++i) {
    std::string digits(1, static_cast<char>(arcs[i] & 0x7F));
    for (uint32_t rest = arcs[i] >> 7; rest != 0; rest >>= 7) {
      digits.insert(digits.begin(), static_cast<char>(0x80 | (rest & 0x7F)));
    }
    content += digits;
  }
  return element(0x06, content);
}

std::string null() { return element(0x05, ""); }

}  // namespace plimsoll::tmpl::der
