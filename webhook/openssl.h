// OpenSSL's objects with owners, for those who call it.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "engine/value/error.h"

namespace plimsoll::webhook {

struct OpensslFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Bio = std::unique_ptr<BIO, OpensslFree>;
using Key = std::unique_ptr<EVP_PKEY, OpensslFree>;
using Certificate = std::unique_ptr<X509, OpensslFree>;

// The first reason that OpenSSL gives; the rest of its queue is dropped.
std::unexpected<Error> openssl_failure(std::string_view what);

// Reads a text that outlives it.
Bio pem_reader(std::string_view text);
// The next certificate; nullptr: there is none.
Certificate next_certificate(const Bio& reader);
Result<Certificate> read_certificate(std::string_view pem);
// Without passphrase.
Result<Key> read_key(std::string_view pem);

}  // namespace plimsoll::webhook
