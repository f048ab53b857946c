#include "engine/cel/runtime/certificate.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <ctime>
#include <memory>
#include <optional>
#include <string>

#include "engine/cel/runtime/ip.h"
#include "engine/cel/runtime/time.h"
#include "engine/cel/runtime/values.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {
namespace {

template <typename T, void (*kFree)(T*)>
struct Deleter {
  void operator()(T* object) const { kFree(object); }
};
struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct BignumDeleter {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;
using BignumPtr = std::unique_ptr<BIGNUM, BignumDeleter>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509, X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Deleter<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES, GENERAL_NAMES_free>>;

// OpenSSL's errors are a queue of the thread; nothing of it is left behind.
struct ErrorQueue {
  ErrorQueue() { ERR_clear_error(); }
  ~ErrorQueue() { ERR_clear_error(); }
};

std::unexpected<Error> failure(std::string message) { return fail(ErrorCode::kEvaluation, "x509: " + std::move(message)); }

// One block of a PEM text.
struct Block {
  std::string name;
  bool encrypted = false;
  const unsigned char* data = nullptr;
  long size = 0;
};

// Calls visit(block) for each block until it returns an error or true. The data is wiped behind it.
template <typename Visit>
Result<void> each_block(std::string_view pem, Visit visit) {
  if (pem.size() > kMaxPemBytes) return failure(fmt::format("the text is larger than {} bytes", kMaxPemBytes));
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return failure("out of memory");
  for (size_t number = 1;; ++number) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) {
      const unsigned long code = ERR_peek_last_error();
      if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE) return {};
      const char* reason = ERR_reason_error_string(code);
      return failure(fmt::format("PEM block {} is damaged: {}", number, reason != nullptr ? reason : "unreadable"));
    }
    const Block block{name, std::string_view(header).find("ENCRYPTED") != std::string_view::npos, data, size};
    const Result<bool> done = visit(block);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<size_t>(size));
    if (!done) return std::unexpected(done.error());
    if (*done) return {};
  }
}

// What a text without the wanted block is, as far as one can tell.
std::string describe(std::string_view pem, std::string_view wanted, const std::string& other) {
  if (!other.empty()) return fmt::format("the text has no {}, only {}", wanted, other);
  const size_t start = pem.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return "the text is empty";
  if (pem.substr(start).starts_with("LS0tLS1")) return "the text is base64 of PEM; decode it first, with base64.decode()";
  return fmt::format("the text is no PEM: no line '-----BEGIN {}-----'", wanted);
}

std::string name_text(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || name == nullptr) return {};
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  std::string text(data, size > 0 ? static_cast<size_t>(size) : 0);
  if (!utf8::is_valid(text)) std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

std::string hexadecimal(const unsigned char* data, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += fmt::format("{:02x}", data[i]);
  return text;
}

std::optional<Time> to_time(const ASN1_TIME* time) {
  std::tm fields{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1) return std::nullopt;
  const int64_t days = days_from_civil(fields.tm_year + 1900LL, fields.tm_mon + 1, fields.tm_mday);
  const Time result{.seconds = ((days * 24 + fields.tm_hour) * 60 + fields.tm_min) * 60 + fields.tm_sec};
  if (!result.in_range()) return std::nullopt;
  return result;
}

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<size_t>(ASN1_STRING_length(text))};
}

// The alternative names; an error text if they are malformed.
std::optional<std::string> read_alternative_names(Arena& arena, X509* certificate, List& dns_names, List& ip_addresses) {
  int critical = 0;
  const NamesPtr names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  if (!names) return critical == -1 ? std::nullopt : std::optional<std::string>("its alternative names are malformed");
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* text = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type == GEN_DNS) {
      const std::string_view name = bytes_of(text);
      if (!std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F; })) return "an alternative DNS name has characters that names do not have";
      dns_names.push_back(arena, Value::string(arena.copy(name)));
    } else if (type == GEN_IPADD) {
      const std::string_view data = bytes_of(text);
      if (data.size() != 4 && data.size() != 16) return "an alternative IP address is not of 4 or 16 bytes";
      IpAddress address;
      address.v6 = data.size() == 16;
      std::ranges::copy(data, reinterpret_cast<char*>(address.bytes.data()) + (16 - data.size()));
      ip_addresses.push_back(arena, Value::string(arena.copy(address.to_string())));
    }
  }
  return std::nullopt;
}

