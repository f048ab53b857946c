// Private keys: made, read from PEM and written to it as Go's crypto/x509 and encoding/pem do.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/template/host.h"
#include "engine/value/error.h"

struct evp_pkey_st;

namespace plimsoll::tmpl {

enum class KeyType : uint8_t { kRsa, kDsa, kEcdsa, kEd25519, kOther };

class PrivateKey {
 public:
  // RSA of so many bits, DSA of 2048 and 256 bits, ECDSA on P-256, Ed25519. With a repeatable host the key depends on its
  // generator alone.
  static Result<PrivateKey> generate(Host& host, KeyType type, int rsa_bits = 2048);
  // PKCS#8, PKCS#1, SEC 1 or the traditional DSA form; errors in sprig's words ("no PEM data in input").
  static Result<PrivateKey> from_pem(std::string_view pem);

  KeyType type() const;
  std::string to_pem() const;
  // SubjectPublicKeyInfo, DER.
  std::string public_info() const;
  // AlgorithmIdentifier of the signatures that sign() makes, DER; empty for keys that cannot sign certificates.
  std::string signature_algorithm() const;
  Result<std::string> sign(Host& host, std::string_view data) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  explicit PrivateKey(evp_pkey_st* key) : key_(key) {}
  std::string_view digest_name() const;

  std::unique_ptr<evp_pkey_st, Free> key_;
};

// A block of PEM text.
struct PemBlock {
  std::string type;  // "RSA PRIVATE KEY"
  std::string data;  // DER
};
std::string encode_pem(std::string_view type, std::string_view data);
// The first block in the text; an error of code kNotFound if there is none.
Result<PemBlock> decode_pem(std::string_view text);

}  // namespace plimsoll::tmpl
