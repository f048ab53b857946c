// Serving certificates: from files that change under way, or made here.
//
//   Result<KeyPair> ca = make_authority("plimsoll", std::chrono::days(3650));
//   Result<KeyPair> leaf = make_leaf(*ca, {"plimsoll.plimsoll-system.svc"}, std::chrono::days(90));
//   Certificates certificates;
//   Result<void> used = certificates.use(*leaf);     // connections from now on; those that are open keep theirs
//   certificates.context();                          // for Server
//
// TLS 1.2 with forward secrecy and authenticated ciphers only, or 1.3.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"

namespace plimsoll::webhook {

// PEM texts. `certificates` begins with the leaf.
struct KeyPair {
  std::string certificates;
  std::string key;
};

struct CertificateInfo {
  std::chrono::system_clock::time_point not_before, not_after;
  std::string subject;
  std::vector<std::string> names;  // DNS names and addresses it is for
};

// Of the first certificate in the text.
Result<CertificateInfo> inspect_certificate(std::string_view pem);

// A certificate authority with a P-256 key, for nothing but signing.
Result<KeyPair> make_authority(std::string_view name, std::chrono::seconds lifetime);
// A serving certificate for DNS names and IP addresses. Valid from an hour ago, for clocks differ.
Result<KeyPair> make_leaf(const KeyPair& authority, const std::vector<std::string>& names,
                          std::chrono::seconds lifetime);

// The pair that new connections use.
class Certificates {
 public:
  // kInvalid if the key does not belong to the certificate or the certificate is over; what was in use stays then.
  Result<void> use(const KeyPair& pair);
  Result<void> use_files(const std::string& certificate_file, const std::string& key_file);

  std::shared_ptr<SSL_CTX> context() const;
  CertificateInfo info() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
  CertificateInfo info_;
};

}  // namespace plimsoll::webhook
