#include "webhook/certificates.h"

#include <openssl/err.h>

#include <array>

#include "engine/source/file.h"
#include "webhook/openssl.h"

namespace plimsoll::webhook {
namespace {

constexpr size_t kMaxPemBytes = 1UL << 20;
// AEAD with forward secrecy only (TLS 1.2); all of 1.3 is.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

// ALPN's wire form; a connection gets the first that its client offers.
constexpr std::array<unsigned char, 12> kHttp1First = {8, 'h', 't', 't', 'p', '/', '1', '.', '1', 2, 'h', '2'};
constexpr std::array<unsigned char, 12> kHttp2First = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// A client that offers none of them is served without the extension.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned int in_size, void* list) {
  constexpr unsigned kSize = kHttp1First.size();
  const auto* ours = static_cast<const unsigned char*>(list);
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, ours, kSize, in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<std::shared_ptr<SSL_CTX>> make_context(const KeyPair& pair, Preference preference) {
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
  const auto& protocols = preference == Preference::kHttp2 ? kHttp2First : kHttp1First;
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, const_cast<unsigned char*>(protocols.data()));
  if (SSL_CTX_use_certificate(context.get(), leaf.get()) != 1) return openssl_failure("the certificate cannot be used");
  if (SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 || SSL_CTX_check_private_key(context.get()) != 1) {
    return openssl_failure("the key does not belong to the certificate");
  }
  // What follows the leaf is its chain.
  const Bio chain = pem_reader(pair.certificates);
  Certificate next = next_certificate(chain);
  while ((next = next_certificate(chain))) {
    if (SSL_CTX_add_extra_chain_cert(context.get(), next.get()) != 1) {
      return openssl_failure("the certificate's chain cannot be used");
    }
    [[maybe_unused]] X509* owned_by_context = next.release();
  }
  ERR_clear_error();
  return context;
}

}  // namespace

Result<void> Certificates::use(const KeyPair& pair) {
  PLIMSOLL_ASSIGN_OR_RETURN(CertificateInfo info, inspect_certificate(pair.certificates));
  if (info.not_after <= std::chrono::system_clock::now())
    return fail(ErrorCode::kInvalid, "the certificate has expired");
  PLIMSOLL_ASSIGN_OR_RETURN(std::shared_ptr<SSL_CTX> context, make_context(pair, preference_));
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
