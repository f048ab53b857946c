// X.509 certificates as sprig makes them with Go's crypto/x509: the same fields, extensions and order.
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "engine/template/functions/date_objects.h"
#include "engine/template/functions/der.h"
#include "engine/template/functions/encodings.h"
#include "engine/template/functions/families.h"
#include "engine/template/functions/private_key.h"
#include "engine/template/go_format.h"
#include "engine/value/go_quote.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

constexpr GoField kCertificateFields[] = {{"Cert", "string"}, {"Key", "string"}};
constexpr GoObjectType kCertificateType{{"sprig.certificate"}, GoKind::kStruct, kCertificateFields};

// What a new certificate is to say.
struct Request {
  std::string common_name;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;  // 4 or 16 bytes each
  int64_t days_valid = 0;
  bool authority = false;
};

// Who signs: the certificate's subject, its key identifier, and the key.
struct Issuer {
  std::string subject;
  std::string key_id;
  const PrivateKey& key;
};

bool is_printable_string(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" '()+,-./:=?*&").find(c) != std::string_view::npos;
  });
}

std::string write_name(std::string_view common_name) {
  if (common_name.empty()) return der::sequence({});
  const std::string text = der::element(is_printable_string(common_name) ? der::kPrintable : der::kUtf8, common_name);
  return der::sequence({der::set(der::sequence({der::object_id("2.5.4.3"), text}))});
}

std::string write_time(const GoTime& time) {
  const int64_t year = clock_of(time).year;
  if (year >= 1950 && year < 2050) return der::element(der::kUtcTime, format_time(time, "060102150405Z"));
  return der::element(der::kGeneralizedTime, format_time(time, "20060102150405Z"));
}

std::string write_extension(std::string_view id, bool critical, std::string_view content) {
  return der::sequence({der::object_id(id), critical ? der::boolean(true) : std::string(), der::octets(content)});
}

std::string digest_id(std::string_view public_info) {
  // The first 160 bits of the SHA-256 of the key's bits (RFC 7093), which follow the algorithm in the public key info.
  const auto* data = reinterpret_cast<const unsigned char*>(public_info.data());
  X509_PUBKEY* info = d2i_X509_PUBKEY(nullptr, &data, static_cast<long>(public_info.size()));
  const unsigned char* bits = nullptr;
  int size = 0;
  X509_PUBKEY_get0_param(nullptr, &bits, &size, nullptr, info);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(bits, static_cast<size_t>(size), digest);
  X509_PUBKEY_free(info);
  return {reinterpret_cast<const char*>(digest), 20};
}

std::string write_extensions(const Request& request, const std::string& key_id, const std::string& issuer_key_id) {
  // Digital signature and key encipherment; for authorities certificate signing, too.
  std::string out = write_extension("2.5.29.15", true, request.authority ? der::bits("\xA4", 2) : der::bits("\xA0", 5));
  const std::string server_and_client =
      der::sequence({der::object_id("1.3.6.1.5.5.7.3.1"), der::object_id("1.3.6.1.5.5.7.3.2")});
  out += write_extension("2.5.29.37", false, server_and_client);
  out += write_extension("2.5.29.19", true, der::sequence({request.authority ? der::boolean(true) : std::string()}));
  if (!key_id.empty()) out += write_extension("2.5.29.14", false, der::octets(key_id));
  if (!issuer_key_id.empty()) {
    out += write_extension("2.5.29.35", false, der::sequence({der::element(der::context(0), issuer_key_id)}));
  }
  std::string names;
  for (const std::string& name : request.dns_names) names += der::element(der::context(2), name);
  for (const std::string& address : request.addresses) names += der::element(der::context(7), address);
  if (!names.empty()) {
    out += write_extension("2.5.29.17", request.common_name.empty(), der::element(der::kSequence, names));
  }
  return out;
}

// The certificate as PEM. Without an issuer it is signed with its own key.
Result<std::string> make_certificate(Host& host, const Request& request, const PrivateKey& key, const Issuer* issuer) {
  for (const std::string& name : request.dns_names) {
    if (std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) continue;
    return go_error("error creating certificate: x509: " + go::quoted(name) + " cannot be encoded as an IA5String");
  }
  const PrivateKey& signer = issuer == nullptr ? key : issuer->key;
  const std::string algorithm = signer.signature_algorithm();
  if (algorithm.empty()) {
    return go_error("error creating certificate: x509: certificate private key does not implement crypto.Signer");
  }
  std::string serial(16, '\0');
  host.random_bytes({reinterpret_cast<uint8_t*>(serial.data()), serial.size()});
  const GoTime start = in_zone(current_time(host), "UTC");
  // Go's durations end at 292 years and wrap beyond.
  const uint64_t lifetime = static_cast<uint64_t>(request.days_valid) * (24 * static_cast<uint64_t>(kHour));
  const std::string validity = der::sequence({write_time(start), write_time(add(start, static_cast<Duration>(lifetime)))});

  const std::string subject = write_name(request.common_name);
  const std::string issuer_subject = issuer == nullptr ? subject : issuer->subject;
  const std::string public_info = key.public_info();
  const std::string key_id = request.authority ? digest_id(public_info) : "";
  const std::string issuer_key_id = issuer != nullptr && issuer->subject != subject ? issuer->key_id : "";
  const std::string extensions = write_extensions(request, key_id, issuer_key_id);

  const std::string body = der::sequence(
      {der::element(der::context(0, true), der::integer(2)), der::integer(serial), algorithm, issuer_subject, validity, subject,
       public_info, der::element(der::context(3, true), der::element(der::kSequence, extensions))});
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string signature, signer.sign(host, body));
  return encode_pem("CERTIFICATE", der::sequence({body, algorithm, der::bits(signature)}));
}

