#include "engine/cel/runtime/ip.h"

#include <algorithm>
#include <optional>

#include "engine/cel/runtime/numbers.h"
#include "engine/value/go_quote.h"

namespace plimsoll::cel {

namespace {

std::unexpected<std::string> address_error(std::string_view text, std::string_view message, std::string_view at = {}) {
  std::string error = "ParseAddr(" + go::quoted(text) + "): ";
  error += message;
  if (!at.empty()) error += " (at " + go::quoted(at) + ")";
  return std::unexpected(std::move(error));
}

// `fields` is the dotted part of `text`.
std::expected<void, std::string> parse_v4(std::string_view text, std::string_view fields, uint8_t* out) {
  int value = 0, position = 0, digits = 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    const char c = fields[i];
    if (c >= '0' && c <= '9') {
      if (digits == 1 && value == 0) return address_error(text, "IPv4 field has octet with leading zero");
      value = value * 10 + (c - '0');
      ++digits;
      if (value > 255) return address_error(text, "IPv4 field has value >255");
    } else if (c == '.') {
      if (i == 0 || i == fields.size() - 1 || fields[i - 1] == '.') {
        return address_error(text, "IPv4 field must have at least one digit", fields.substr(i));
      }
      if (position == 3) return address_error(text, "IPv4 address too long");
      out[position++] = static_cast<uint8_t>(value);
      value = digits = 0;
    } else {
      return address_error(text, "unexpected character", fields.substr(i));
    }
  }
  if (position < 3) return address_error(text, "IPv4 address too short");
  out[3] = static_cast<uint8_t>(value);
  return {};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::expected<IpAddress, std::string> parse_v6(std::string_view text) {
  IpAddress address;
  address.v6 = true;
  std::string_view rest = text;
  if (const size_t percent = rest.find('%'); percent != std::string_view::npos) {
    if (percent + 1 == rest.size()) return address_error(text, "zone must be a non-empty string");
    address.zone = true;
    rest = rest.substr(0, percent);
  }
  std::array<uint8_t, 16>& bytes = address.bytes;
  int ellipsis = -1;  // where zeros are to be put in
  if (rest.starts_with("::")) {
    ellipsis = 0;
    rest.remove_prefix(2);
    if (rest.empty()) return address;
  }
  int i = 0;
  while (i < 16) {
    size_t length = 0;
    uint32_t group = 0;
    for (; length < rest.size() && hex_value(rest[length]) >= 0; ++length) {
      group = group << 4 | static_cast<uint32_t>(hex_value(rest[length]));
      if (length > 3) return address_error(text, "each group must have 4 or less digits", rest);
    }
    if (length == 0) return address_error(text, "each colon-separated field must have at least one digit", rest);
    if (length < rest.size() && rest[length] == '.') {
      if (ellipsis < 0 && i != 12) {
        return address_error(text, "embedded IPv4 address must replace the final 2 fields of the address", rest);
      }
      if (i + 4 > 16) {
        return address_error(text, "too many hex fields to fit an embedded IPv4 at the end of the address", rest);
      }
      if (const auto v4 = parse_v4(text, rest, bytes.data() + i); !v4) return std::unexpected(v4.error());
      rest = {};
      i += 4;
      break;
    }
    bytes[static_cast<size_t>(i)] = static_cast<uint8_t>(group >> 8);
    bytes[static_cast<size_t>(i) + 1] = static_cast<uint8_t>(group);
    i += 2;
    rest.remove_prefix(length);
    if (rest.empty()) break;
    if (rest[0] != ':') return address_error(text, "unexpected character, want colon", rest);
    if (rest.size() == 1) return address_error(text, "colon must be followed by more characters", rest);
    rest.remove_prefix(1);
    if (rest[0] == ':') {
      if (ellipsis >= 0) return address_error(text, "multiple :: in address", rest);
      ellipsis = i;
      rest.remove_prefix(1);
      if (rest.empty()) break;
    }
  }
  if (!rest.empty()) return address_error(text, "trailing garbage after address", rest);
  if (i < 16) {
    if (ellipsis < 0) return address_error(text, "address string too short");
    std::copy_backward(bytes.begin() + ellipsis, bytes.begin() + i, bytes.end());
    std::fill_n(bytes.begin() + ellipsis, 16 - i, uint8_t{0});
  } else if (ellipsis >= 0) {
    return address_error(text, "the :: must expand to at least one field of zeros");
  }
  return address;
}

// The IPv4 octets that decide an address' class, if it is one or maps one.
const uint8_t* v4_octets(const IpAddress& address) {
  return !address.v6 || address.is_v4_mapped() ? address.bytes.data() + 12 : nullptr;
}

bool same_network(const IpAddress& a, const IpAddress& b, int bits) {
  const size_t start = a.v6 ? 0 : 12;
  const auto whole = static_cast<size_t>(bits / 8);
  if (!std::equal(a.bytes.begin() + start, a.bytes.begin() + start + whole, b.bytes.begin() + start)) return false;
  const int rest = bits % 8;
  return rest == 0 || (a.bytes[start + whole] ^ b.bytes[start + whole]) >> (8 - rest) == 0;
}

}  // namespace

std::expected<IpAddress, std::string> IpAddress::parse(std::string_view text) {
  const size_t mark = text.find_first_of(".:%");
  if (mark == std::string_view::npos) return address_error(text, "unable to parse IP");
  if (text[mark] == '%') return address_error(text, "missing IPv6 address");
  if (text[mark] == ':') return parse_v6(text);
  IpAddress address;
  if (const auto v4 = parse_v4(text, text, address.bytes.data() + 12); !v4) return std::unexpected(v4.error());
  return address;
}

std::string IpAddress::to_string() const {
  const auto dotted = [&] {
    return std::to_string(bytes[12]) + "." + std::to_string(bytes[13]) + "." + std::to_string(bytes[14]) + "." + std::to_string(bytes[15]);
  };
  if (!v6) return dotted();
  if (is_v4_mapped()) return "::ffff:" + dotted();
  const auto group = [&](size_t i) { return bytes[2 * i] << 8 | bytes[2 * i + 1]; };
  size_t zeros = 8, zeros_end = 8;
  for (size_t i = 0; i < 8;) {
    size_t end = i;
    while (end < 8 && group(end) == 0) ++end;
    if (end - i >= 2 && end - i > zeros_end - zeros) {
      zeros = i;
      zeros_end = end;
    }
    i = end + 1;
  }
  std::string out;
  for (size_t i = 0; i < 8; ++i) {
    if (i == zeros) {
      out += "::";
      i = zeros_end;
      if (i >= 8) break;
    } else if (i > 0) {
      out += ':';
    }
    bool started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const int digit = group(i) >> shift & 15;
      if (digit != 0 || shift == 0) started = true;
      if (started) out += "0123456789abcdef"[digit];
    }
  }
  return out;
}

