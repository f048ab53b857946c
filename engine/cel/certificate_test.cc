// x509: what certificates say, whom they cover, which key and issuer is theirs.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "engine/cel/runtime/certificate.h"
#include "engine/cel/test_deployment.h"
#include "engine/value/base64.h"

namespace plimsoll::cel {
namespace {

// A key and what it signs, made anew for each run: no private key is kept in the repository.
struct Identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;
  std::string pem, key_pem;
};

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

void extend(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Identity make_identity(const std::string& name, const Identity* issuer, const std::string& names, bool authority, bool rsa = false) {
  Identity identity;
  identity.key.reset(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), EVP_PKEY_free);
  identity.certificate.reset(X509_new(), X509_free);
  X509* certificate = identity.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 0xABCDEF);
  ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20250102030405Z");
  ASN1_TIME_set_string(X509_getm_notAfter(certificate), "20991231235959Z");
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto add = [&](const char* field, const std::string& value) {
    X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0);
  };
  add("O", "Größe, Inc");
  add("CN", name);
  X509_set_issuer_name(certificate, issuer != nullptr ? X509_get_subject_name(issuer->certificate.get()) : subject);
  X509_set_pubkey(certificate, identity.key.get());
  if (authority) extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
  if (!names.empty()) extend(certificate, NID_subject_alt_name, names);
  X509_sign(certificate, (issuer != nullptr ? issuer->key : identity.key).get(), EVP_sha256());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  identity.pem = text_of(bio);
  bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  identity.key_pem = text_of(bio);
  return identity;
}

std::string encrypted(const Identity& identity) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, identity.key.get(), EVP_aes_128_cbc(), "password", 8, nullptr, nullptr);
  return text_of(bio);
}

std::string traditional(const Identity& identity) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey_traditional(bio, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio);
}