// nil, or items that must be text.
Result<std::vector<std::string>> read_texts(const Value& list, std::string_view what) {
  std::vector<std::string> texts;
  for (const Value& item : list.items()) {
    if (!item.is_string()) {
      std::string message(what);
      append_value(message, item);
      return go_error(message + " is not a string");
    }
    texts.emplace_back(item.as_string());
  }
  return texts;
}

Result<Request> read_request(const Value& common_name, const Value& addresses, const Value& dns_names, const Value& days) {
  Request request;
  request.common_name = common_name.as_string();
  request.days_valid = days.as_int();
  PLIMSOLL_ASSIGN_OR_RETURN(const std::vector<std::string> address_texts, read_texts(addresses, "error parsing ip: "));
  for (const std::string& text : address_texts) {
    char bytes[16];
    if (inet_pton(AF_INET, text.c_str(), bytes) == 1) {
      request.addresses.emplace_back(bytes, 4);
    } else if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) {
      // An IPv4 address in IPv6 clothes counts as IPv4.
      const bool mapped = std::string_view(bytes, 12) == std::string_view("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
      request.addresses.emplace_back(mapped ? bytes + 12 : bytes, mapped ? 4 : 16);
    } else {
      return go_error("error parsing ip: " + text);
    }
  }
  PLIMSOLL_ASSIGN_OR_RETURN(request.dns_names, read_texts(dns_names, "error processing alternate dns name: "));
  return request;
}

constexpr uint64_t kKeySteps = 2'000'000;

Result<PrivateKey> new_key(CallContext& context) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, kKeySteps));
  return PrivateKey::generate(context.host, KeyType::kRsa);
}

Result<PrivateKey> given_key(const Value& pem) {
  Result<PrivateKey> key = PrivateKey::from_pem(pem.as_string());
  if (!key) return go_error("parsing private key: " + key.error().message());
  return key;
}

Value make_pair(CallContext& context, std::string_view certificate, std::string_view key) {
  return make_struct(context.arena, kCertificateType, {context.text(certificate), context.text(key)});
}

Result<Value> self_signed(CallContext& context, const Request& request, const PrivateKey& key) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string certificate, make_certificate(context.host, request, key, nullptr));
  return make_pair(context, certificate, key.to_pem());
}

Result<Value> make_authority(CallContext& context, Args args, const PrivateKey& key) {
  PLIMSOLL_ASSIGN_OR_RETURN(Request request, read_request(args[0], Value::null(), Value::null(), args[1]));
  request.authority = true;
  return self_signed(context, request, key);
}

Result<Value> gen_ca(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const PrivateKey key, new_key(context));
  return make_authority(context, args, key);
}

Result<Value> gen_ca_with_key(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const PrivateKey key, given_key(args[2]));
  return make_authority(context, args, key);
}

Result<Value> gen_self_signed(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const PrivateKey key, new_key(context));
  PLIMSOLL_ASSIGN_OR_RETURN(const Request request, read_request(args[0], args[1], args[2], args[3]));
  return self_signed(context, request, key);
}

Result<Value> gen_self_signed_with_key(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const PrivateKey key, given_key(args[4]));
  PLIMSOLL_ASSIGN_OR_RETURN(const Request request, read_request(args[0], args[1], args[2], args[3]));
  return self_signed(context, request, key);
}

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

Certificate parse_certificate(std::string_view der) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  return Certificate(d2i_X509(nullptr, &data, static_cast<long>(der.size())));
}

