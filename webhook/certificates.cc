#include "webhook/certificates.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "engine/source/file.h"

namespace plimsoll::webhook {
namespace {

using Bio = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;
using Certificate = std::unique_ptr<X509, decltype([](X509* certificate) { X509_free(certificate); })>;
using Extension =
    std::unique_ptr<X509_EXTENSION, decltype([](X509_EXTENSION* extension) { X509_EXTENSION_free(extension); })>;
using AlternativeNames =
    std::unique_ptr<GENERAL_NAMES, decltype([](GENERAL_NAMES* names) { GENERAL_NAMES_free(names); })>;

constexpr size_t kMaxPemBytes = 1UL << 20;
constexpr std::chrono::seconds kClockSkew = std::chrono::hours(1);
// AEAD with forward secrecy only (TLS 1.2); all of 1.3 is.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

// The first reason OpenSSL gives; the rest of its queue is dropped.
std::unexpected<Error> openssl_failure(std::string_view what) {
  const unsigned long code = ERR_get_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return fail(ErrorCode::kInvalid, reason ? fmt::format("{}: {}", what, reason) : std::string(what));
}

Bio reader(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

// No passphrase is ever asked for.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<Certificate> read_certificate(std::string_view pem) {
  Certificate certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, no_passphrase, nullptr));
  if (!certificate) return openssl_failure("no certificate in PEM");
  return certificate;
}

Result<Key> read_key(std::string_view pem) {
  Key key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_passphrase, nullptr));
  if (!key) return openssl_failure("no private key in PEM (without passphrase)");
  return key;
}

std::chrono::system_clock::time_point time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

CertificateInfo describe(X509* certificate) {
  CertificateInfo info;
  info.not_before = time_of(X509_get0_notBefore(certificate));
  info.not_after = time_of(X509_get0_notAfter(certificate));
  const Bio subject(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(subject.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  info.subject = text_of(subject);
  const AlternativeNames names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      info.names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                              static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      char text[INET6_ADDRSTRLEN] = {};
      const int family = ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6;
      if (::inet_ntop(family, ASN1_STRING_get0_data(name->d.iPAddress), text, sizeof(text)))
        info.names.emplace_back(text);
    }
  }
  return info;
}

bool is_address(const std::string& name) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, name.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

Key make_key() { return Key(EVP_EC_gen("P-256")); }

// A certificate with all but issuer, extensions and signature.
Certificate make_certificate(std::string_view common_name, EVP_PKEY* key, std::chrono::seconds lifetime) {
  Certificate certificate(X509_new());
  unsigned char serial[16];
  if (!certificate || RAND_bytes(serial, sizeof(serial)) != 1) return nullptr;
  serial[0] &= 0x7F;
  const std::unique_ptr<BIGNUM, decltype([](BIGNUM* number) { BN_free(number); })> number(
      BN_bin2bn(serial, sizeof(serial), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kClockSkew.count());
  X509_time_adj_ex(X509_getm_notAfter(certificate.get()), static_cast<int>(lifetime / std::chrono::days(1)),
                   static_cast<long>((lifetime % std::chrono::days(1)).count()), nullptr);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  return certificate;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Result<KeyPair> written(X509* certificate, EVP_PKEY* key) {
  const Bio certificate_text(BIO_new(BIO_s_mem()));
  const Bio key_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_text.get(), certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return openssl_failure("a certificate cannot be written");
  }
  return KeyPair{text_of(certificate_text), text_of(key_text)};
}

// HTTP/1.1 if the client offers it; a client that offers only others is served without the extension.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned int in_size, void*) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof(kHttp11), in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<std::shared_ptr<SSL_CTX>> make_context(const KeyPair& pair) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Certificate leaf, read_certificate(pair.certificates));
  PLIMSOLL_ASSIGN_OR_RETURN(const Key key, read_key(pair.key));
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), [](SSL_CTX* own) { SSL_CTX_free(own); });
  if (!context) return openssl_failure("no TLS context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), kCiphers);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // API servers keep connections and resume no sessions.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (SSL_CTX_use_certificate(context.get(), leaf.get()) != 1) return openssl_failure("the certificate cannot be used");
  if (SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 || SSL_CTX_check_private_key(context.get()) != 1) {
    return openssl_failure("the key does not belong to the certificate");
  }
  // What follows the leaf is its chain.
  const Bio chain = reader(pair.certificates);
  Certificate first(PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr));
  while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr)) {
    if (SSL_CTX_add_extra_chain_cert(context.get(), next) != 1) {
      X509_free(next);
      return openssl_failure("the certificate's chain cannot be used");
    }
  }
  ERR_clear_error();
  return context;
}

}  // namespace