bool IpAddress::is_v4_mapped() const {
  return v6 && std::all_of(bytes.begin(), bytes.begin() + 10, [](uint8_t byte) { return byte == 0; }) && bytes[10] == 0xFF && bytes[11] == 0xFF;
}

bool IpAddress::is_unspecified() const {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_loopback() const {
  if (const uint8_t* v4 = v4_octets(*this)) return v4[0] == 127;
  return bytes[15] == 1 && std::all_of(bytes.begin(), bytes.end() - 1, [](uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_multicast() const {
  if (const uint8_t* v4 = v4_octets(*this)) return (v4[0] & 0xF0) == 0xE0;
  return bytes[0] == 0xFF;
}

bool IpAddress::is_link_local_multicast() const {
  if (const uint8_t* v4 = v4_octets(*this)) return v4[0] == 224 && v4[1] == 0 && v4[2] == 0;
  return bytes[0] == 0xFF && (bytes[1] & 0x0F) == 0x02;
}

bool IpAddress::is_link_local_unicast() const {
  if (const uint8_t* v4 = v4_octets(*this)) return v4[0] == 169 && v4[1] == 254;
  return bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80;
}

bool IpAddress::is_global_unicast() const {
  if (const uint8_t* v4 = v4_octets(*this)) {
    const auto all = [&](uint8_t octet) { return std::all_of(v4, v4 + 4, [=](uint8_t byte) { return byte == octet; }); };
    if (all(0) || all(255)) return false;
  }
  return !is_unspecified() && !is_loopback() && !is_multicast() && !is_link_local_unicast();
}

std::expected<IpPrefix, std::string> IpPrefix::parse(std::string_view text) {
  const auto error = [&](const std::string& message) {
    return std::unexpected("netip.ParsePrefix(" + go::quoted(text) + "): " + message);
  };
  const size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return error("no '/'");
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return error(address.error());
  if (address->zone) return error("IPv6 zones cannot be present in a prefix");
  const std::string_view digits = text.substr(slash + 1);
  const bool leading = digits.size() > 1 && (digits[0] < '1' || digits[0] > '9');
  const std::optional<int64_t> bits = leading ? std::nullopt : parse_int(digits);
  if (!bits) return error("bad bits after slash: " + go::quoted(digits));
  if (*bits < 0 || *bits > address->bit_length()) return error("prefix length out of range");
  return IpPrefix{*address, static_cast<int>(*bits)};
}

std::string IpPrefix::to_string() const { return address.to_string() + "/" + std::to_string(bits); }

IpPrefix IpPrefix::masked() const {
  IpPrefix result = *this;
  const int start = address.v6 ? 0 : 96;
  for (int bit = start + bits; bit < 128; ++bit) {
    result.address.bytes[static_cast<size_t>(bit / 8)] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
  }
  return result;
}

bool IpPrefix::contains(const IpAddress& other) const {
  return !other.zone && address.v6 == other.v6 && same_network(address, other, bits);
}

bool IpPrefix::overlaps(const IpPrefix& other) const {
  return address.v6 == other.address.v6 && same_network(address, other.address, std::min(bits, other.bits));
}

}  // namespace plimsoll::cel
