#include "webhook/x509.h"

#include <arpa/inet.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "webhook/openssl.h"

namespace plimsoll::webhook {
namespace {

using Extension =
    std::unique_ptr<X509_EXTENSION, decltype([](X509_EXTENSION* extension) { X509_EXTENSION_free(extension); })>;
using AlternativeNames =
    std::unique_ptr<GENERAL_NAMES, decltype([](GENERAL_NAMES* names) { GENERAL_NAMES_free(names); })>;

constexpr std::chrono::seconds kLargestAllowance = std::chrono::hours(1);
constexpr size_t kSerialBytes = 16;

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

// No passphrase is ever asked for.
int no_passphrase(char*, int, int, void*) { return -1; }

Time time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::string address_text(const unsigned char* bytes, int family) {
  char text[INET6_ADDRSTRLEN] = {};
  return ::inet_ntop(family, bytes, text, sizeof(text)) ? text : "";
}

CertificateInfo describe(X509* certificate) {
  CertificateInfo info;
  info.not_before = time_of(X509_get0_notBefore(certificate));
  info.not_after = time_of(X509_get0_notAfter(certificate));
  const Bio serial(BIO_new(BIO_s_mem())), subject(BIO_new(BIO_s_mem()));
  i2a_ASN1_INTEGER(serial.get(), X509_get0_serialNumber(certificate));
  info.serial = text_of(serial);
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
      const int family = ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6;
      info.names.push_back(address_text(ASN1_STRING_get0_data(name->d.iPAddress), family));
    }
  }
  return info;
}

// AF_INET, AF_INET6, or 0: no address.
int address_family(const std::string& name, unsigned char (&bytes)[16]) {
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, name.c_str(), bytes) == 1) return family;
  }
  return 0;
}

Key make_key() { return Key(EVP_EC_gen("P-256")); }

// A certificate with all but names, extensions and signature.
Certificate make_certificate(const unsigned char (&serial)[kSerialBytes], EVP_PKEY* key, std::chrono::seconds lifetime,
                             Time now, Time latest_end) {
  Certificate certificate(X509_new());
  if (!certificate) return nullptr;
  const std::unique_ptr<BIGNUM, decltype([](BIGNUM* number) { BN_free(number); })> number(
      BN_bin2bn(serial, kSerialBytes, nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
  X509_set_version(certificate.get(), X509_VERSION_3);
  const auto set = [](ASN1_TIME* time, Time to) { ASN1_TIME_set(time, std::chrono::system_clock::to_time_t(to)); };
  set(X509_getm_notBefore(certificate.get()), now - clock_allowance(lifetime));
  set(X509_getm_notAfter(certificate.get()), std::min(now + lifetime, latest_end));
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

bool make_serial(unsigned char (&serial)[kSerialBytes]) {
  if (RAND_bytes(serial, kSerialBytes) != 1) return false;
  serial[0] &= 0x7F;  // a positive number
  return true;
}

// A common name holds 64 characters.
void set_common_name(X509* certificate, std::string_view name) {
  name = name.substr(0, 64);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()), -1, 0);
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

std::string written(X509* certificate) {
  const Bio text(BIO_new(BIO_s_mem()));
  return PEM_write_bio_X509(text.get(), certificate) == 1 ? text_of(text) : std::string();
}

Result<KeyPair> written(X509* certificate, EVP_PKEY* key) {
  const Bio key_text(BIO_new(BIO_s_mem()));
  KeyPair pair{written(certificate), {}};
  if (pair.certificates.empty() ||
      PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return openssl_failure("a certificate cannot be written");
  }
  pair.key = text_of(key_text);
  return pair;
}

}  // namespace

std::unexpected<Error> openssl_failure(std::string_view what) {
  const unsigned long code = ERR_get_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return fail(ErrorCode::kInvalid, reason ? fmt::format("{}: {}", what, reason) : std::string(what));
}

Bio pem_reader(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

Certificate next_certificate(const Bio& reader) {
  return Certificate(PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr));
}

Result<Certificate> read_certificate(std::string_view pem) {
  Certificate certificate = next_certificate(pem_reader(pem));
  if (!certificate) return openssl_failure("no certificate in PEM");
  return certificate;
}

Result<Key> read_key(std::string_view pem) {
  Key key(PEM_read_bio_PrivateKey(pem_reader(pem).get(), nullptr, no_passphrase, nullptr));
  if (!key) return openssl_failure("no private key in PEM (without passphrase)");
  return key;
}

Result<CertificateInfo> inspect_certificate(std::string_view pem) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Certificate certificate, read_certificate(pem));
  return describe(certificate.get());
}

