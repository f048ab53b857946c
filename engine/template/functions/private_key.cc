#include "engine/template/functions/private_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "engine/template/functions/der.h"
#include "engine/template/functions/seeded_key.h"
#include "engine/value/base64.h"

namespace plimsoll::tmpl {
namespace {

std::unexpected<Error> failed(std::string message) { return fail(ErrorCode::kEvaluation, std::move(message)); }

// What an i2d function writes.
template <typename Object>
std::string to_der(int (*write)(Object, unsigned char**), Object object) {
  unsigned char* data = nullptr;
  const int size = write(object, &data);
  std::string out(reinterpret_cast<const char*>(data), size < 0 ? 0 : static_cast<size_t>(size));
  OPENSSL_free(data);
  return out;
}

EVP_PKEY* read_der(int type, std::string_view der) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  return d2i_PrivateKey(type, nullptr, &data, static_cast<long>(der.size()));
}

EVP_PKEY* generate_dsa() {
  EVP_PKEY* parameters = nullptr;
  EVP_PKEY* key = nullptr;
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "DSA", nullptr);
  size_t p_bits = 2048;
  size_t q_bits = 256;
  const OSSL_PARAM sizes[] = {OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_FFC_PBITS, &p_bits),
                              OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_FFC_QBITS, &q_bits), OSSL_PARAM_construct_end()};
  if (EVP_PKEY_paramgen_init(context) == 1 && EVP_PKEY_CTX_set_params(context, sizes) == 1) {
    EVP_PKEY_generate(context, &parameters);
  }
  EVP_PKEY_CTX_free(context);
  if (parameters == nullptr) return nullptr;
  EVP_PKEY_CTX* key_context = EVP_PKEY_CTX_new_from_pkey(nullptr, parameters, nullptr);
  if (EVP_PKEY_keygen_init(key_context) == 1) EVP_PKEY_generate(key_context, &key);
  EVP_PKEY_CTX_free(key_context);
  EVP_PKEY_free(parameters);
  return key;
}

EVP_PKEY* generate_random(KeyType type) {
  switch (type) {
    case KeyType::kDsa: return generate_dsa();
    case KeyType::kEcdsa: return EVP_EC_gen("P-256");
    case KeyType::kEd25519: return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case KeyType::kRsa:
    case KeyType::kOther: return nullptr;
  }
  return nullptr;
}

EVP_PKEY* generate_seeded(Host& host, KeyType type, int rsa_bits) {
  switch (type) {
    case KeyType::kRsa: return read_der(EVP_PKEY_RSA, seeded_rsa_key(host, rsa_bits));
    case KeyType::kDsa: return read_der(EVP_PKEY_DSA, seeded_dsa_key(host));
    case KeyType::kEcdsa: return read_der(EVP_PKEY_EC, seeded_p256_key(host));
    case KeyType::kEd25519: {
      unsigned char seed[32];
      host.random_bytes(seed);
      return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed, sizeof(seed));
    }
    case KeyType::kOther: return nullptr;
  }
  return nullptr;
}

std::string curve_name(EVP_PKEY* key) {
  char name[64] = "";
  size_t size = 0;
  EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof(name), &size);
  return name;
}

}  // namespace

void PrivateKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<PrivateKey> PrivateKey::generate(Host& host, KeyType type, int rsa_bits) {
  // RSA keys are always made from the host's random bytes: OpenSSL's own generator takes three times as long.
  const bool by_host = host.repeatable() || type == KeyType::kRsa;
  EVP_PKEY* key = by_host ? generate_seeded(host, type, rsa_bits) : generate_random(type);
  if (key == nullptr) return fail(ErrorCode::kInternal, "cannot generate a private key");
  return PrivateKey(key);
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  const Result<PemBlock> block = decode_pem(pem);
  if (!block) return failed("no PEM data in input");
  constexpr std::string_view kSuffix = " PRIVATE KEY";
  if (block->type == kSuffix.substr(1)) {
    const auto* data = reinterpret_cast<const unsigned char*>(block->data.data());
    EVP_PKEY* key = d2i_AutoPrivateKey(nullptr, &data, static_cast<long>(block->data.size()));
    if (key == nullptr) return failed("decoding PEM as PKCS#8: x509: failed to parse private key");
    return PrivateKey(key);
  }
  if (!block->type.ends_with(kSuffix)) return failed("no private key data in PEM block of type " + block->type);
  const std::string name = block->type.substr(0, block->type.size() - kSuffix.size());
  const int type = name == "RSA" ? EVP_PKEY_RSA : name == "EC" ? EVP_PKEY_EC : name == "DSA" ? EVP_PKEY_DSA : 0;
  if (type == 0) return failed("invalid private key type " + name);
  EVP_PKEY* key = read_der(type, block->data);
  if (key == nullptr) return failed("parsing " + name + " private key from PEM: x509: failed to parse private key");
  return PrivateKey(key);
}