std::string_view key_algorithm(const EVP_PKEY* key) {
  switch (key == nullptr ? NID_undef : EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return "RSA";
    case EVP_PKEY_RSA_PSS: return "RSA-PSS";
    case EVP_PKEY_EC: return "ECDSA";
    case EVP_PKEY_ED25519: return "Ed25519";
    case EVP_PKEY_ED448: return "Ed448";
    case EVP_PKEY_DSA: return "DSA";
    default: return "unknown";
  }
}

X509Ptr read_der(std::string_view der) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  return X509Ptr(d2i_X509(nullptr, &data, static_cast<long>(der.size())));
}

Result<Value> read_certificate(Arena& arena, std::string_view der, size_t number) {
  const X509Ptr certificate = read_der(der);
  if (!certificate) return failure(fmt::format("certificate {} does not parse: it is no DER of a certificate", number));
  const auto malformed = [&](std::string_view what) { return failure(fmt::format("certificate {} does not parse: {}", number, what)); };
  List* dns_names = List::create(arena);
  List* ip_addresses = List::create(arena);
  if (const auto error = read_alternative_names(arena, certificate.get(), *dns_names, *ip_addresses)) return malformed(*error);
  const std::optional<Time> not_before = to_time(X509_get0_notBefore(certificate.get()));
  const std::optional<Time> not_after = to_time(X509_get0_notAfter(certificate.get()));
  if (!not_before || !not_after) return malformed("its validity has no readable times");
  const BignumPtr serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr));
  if (!serial) return malformed("its serial number is unreadable");
  char* serial_text = BN_bn2hex(serial.get());
  if (serial_text == nullptr) return malformed("its serial number is unreadable");
  const std::string_view serial_number = arena.copy(std::string_view(serial_text));
  OPENSSL_free(serial_text);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(der.data()), der.size(), digest);
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());

  Map* fields = Map::create(arena, 12);
  const auto text = [&](std::string_view value) { return Value::string(arena.copy(value)); };
  fields->set(arena, "subject", text(name_text(X509_get_subject_name(certificate.get()))));
  fields->set(arena, "issuer", text(name_text(X509_get_issuer_name(certificate.get()))));
  fields->set(arena, "serialNumber", Value::string(serial_number));
  fields->set(arena, "notBefore", make_timestamp(arena, *not_before));
  fields->set(arena, "notAfter", make_timestamp(arena, *not_after));
  fields->set(arena, "dnsNames", Value::list(dns_names));
  fields->set(arena, "ipAddresses", Value::list(ip_addresses));
  fields->set(arena, "isCA", Value::boolean((X509_get_extension_flags(certificate.get()) & EXFLAG_CA) != 0));
  fields->set(arena, "selfSigned", Value::boolean(X509_self_signed(certificate.get(), 1) == 1));
  fields->set(arena, "keyAlgorithm", Value::string(key_algorithm(key)));
  fields->set(arena, "keyBits", Value::integer(key == nullptr ? 0 : EVP_PKEY_get_bits(key)));
  fields->set(arena, "sha256", text(hexadecimal(digest, sizeof(digest))));
  return Value::extension(arena.make<CertificateValue>(Extension{&CertificateValue::kType}, arena.copy(der), fields));
}

KeyPtr decode_key(const Block& block) {
  const unsigned char* data = block.data;
  if (block.name == "RSA PRIVATE KEY") return KeyPtr(d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &data, block.size));
  if (block.name == "EC PRIVATE KEY") return KeyPtr(d2i_PrivateKey(EVP_PKEY_EC, nullptr, &data, block.size));
  if (block.name == "DSA PRIVATE KEY") return KeyPtr(d2i_PrivateKey(EVP_PKEY_DSA, nullptr, &data, block.size));
  if (block.name != "PRIVATE KEY") return nullptr;
  const Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &data, block.size));
  return KeyPtr(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
}

