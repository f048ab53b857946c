// Keys and signatures that depend on the host's generator alone, so that a render can be repeated when that is seeded. OpenSSL's own
// functions draw from its global generator, which cannot be seeded.
#pragma once

#include <string>
#include <string_view>

#include "engine/template/host.h"
#include "engine/value/error.h"

struct evp_pkey_st;

namespace plimsoll::tmpl {

std::string seeded_rsa_key(Host& host, int bits);  // RSAPrivateKey (PKCS#1), DER
std::string seeded_dsa_key(Host& host);            // traditional DSA key of 2048 and 256 bits, DER
std::string seeded_p256_key(Host& host);           // ECPrivateKey (SEC 1) on P-256, DER

// ECDSA with a nonce made of key and data, in the spirit of RFC 6979; DER.
Result<std::string> seeded_ecdsa_signature(evp_pkey_st* key, const std::string& digest, std::string_view data);

}  // namespace plimsoll::tmpl