class CertificateTest : public testing::Test {
 protected:
  CertificateTest() {
    ca_ = make_identity("ca", nullptr, "", true);
    other_ca_ = make_identity("ca", nullptr, "", true);
    leaf_ = make_identity("web", &ca_, "DNS:web.example.com,DNS:*.Apps.example.com,IP:10.0.0.1,IP:2001:db8::1", false, true);
    bind("ca", ca_.pem);
    bind("otherCa", other_ca_.pem);
    bind("crt", leaf_.pem);
    bind("chain", leaf_.pem + "\n# the authority\n" + ca_.pem);
    bind("bundle", leaf_.key_pem + leaf_.pem);
    bind("key", leaf_.key_pem);
    bind("caKey", ca_.key_pem);
    bind("rsaKey", traditional(leaf_));
    bind("ecKey", traditional(ca_));
    bind("encrypted", encrypted(leaf_));
    bind("encoded", base64::encode(leaf_.pem));
    std::string damaged = leaf_.pem;
    damaged[60] = '!';
    bind("damaged", damaged);
    bind("cut", leaf_.pem.substr(0, 200));
    bind("notDer", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    bind("notKey", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    std::string many;
    for (size_t i = 0; i <= kMaxCertificates; ++i) many += ca_.pem;
    bind("many", many);
    bind("huge", std::string(kMaxPemBytes + 1, ' '));
  }

  void bind(std::string_view name, const std::string& text) { object_->set(arena_, name, Value::string(arena_.copy(text))); }
  std::string run(std::string_view expression) { return run_deployment(expression, Value::map(object_)).text; }

  Arena arena_;
  Map* object_ = Map::create(arena_);
  Identity ca_, other_ca_, leaf_;
};

TEST_F(CertificateTest, TellsWhatIsInIt) {
  const std::pair<std::string_view, std::string_view> kRows[] = {
      {"x509.certificates(object.crt).size()", "1"},
      {"x509.certificates(object.chain).map(c, c.subject)", R"(["CN=web,O=Größe\\, Inc","CN=ca,O=Größe\\, Inc"])"},
      {"x509.certificates(object.bundle).size()", "1"},
      {"x509.certificates(bytes(object.crt)).size()", "1"},
      {"x509.certificates(base64.decode(object.encoded))[0].issuer", R"("CN=ca,O=Größe\\, Inc")"},
      {"x509.certificates(object.crt)[0].serialNumber", R"("ABCDEF")"},
      {"x509.certificates(object.crt)[0].notBefore == timestamp('2025-01-02T03:04:05Z')", "true"},
      {"x509.certificates(object.crt)[0].notAfter - duration('24h') > timestamp('2099-01-01T00:00:00Z')", "true"},
      {"x509.certificates(object.crt)[0].dnsNames", R"(["web.example.com","*.Apps.example.com"])"},
      {"x509.certificates(object.crt)[0].ipAddresses", R"(["10.0.0.1","2001:db8::1"])"},
      {"x509.certificates(object.ca)[0].dnsNames", "[]"},
      {"x509.certificates(object.crt)[0].isCA", "false"},
      {"x509.certificates(object.ca)[0].isCA", "true"},
      {"x509.certificates(object.crt)[0].selfSigned", "false"},
      {"x509.certificates(object.ca)[0].selfSigned", "true"},
      {"x509.certificates(object.crt)[0].keyAlgorithm", R"("RSA")"},
      {"x509.certificates(object.crt)[0].keyBits", "2048"},
      {"x509.certificates(object.ca)[0].keyAlgorithm", R"("ECDSA")"},
      {"x509.certificates(object.ca)[0].keyBits", "256"},
      {"x509.certificates(object.crt)[0].sha256.size()", "64"},
      {"x509.certificates(object.chain)[1] == x509.certificates(object.ca)[0]", "true"},
      {"x509.certificates(object.crt)[0] == x509.certificates(object.ca)[0]", "false"},
      {"has(x509.certificates(object.crt)[0].subject)", "true"},
      {"dyn(x509.certificates(object.crt)[0]).keyBits", "2048"},
      {"x509.certificates(object.crt)[?0].subject", R"(optional "CN=web,O=Größe\\, Inc")"},
      {"type(x509.certificates(object.crt)[0])", "plimsoll.x509.Certificate"},
  };
  for (const auto& [expression, expected] : kRows) EXPECT_EQ(run(expression), expected) << expression;
  EXPECT_TRUE(run("x509.certificates(object.crt)[0].issuerName").contains("undefined field 'issuerName'"));
}

TEST_F(CertificateTest, CoversByAlternativeNames) {
  const std::pair<std::string_view, bool> kRows[] = {
      {"web.example.com", true},       {"WEB.Example.COM", true},        {"web.example.com.", true}, {"example.com", false},
      {"www.web.example.com", false},  {"x.apps.example.com", true},     {"apps.example.com", false}, {"y.x.apps.example.com", false},
      {"*.apps.example.com", true},    {"*.example.com", false},         {".apps.example.com", false}, {"", false},
      {".", false},                    {"web", false},                   {"10.0.0.1", true},         {"10.0.0.2", false},
      {"2001:db8::1", true},           {"2001:DB8:0::1", true},          {"[2001:db8::1]", true},    {"2001:db8::2", false},
  };
  for (const auto& [host, covered] : kRows) {
    EXPECT_EQ(run(fmt::format("x509.certificates(object.crt)[0].covers('{}')", host)), covered ? "true" : "false") << host;
  }
  EXPECT_EQ(run("x509.certificates(object.ca)[0].covers('ca')"), "false");  // the common name does not count
}

TEST_F(CertificateTest, KnowsItsKeyAndIssuer) {
  const std::pair<std::string_view, std::string_view> kRows[] = {
      {"x509.certificates(object.crt)[0].matchesKey(object.key)", "true"},
      {"x509.certificates(object.crt)[0].matchesKey(bytes(object.rsaKey))", "true"},
      {"x509.certificates(object.crt)[0].matchesKey(object.bundle)", "true"},
      {"x509.certificates(object.crt)[0].matchesKey(object.caKey)", "false"},
      {"x509.certificates(object.ca)[0].matchesKey(object.ecKey)", "true"},
      {"x509.certificates(object.crt)[0].matchesKey(object.crt)", "error: x509: the text has no PRIVATE KEY, only CERTIFICATE"},
      {"x509.certificates(object.crt)[0].matchesKey(object.encrypted)", "error: x509: the private key is encrypted"},
      {"x509.certificates(object.crt)[0].matchesKey(object.notKey)", "error: x509: the PRIVATE KEY does not parse"},
      {"x509.certificates(object.crt)[0].issuedBy(x509.certificates(object.ca)[0])", "true"},
      {"x509.certificates(object.crt)[0].issuedBy(x509.certificates(object.otherCa)[0])", "false"},  // same name, other key
      {"x509.certificates(object.ca)[0].issuedBy(x509.certificates(object.crt)[0])", "false"},
      {"x509.certificates(object.ca)[0].issuedBy(x509.certificates(object.ca)[0])", "true"},
      {"x509.isPrivateKey(object.key) && x509.isPrivateKey(object.rsaKey) && x509.isPrivateKey(object.ecKey)", "true"},
      {"x509.isPrivateKey(object.encrypted) || x509.isPrivateKey(object.crt) || x509.isPrivateKey('') || x509.isPrivateKey(b'\\xff')", "false"},
      {"x509.isCertificate(object.crt) && x509.isCertificate(object.bundle)", "true"},
      {"x509.isCertificate(object.key) || x509.isCertificate(object.damaged) || x509.isCertificate('x') || x509.isCertificate(b'\\xff')", "false"},
  };
  for (const auto& [expression, expected] : kRows) EXPECT_EQ(run(expression), expected) << expression;
}

TEST_F(CertificateTest, SaysWhatIsWrongWithoutRepeatingIt) {
  const std::pair<std::string_view, std::string_view> kRows[] = {
      {"x509.certificates('')", "error: x509: the text is empty"},
      {"x509.certificates('hello')", "error: x509: the text is no PEM: no line '-----BEGIN CERTIFICATE-----'"},
      {"x509.certificates(object.encoded)", "error: x509: the text is base64 of PEM; decode it first, with base64.decode()"},
      {"x509.certificates(object.key)", "error: x509: the text has no CERTIFICATE, only PRIVATE KEY"},
      {"x509.certificates(object.notDer)", "error: x509: certificate 1 does not parse: it is no DER of a certificate"},
      {"x509.certificates(object.many)", "error: x509: the text has more than 200 certificates"},
      {"x509.certificates(object.huge)", "error: x509: the text is larger than 524288 bytes"},
  };
  for (const auto& [expression, expected] : kRows) EXPECT_EQ(run(expression), expected) << expression;
  EXPECT_TRUE(run("x509.certificates(object.damaged)").starts_with("error: x509: PEM block 1 is damaged: ")) << run("x509.certificates(object.damaged)");
  EXPECT_TRUE(run("x509.certificates(object.cut)").starts_with("error: x509: PEM block 1 is damaged: ")) << run("x509.certificates(object.cut)");
  // A second block that is damaged is not passed over.
  EXPECT_TRUE(run("x509.certificates(object.crt + object.damaged)").starts_with("error: x509: PEM block 2 is damaged: "));
}

TEST_F(CertificateTest, SurvivesFlippedBytes) {
  Arena arena;
  std::string der = *base64::decode([&] {
    std::string body;
    for (size_t line = ca_.pem.find('\n') + 1; !ca_.pem.substr(line).starts_with("-----"); line = ca_.pem.find('\n', line) + 1) {
      body += ca_.pem.substr(line, ca_.pem.find('\n', line) - line);
    }
    return body;
  }());
  size_t read = 0;
  for (size_t i = 0; i < der.size(); i += 3) {
    for (const char flip : {'\x01', '\x80'}) {
      der[i] = static_cast<char>(der[i] ^ flip);
      const std::string pem = "-----BEGIN CERTIFICATE-----\n" + base64::encode(der) + "\n-----END CERTIFICATE-----\n";
      if (const Result<List*> certificates = parse_certificates(arena, pem)) {
        ++read;
        const auto& certificate = *(**certificates)[0].as<CertificateValue>();
        (void)certificate_covers(certificate, "x.apps.example.com");
        (void)certificate_matches_key(certificate, ca_.key_pem);
        (void)certificate_issued_by(certificate, certificate);
      }
      der[i] = static_cast<char>(der[i] ^ flip);
    }
  }
  EXPECT_GT(read, der.size() / 5);  // most of it is key and signature, which may be anything
}

}  // namespace
}  // namespace plimsoll::cel
