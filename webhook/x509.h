// Certificates as PEM text: read, made, signed.
//
//   Result<KeyPair> authority = make_authority("plimsoll", std::chrono::days(3650));
//   Result<KeyPair> leaf = make_leaf(*authority, {"plimsoll.plimsoll-system.svc"}, std::chrono::days(90));
//   inspect_certificate(leaf->certificates)->not_after;
//
// Meaning of the fields: RFC 5280. Errors never quote a key.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"

namespace plimsoll::webhook {

using Time = std::chrono::system_clock::time_point;
// In UTC: 2026-11-21T17:30:00Z.
std::string time_text(Time time);

// PEM texts. `certificates` begins with the one that the key belongs to.
struct KeyPair {
  std::string certificates;
  std::string key;
  friend bool operator==(const KeyPair&, const KeyPair&) = default;
};

struct CertificateInfo {
  Time not_before, not_after;
  std::string serial;  // hexadecimal
  std::string subject;
  std::vector<std::string> names;  // DNS names and addresses it is for
};

// Of the first certificate in the text.
Result<CertificateInfo> inspect_certificate(std::string_view pem);
// Each certificate of the text on its own, written anew; what is none is left out.
std::vector<std::string> split_certificates(std::string_view pem);
// kInvalid unless both can be read and belong together.
Result<void> check_pair(const KeyPair& pair);
// Whether the first certificate of `pem` bears a signature by the first one of `authority`.
bool is_signed_by(std::string_view pem, std::string_view authority);
// As certificates name it: addresses in their shortest form.
std::string canonical_name(const std::string& name);

// How far clocks may differ: what is made is valid that long before it is. A tenth of the lifetime, an hour at most.
std::chrono::seconds clock_allowance(std::chrono::seconds lifetime);

// A certificate authority with a P-256 key, for nothing but signing. Its name ends with something of its own, for some clients find an
// issuer by name only.
Result<KeyPair> make_authority(std::string_view name, std::chrono::seconds lifetime, Time now = std::chrono::system_clock::now());
// A serving certificate for DNS names and IP addresses; it ends with the authority at the latest.
Result<KeyPair> make_leaf(const KeyPair& authority, const std::vector<std::string>& names, std::chrono::seconds lifetime,
                          Time now = std::chrono::system_clock::now());

}  // namespace plimsoll::webhook
