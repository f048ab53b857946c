// IP addresses and CIDR prefixes. Behaviour and messages of Go's net/netip.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace plimsoll::cel {

struct IpAddress {
  std::array<uint8_t, 16> bytes{};  // IPv4 in the last four
  bool v6 = false;
  bool zone = false;  // had a %zone, which is not kept

  static std::expected<IpAddress, std::string> parse(std::string_view text);
  // RFC 5952: lower case, the longest run of zeros elided.
  std::string to_string() const;

  int bit_length() const { return v6 ? 128 : 32; }
  bool is_v4_mapped() const;  // ::ffff:a.b.c.d
  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_multicast() const;
  bool is_link_local_multicast() const;
  bool is_link_local_unicast() const;
  bool is_global_unicast() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

struct IpPrefix {
  IpAddress address;
  int bits = 0;

  static std::expected<IpPrefix, std::string> parse(std::string_view text);
  std::string to_string() const;
  // The address with all but the prefix's bits cleared.
  IpPrefix masked() const;
  bool contains(const IpAddress& other) const;
  bool overlaps(const IpPrefix& other) const;

  friend bool operator==(const IpPrefix&, const IpPrefix&) = default;
};

}  // namespace plimsoll::cel
