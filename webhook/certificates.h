// The certificate in use.
//
//   Certificates certificates;
//   Result<void> used = certificates.use(leaf);      // connections from now on; those that are open keep theirs
//   certificates.context();                          // for Server
//
// TLS 1.2 with forward secrecy and authenticated ciphers only, or 1.3.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>

#include "engine/value/error.h"
#include "webhook/x509.h"

namespace plimsoll::webhook {

// Which of the protocols that a client offers by ALPN its connection speaks.
enum class Preference { kHttp1, kHttp2 };

// The pair that new connections use.
class Certificates {
 public:
  explicit Certificates(Preference preference = Preference::kHttp1) : preference_(preference) {}

  // kInvalid if the key does not belong to the certificate or the certificate is over; what was in use stays then.
  Result<void> use(const KeyPair& pair);
  Result<void> use_files(const std::string& certificate_file, const std::string& key_file);

  // nullptr: none was used yet.
  std::shared_ptr<SSL_CTX> context() const;
  CertificateInfo info() const;

 private:
  Preference preference_;
  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
  CertificateInfo info_;
};

}  // namespace plimsoll::webhook
