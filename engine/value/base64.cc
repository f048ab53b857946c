#include "engine/value/base64.h"

#include <array>
#include <cstdint>

namespace plimsoll::base64 {

namespace {

constexpr std::string_view digits(Alphabet alphabet) {
  return alphabet == Alphabet::kStandard ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                                         : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}

constexpr std::array<int8_t, 256> reverse(Alphabet alphabet) {
  std::array<int8_t, 256> table{};
  table.fill(-1);
  for (int8_t i = 0; i < 64; ++i) table[static_cast<uint8_t>(digits(alphabet)[static_cast<size_t>(i)])] = i;
  return table;
}

constexpr std::array<int8_t, 256> kReverseStandard = reverse(Alphabet::kStandard);
constexpr std::array<int8_t, 256> kReverseUrl = reverse(Alphabet::kUrl);

}  // namespace

std::string encode(std::string_view data, Alphabet alphabet, bool padding) {
  const std::string_view table = digits(alphabet);
  std::string out;
  out.reserve((data.size() + 2) / 3 * 4);
  for (size_t i = 0; i < data.size(); i += 3) {
    const auto byte = [&](size_t k) { return i + k < data.size() ? static_cast<uint8_t>(data[i + k]) : 0U; };
    const uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    const size_t present = data.size() - i < 3 ? data.size() - i : 3;
    for (size_t k = 0; k < 4; ++k) {
      if (k <= present) {
        out += table[group >> (18 - 6 * k) & 63];
      } else if (padding) {
        out += '=';
      }
    }
  }
  return out;
}

std::optional<std::string> decode(std::string_view text, Alphabet alphabet, bool padding) {
  const auto& table = alphabet == Alphabet::kStandard ? kReverseStandard : kReverseUrl;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  uint32_t group = 0;
  size_t count = 0;
  size_t padded = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n') continue;
    if (c == '=') {
      if (!padding || count < 2) return std::nullopt;
      if (++padded > 4 - count) return std::nullopt;
      continue;
    }
    const int8_t digit = table[static_cast<uint8_t>(c)];
    if (digit < 0 || padded != 0) return std::nullopt;
    group = group << 6 | static_cast<uint32_t>(digit);
    if (++count == 4) {
      out += static_cast<char>(group >> 16);
      out += static_cast<char>(group >> 8);
      out += static_cast<char>(group);
      group = 0;
      count = 0;
    }
  }
  if (count == 1 || (padding && count != 0 && count + padded != 4)) return std::nullopt;
  if (count == 2) out += static_cast<char>(group >> 4);
  if (count == 3) {
    out += static_cast<char>(group >> 10);
    out += static_cast<char>(group >> 2);
  }
  return out;
}

}  // namespace plimsoll::base64
