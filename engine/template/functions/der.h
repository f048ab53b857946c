// Writing of ASN.1 DER (X.690), as much of it as keys and certificates need.
//
//   der::sequence({der::integer(0), der::octets(bytes)})
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace plimsoll::tmpl::der {

inline constexpr uint8_t kInteger = 0x02;
inline constexpr uint8_t kBits = 0x03;
inline constexpr uint8_t kOctets = 0x04;
inline constexpr uint8_t kUtf8 = 0x0C;
inline constexpr uint8_t kPrintable = 0x13;
inline constexpr uint8_t kUtcTime = 0x17;
inline constexpr uint8_t kGeneralizedTime = 0x18;
inline constexpr uint8_t kSequence = 0x30;
inline constexpr uint8_t kSet = 0x31;
// Of context-specific tags [n]; constructed ones hold other elements.
constexpr uint8_t context(int number, bool constructed = false) {
  return static_cast<uint8_t>(0x80 | (constructed ? 0x20 : 0) | number);
}

std::string element(uint8_t tag, std::string_view content);
std::string join(std::initializer_list<std::string_view> parts);
inline std::string sequence(std::initializer_list<std::string_view> parts) { return element(kSequence, join(parts)); }
inline std::string set(std::string_view content) { return element(kSet, content); }
// A number from its big-endian bytes, not negative.
std::string integer(std::string_view bytes);
std::string integer(uint8_t number);
inline std::string octets(std::string_view bytes) { return element(kOctets, bytes); }
// A bit string; `unused` bits at the end do not count.
std::string bits(std::string_view bytes, uint8_t unused = 0);
std::string boolean(bool value);
// "2.5.29.15".
std::string object_id(std::string_view dotted);
std::string null();

}  // namespace plimsoll::tmpl::der