KeyType PrivateKey::type() const {
  switch (EVP_PKEY_get_base_id(key_.get())) {
    case EVP_PKEY_RSA: return KeyType::kRsa;
    case EVP_PKEY_DSA: return KeyType::kDsa;
    case EVP_PKEY_EC: return KeyType::kEcdsa;
    case EVP_PKEY_ED25519: return KeyType::kEd25519;
    default: return KeyType::kOther;
  }
}

std::string PrivateKey::to_pem() const {
  const EVP_PKEY* key = key_.get();
  switch (type()) {
    case KeyType::kRsa: return encode_pem("RSA PRIVATE KEY", to_der(i2d_PrivateKey, key));
    case KeyType::kDsa: return encode_pem("DSA PRIVATE KEY", to_der(i2d_PrivateKey, key));
    case KeyType::kEcdsa: return encode_pem("EC PRIVATE KEY", to_der(i2d_PrivateKey, key));
    default: break;
  }
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(key);
  const PKCS8_PRIV_KEY_INFO* const_info = info;
  std::string pem = encode_pem("PRIVATE KEY", to_der(i2d_PKCS8_PRIV_KEY_INFO, const_info));
  PKCS8_PRIV_KEY_INFO_free(info);
  return pem;
}

std::string PrivateKey::public_info() const {
  const EVP_PKEY* key = key_.get();
  return to_der(i2d_PUBKEY, key);
}

// The curve decides the digest, as in crypto/x509.
std::string_view PrivateKey::digest_name() const {
  if (type() == KeyType::kEd25519) return {};
  if (type() == KeyType::kEcdsa) {
    const std::string curve = curve_name(key_.get());
    if (curve == "secp384r1") return "SHA384";
    if (curve == "secp521r1") return "SHA512";
  }
  return "SHA256";
}

std::string PrivateKey::signature_algorithm() const {
  switch (type()) {
    case KeyType::kRsa: return der::sequence({der::object_id("1.2.840.113549.1.1.11"), der::null()});
    case KeyType::kEd25519: return der::sequence({der::object_id("1.3.101.112")});
    case KeyType::kEcdsa:
      if (digest_name() == "SHA384") return der::sequence({der::object_id("1.2.840.10045.4.3.3")});
      if (digest_name() == "SHA512") return der::sequence({der::object_id("1.2.840.10045.4.3.4")});
      return der::sequence({der::object_id("1.2.840.10045.4.3.2")});
    default: return {};
  }
}

Result<std::string> PrivateKey::sign(Host& host, std::string_view data) const {
  const std::string digest(digest_name());
  // OpenSSL draws the nonce of an ECDSA signature from its own generator.
  if (type() == KeyType::kEcdsa && host.repeatable()) return seeded_ecdsa_signature(key_.get(), digest, data);
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::string signature;
  size_t size = 0;
  bool done = EVP_DigestSignInit_ex(context, nullptr, digest.empty() ? nullptr : digest.c_str(), nullptr, nullptr,
                                    key_.get(), nullptr) == 1 &&
              EVP_DigestSign(context, nullptr, &size, bytes, data.size()) == 1;
  if (done) {
    signature.resize(size);
    done = EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, data.size()) == 1;
    signature.resize(done ? size : 0);
  }
  EVP_MD_CTX_free(context);
  if (!done) return fail(ErrorCode::kInternal, "cannot sign with this private key");
  return signature;
}

std::string encode_pem(std::string_view type, std::string_view data) {
  constexpr size_t kLine = 64;
  const std::string text = base64::encode(data);
  std::string out = "-----BEGIN " + std::string(type) + "-----\n";
  for (size_t i = 0; i < text.size(); i += kLine) out.append(text, i, kLine).append("\n");
  return out + "-----END " + std::string(type) + "-----\n";
}

Result<PemBlock> decode_pem(std::string_view text) {
  BIO* input = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  const bool read = PEM_read_bio(input, &name, &header, &data, &size) == 1;
  Result<PemBlock> block = fail(ErrorCode::kNotFound, "no PEM data");
  if (read) block = PemBlock{name, std::string(reinterpret_cast<const char*>(data), static_cast<size_t>(size))};
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  BIO_free(input);
  return block;
}

}  // namespace plimsoll::tmpl