std::vector<std::string> split_certificates(std::string_view pem) {
  std::vector<std::string> found;
  const Bio reader = pem_reader(pem);
  while (const Certificate certificate = next_certificate(reader)) found.push_back(written(certificate.get()));
  ERR_clear_error();
  return found;
}

Result<void> check_pair(const KeyPair& pair) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Certificate certificate, read_certificate(pair.certificates));
  PLIMSOLL_ASSIGN_OR_RETURN(const Key key, read_key(pair.key));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return openssl_failure("the key does not belong to the certificate");
  }
  return {};
}

bool is_signed_by(std::string_view pem, std::string_view authority) {
  const auto certificate = read_certificate(pem);
  const auto issuer = read_certificate(authority);
  if (!certificate || !issuer) return false;
  const bool is = X509_check_issued(issuer->get(), certificate->get()) == X509_V_OK &&
                  X509_verify(certificate->get(), X509_get0_pubkey(issuer->get())) == 1;
  ERR_clear_error();
  return is;
}

std::string canonical_name(const std::string& name) {
  unsigned char bytes[16];
  const int family = address_family(name, bytes);
  return family == 0 ? name : address_text(bytes, family);
}

std::string time_text(Time time) { return fmt::format("{:%FT%TZ}", fmt::gmtime(std::chrono::time_point_cast<std::chrono::seconds>(time))); }

std::chrono::seconds clock_allowance(std::chrono::seconds lifetime) {
  return std::clamp(lifetime / 10, std::chrono::seconds(0), kLargestAllowance);
}

Result<KeyPair> make_authority(std::string_view name, std::chrono::seconds lifetime, Time now) {
  unsigned char serial[kSerialBytes];
  const Key key = make_key();
  const Certificate certificate =
      key && make_serial(serial) ? make_certificate(serial, key.get(), lifetime, now, Time::max()) : nullptr;
  if (!certificate) return openssl_failure("no certificate authority can be made");
  X509* own = certificate.get();
  set_common_name(own, fmt::format("{} {:02x}{:02x}{:02x}{:02x}", name, serial[0], serial[1], serial[2], serial[3]));
  X509_set_issuer_name(own, X509_get_subject_name(own));
  if (!add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(own, own, NID_subject_key_identifier, "hash") || X509_sign(own, key.get(), EVP_sha256()) == 0) {
    return openssl_failure("no certificate authority can be made");
  }
  return written(own, key.get());
}

Result<KeyPair> make_leaf(const KeyPair& authority, const std::vector<std::string>& names,
                          std::chrono::seconds lifetime, Time now) {
  if (names.empty()) return fail(ErrorCode::kUsage, "a certificate needs a name to be for");
  PLIMSOLL_ASSIGN_OR_RETURN(const Certificate issuer, read_certificate(authority.certificates));
  PLIMSOLL_ASSIGN_OR_RETURN(const Key issuer_key, read_key(authority.key));
  unsigned char serial[kSerialBytes];
  const Key key = make_key();
  const Time end = time_of(X509_get0_notAfter(issuer.get()));
  const Certificate certificate =
      key && make_serial(serial) ? make_certificate(serial, key.get(), lifetime, now, end) : nullptr;
  if (!certificate) return openssl_failure("no certificate can be made");
  std::string alternatives;
  for (const std::string& name : names) {
    if (name.find_first_of(",\n") != std::string::npos)
      return fail(ErrorCode::kUsage, fmt::format("\"{}\" is no name of a server", name));
    unsigned char bytes[16];
    if (!alternatives.empty()) alternatives += ',';
    alternatives += (address_family(name, bytes) != 0 ? "IP:" : "DNS:") + name;
  }
  X509* own = certificate.get();
  set_common_name(own, names.front());  // what counts are the alternative names
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

}  // namespace plimsoll::webhook