Result<CertificateInfo> inspect_certificate(std::string_view pem) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Certificate certificate, read_certificate(pem));
  return describe(certificate.get());
}

Result<KeyPair> make_authority(std::string_view name, std::chrono::seconds lifetime) {
  const Key key = make_key();
  const Certificate certificate = key ? make_certificate(name, key.get(), lifetime) : nullptr;
  if (!certificate) return openssl_failure("no certificate authority can be made");
  X509* own = certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  if (!add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(own, own, NID_subject_key_identifier, "hash") || X509_sign(own, key.get(), EVP_sha256()) == 0) {
    return openssl_failure("no certificate authority can be made");
  }
  return written(own, key.get());
}

Result<KeyPair> make_leaf(const KeyPair& authority, const std::vector<std::string>& names,
                          std::chrono::seconds lifetime) {
  if (names.empty()) return fail(ErrorCode::kUsage, "a certificate needs a name to be for");
  PLIMSOLL_ASSIGN_OR_RETURN(const Certificate issuer, read_certificate(authority.certificates));
  PLIMSOLL_ASSIGN_OR_RETURN(const Key issuer_key, read_key(authority.key));
  const Key key = make_key();
  // A common name holds 64 characters; what counts are the alternative names.
  const Certificate certificate = key ? make_certificate(names.front().substr(0, 64), key.get(), lifetime) : nullptr;
  if (!certificate) return openssl_failure("no certificate can be made");
  std::string alternatives;
  for (const std::string& name : names) {
    if (name.find_first_of(",\n") != std::string::npos)
      return fail(ErrorCode::kUsage, fmt::format("\"{}\" is no name of a server", name));
    if (!alternatives.empty()) alternatives += ',';
    alternatives += (is_address(name) ? "IP:" : "DNS:") + name;
  }
  X509* own = certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(issuer.get()));
  if (!add_extension(own, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(own, issuer.get(), NID_key_usage, "critical,digitalSignature") ||
      !add_extension(own, issuer.get(), NID_ext_key_usage, "serverAuth") ||
      !add_extension(own, issuer.get(), NID_subject_alt_name, alternatives) ||
      !add_extension(own, issuer.get(), NID_authority_key_identifier, "keyid") ||
      X509_sign(own, issuer_key.get(), EVP_sha256()) == 0) {
    return openssl_failure("no certificate can be made");
  }
  return written(own, key.get());
}

Result<void> Certificates::use(const KeyPair& pair) {
  PLIMSOLL_ASSIGN_OR_RETURN(CertificateInfo info, inspect_certificate(pair.certificates));
  if (info.not_after <= std::chrono::system_clock::now())
    return fail(ErrorCode::kInvalid, "the certificate has expired");
  PLIMSOLL_ASSIGN_OR_RETURN(std::shared_ptr<SSL_CTX> context, make_context(pair));
  const std::lock_guard lock(mutex_);
  context_ = std::move(context);
  info_ = std::move(info);
  return {};
}

Result<void> Certificates::use_files(const std::string& certificate_file, const std::string& key_file) {
  PLIMSOLL_ASSIGN_OR_RETURN(const auto certificate,
                            source::read_file(certificate_file, certificate_file, kMaxPemBytes));
  PLIMSOLL_ASSIGN_OR_RETURN(const auto key, source::read_file(key_file, key_file, kMaxPemBytes));
  Result<void> used = use({certificate->text(), key->text()});
  if (!used) return std::unexpected(std::move(used).error().in_file(certificate_file));
  return used;
}

std::shared_ptr<SSL_CTX> Certificates::context() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

CertificateInfo Certificates::info() const {
  const std::lock_guard lock(mutex_);
  return info_;
}

}  // namespace plimsoll::webhook