Result<KeyPtr> read_key(std::string_view pem) {
  KeyPtr key;
  std::string other;
  PLIMSOLL_RETURN_IF_ERROR(each_block(pem, [&](const Block& block) -> Result<bool> {
    if (!block.name.ends_with("PRIVATE KEY")) {
      if (other.empty() && block.name != "EC PARAMETERS") other = block.name;
      return false;
    }
    if (block.encrypted || block.name == "ENCRYPTED PRIVATE KEY") return failure("the private key is encrypted");
    key = decode_key(block);
    if (!key) return failure(fmt::format("the {} does not parse", block.name));
    return true;
  }));
  if (!key) return failure(describe(pem, "PRIVATE KEY", other));
  return key;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

Result<List*> parse_certificates(Arena& arena, std::string_view pem) {
  const ErrorQueue queue;
  List* certificates = List::create(arena);
  std::string other;
  PLIMSOLL_RETURN_IF_ERROR(each_block(pem, [&](const Block& block) -> Result<bool> {
    if (block.name != "CERTIFICATE" && block.name != "X509 CERTIFICATE" && block.name != "TRUSTED CERTIFICATE") {
      if (other.empty()) other = block.name;
      return false;
    }
    if (certificates->size() == kMaxCertificates) return failure(fmt::format("the text has more than {} certificates", kMaxCertificates));
    const std::string_view der(reinterpret_cast<const char*>(block.data), static_cast<size_t>(block.size));
    PLIMSOLL_ASSIGN_OR_RETURN(const Value certificate, read_certificate(arena, der, certificates->size() + 1));
    certificates->push_back(arena, certificate);
    return false;
  }));
  if (certificates->empty()) return failure(describe(pem, "CERTIFICATE", other));
  return certificates;
}

bool certificate_covers(const CertificateValue& certificate, std::string_view host) {
  const Value fields = Value::map(certificate.fields);
  std::string_view bare = host;
  if (bare.starts_with('[') && bare.ends_with(']')) bare = bare.substr(1, bare.size() - 2);
  if (const auto address = IpAddress::parse(bare)) {
    const std::string canonical = address->to_string();
    return std::ranges::any_of(fields["ipAddresses"].items(), [&](const Value& own) { return own.as_string() == canonical; });
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.starts_with('.')) return false;
  const size_t dot = host.find('.');
  return std::ranges::any_of(fields["dnsNames"].items(), [&](const Value& own) {
    std::string_view name = own.as_string();
    if (name.ends_with('.')) name.remove_suffix(1);
    if (same_name(name, host)) return true;
    return name.starts_with("*.") && dot != std::string_view::npos && !host.starts_with("*.") && same_name(name.substr(1), host.substr(dot));
  });
}

Result<bool> certificate_matches_key(const CertificateValue& certificate, std::string_view pem) {
  const ErrorQueue queue;
  PLIMSOLL_ASSIGN_OR_RETURN(const KeyPtr key, read_key(pem));
  const X509Ptr parsed = read_der(certificate.der);
  const EVP_PKEY* own = parsed ? X509_get0_pubkey(parsed.get()) : nullptr;
  return own != nullptr && EVP_PKEY_eq(own, key.get()) == 1;
}

Result<void> check_private_key(std::string_view pem) {
  const ErrorQueue queue;
  PLIMSOLL_RETURN_IF_ERROR(read_key(pem));
  return {};
}

bool certificate_issued_by(const CertificateValue& certificate, const CertificateValue& issuer) {
  const ErrorQueue queue;
  const X509Ptr subject = read_der(certificate.der);
  const X509Ptr authority = read_der(issuer.der);
  if (!subject || !authority || X509_check_issued(authority.get(), subject.get()) != X509_V_OK) return false;
  EVP_PKEY* key = X509_get0_pubkey(authority.get());
  return key != nullptr && X509_verify(subject.get(), key) == 1;
}

}  // namespace plimsoll::cel
