// X.509 certificates and private keys in PEM, as policies look at them (library/deployment.cc).
//
//   auto certificates = parse_certificates(arena, pem);        // a list of CertificateValues
//   certificate_covers(leaf, "web.example.com");
//   certificate_matches_key(leaf, key_pem);
//
// Texts that are no PEM, or do not parse, are errors whose words never repeat what they hold: it may be a key.
#pragma once

#include <string_view>

#include "engine/value/arena.h"
#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::cel {

struct CertificateValue : Extension {
  static constexpr ExtensionType kType{"plimsoll.x509.Certificate"};
  std::string_view der;
  // What expressions may select: subject and issuer as RFC 4514 writes names ("CN=web,O=Shop"), serialNumber and sha256 in hexadecimal,
  // notBefore and notAfter, dnsNames and ipAddresses of the alternative names, isCA by the basic constraints, selfSigned (the signature is
  // verified), keyAlgorithm (RSA, ECDSA, Ed25519, ...) and keyBits.
  Map* fields;
};

inline constexpr size_t kMaxPemBytes = 1 << 19;
inline constexpr size_t kMaxCertificates = 200;

// All certificates of a text in order; other blocks, such as a key before them, are passed over. Errors: none is there, one is damaged, too
// many or too large.
Result<List*> parse_certificates(Arena& arena, std::string_view pem);

// Whether a client that asks for `host` accepts the alternative names, as Go and browsers do (RFC 6125): a wildcard stands for the whole
// leftmost label and nothing else, IP addresses match only IP addresses, case and a final dot do not count. A host that is itself a wildcard
// ("*.example.com", as an Ingress may have) is covered by that very name.
bool certificate_covers(const CertificateValue& certificate, std::string_view host);

// Errors: `pem` has no private key, or one that is damaged or encrypted.
Result<bool> certificate_matches_key(const CertificateValue& certificate, std::string_view pem);
Result<void> check_private_key(std::string_view pem);

// Names, key identifiers, key usage and signature.
bool certificate_issued_by(const CertificateValue& certificate, const CertificateValue& issuer);

}  // namespace plimsoll::cel