Result<Value> sign_with_authority(CallContext& context, Args args, const PrivateKey& key) {
  const GoObject* authority = as_object(args[4]);
  const Result<PemBlock> block = decode_pem(authority->fields[0].as_string());
  if (!block) return go_error("unable to decode certificate");
  const Certificate parent = parse_certificate(block->data);
  if (parent == nullptr) {
    return go_error("error parsing certificate: decodedSignerCert.Bytes: x509: malformed certificate");
  }
  const Result<PrivateKey> parent_key = PrivateKey::from_pem(authority->fields[1].as_string());
  if (!parent_key) return go_error("error parsing private key: " + parent_key.error().message());
  PLIMSOLL_ASSIGN_OR_RETURN(const Request request, read_request(args[0], args[1], args[2], args[3]));

  EVP_PKEY* const public_key = X509_get0_pubkey(parent.get());
  unsigned char* public_info = nullptr;
  const int public_size = i2d_PUBKEY(public_key, &public_info);
  const bool same = public_size > 0 && std::string_view(reinterpret_cast<const char*>(public_info),
                                                        static_cast<size_t>(public_size)) == parent_key->public_info();
  OPENSSL_free(public_info);
  if (!same) {
    return go_error("error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey");
  }
  unsigned char* subject = nullptr;
  const int subject_size = i2d_X509_NAME(X509_get_subject_name(parent.get()), &subject);
  Issuer issuer{std::string(reinterpret_cast<const char*>(subject), static_cast<size_t>(subject_size)), "", *parent_key};
  OPENSSL_free(subject);
  if (const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(parent.get())) {
    issuer.key_id.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(id)), static_cast<size_t>(ASN1_STRING_length(id)));
  }
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string certificate, make_certificate(context.host, request, key, &issuer));
  return make_pair(context, certificate, key.to_pem());
}

Result<Value> gen_signed(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const PrivateKey key, new_key(context));
  return sign_with_authority(context, args, key);
}

Result<Value> gen_signed_with_key(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const PrivateKey key, given_key(args[5]));
  return sign_with_authority(context, args, key);
}

Result<Value> build_custom(CallContext& context, Args args) {
  const Result<std::string> certificate = decode_base64(args[0].as_string());
  if (!certificate) return go_error("unable to decode base64 certificate");
  const Result<std::string> key = decode_base64(args[1].as_string());
  if (!key) return go_error("unable to decode base64 private key");
  const Result<PemBlock> block = decode_pem(*certificate);
  if (!block) return go_error("unable to decode certificate");
  if (parse_certificate(block->data) == nullptr) {
    return go_error("error parsing certificate: decodedCert.Bytes: x509: malformed certificate");
  }
  if (const Result<PrivateKey> parsed = PrivateKey::from_pem(*key); !parsed) {
    return go_error("error parsing private key: " + parsed.error().message());
  }
  return make_pair(context, *certificate, *key);
}

Result<Value> gen_private_key(CallContext& context, Args args) {
  const std::string_view name = args[0].as_string();
  const std::optional<KeyType> type = name.empty() || name == "rsa" ? std::optional(KeyType::kRsa)
                                      : name == "dsa"               ? std::optional(KeyType::kDsa)
                                      : name == "ecdsa"             ? std::optional(KeyType::kEcdsa)
                                      : name == "ed25519"           ? std::optional(KeyType::kEd25519)
                                                                    : std::nullopt;
  if (!type) return context.text("Unknown type " + std::string(name));
  PLIMSOLL_RETURN_IF_ERROR(charge(context, 10 * kKeySteps));
  constexpr int kRsaBits = 4096;
  PLIMSOLL_ASSIGN_OR_RETURN(const PrivateKey key, PrivateKey::generate(context.host, *type, kRsaBits));
  return context.text(key.to_pem());
}

constexpr Function kFunctions[] = {
    {"genPrivateKey", "(string) string", "A private key in PEM: rsa, dsa, ecdsa or ed25519.", gen_private_key, Trace::kNone},
    {"genCA", "(string, int) (sprig.certificate, error)", "A new certificate authority by name and days: .Cert and .Key.", gen_ca, Trace::kNone},
    {"genCAWithKey", "(string, int, string) (sprig.certificate, error)", "As genCA, with a given private key.", gen_ca_with_key},
    {"genSelfSignedCert", "(string, []interface {}, []interface {}, int) (sprig.certificate, error)", "A self-signed certificate by name, addresses, DNS names and days.", gen_self_signed},
    {"genSelfSignedCertWithKey", "(string, []interface {}, []interface {}, int, string) (sprig.certificate, error)", "As genSelfSignedCert, with a given private key.", gen_self_signed_with_key},
    {"genSignedCert", "(string, []interface {}, []interface {}, int, sprig.certificate) (sprig.certificate, error)", "A certificate signed by an authority.", gen_signed},
    {"genSignedCertWithKey", "(string, []interface {}, []interface {}, int, sprig.certificate, string) (sprig.certificate, error)", "As genSignedCert, with a given private key.", gen_signed_with_key},
    {"buildCustomCert", "(string, string) (sprig.certificate, error)", "A certificate and key from base64, checked.", build_custom},
};

}  // namespace

FunctionFamily certificate_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
