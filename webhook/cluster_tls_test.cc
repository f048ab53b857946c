// Which API servers the cluster's client trusts: the server of the webhook stands in for one.
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "engine/cluster/http.h"
#include "webhook/openssl.h"
#include "webhook/server.h"
#include "webhook/x509.h"

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;

class Answers final : public HttpHandler {
 public:
  HttpResponse handle(const HttpRequest&) override { return {.status = 200, .body = "{}"}; }
  HttpResponse refuse(int status, std::string_view) override { return {.status = status}; }
};

// With any certificate, also with one that the webhook itself would not serve.
std::shared_ptr<SSL_CTX> context_of(const KeyPair& pair, int newest_version = 0) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), [](SSL_CTX* own) { SSL_CTX_free(own); });
  const auto certificate = read_certificate(pair.certificates);
  const auto key = read_key(pair.key);
  EXPECT_EQ(SSL_CTX_use_certificate(context.get(), certificate->get()), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context.get(), key->get()), 1);
  SSL_CTX_set_max_proto_version(context.get(), newest_version);
  return context;
}

TEST(ClusterTlsTest, RefusesServersThatAreNotTheOneThatIsTrusted) {
  const KeyPair authority = *make_authority("trusted", 1h), other = *make_authority("other", 1h);
  const Time now = std::chrono::system_clock::now();
  struct Case {
    KeyPair served;
    std::string name;
    int newest_version;
    std::string_view error;  // empty: it is trusted
  };
  const Case cases[] = {
      {*make_leaf(authority, {"kubernetes", "127.0.0.1"}, 1h), "", 0, ""},
      {*make_leaf(authority, {"kubernetes"}, 1h), "kubernetes", TLS1_2_VERSION, ""},
      {*make_leaf(authority, {"127.0.0.1"}, 1h), "kubernetes", 0, "hostname mismatch"},
      {*make_leaf(authority, {"127.0.0.2", "kubernetes"}, 1h), "", 0, "IP address mismatch"},
      {*make_leaf(authority, {"*.example.com"}, 1h), "a.b.example.com", 0, "hostname mismatch"},
      {*make_leaf(other, {"127.0.0.1"}, 1h), "", 0, "unable to get"},
      {other, "", 0, "certificate"},
      {*make_leaf(authority, {"127.0.0.1"}, 10min, now - 20min), "", 0, "certificate has expired"},
      {*make_leaf(authority, {"127.0.0.1"}, 10min, now + 20min), "", 0, "certificate is not yet valid"},
      {*make_leaf(authority, {"127.0.0.1"}, 1h), "", TLS1_1_VERSION, "TLS handshake failed"},
  };
  for (const Case& c : cases) {
    ServerOptions options{.address = "127.0.0.1"};
    options.tls = [context = context_of(c.served, c.newest_version)] { return context; };
    options.make_handler = [](size_t) { return std::make_unique<Answers>(); };
    auto server = Server::listen(std::move(options));
    ASSERT_TRUE(server);
    (*server)->run();
    cluster::ClusterAccess access;
    access.host = "127.0.0.1";
    access.port = std::to_string((*server)->port());
    access.server_name = c.name;
    access.authority.text = authority.certificates;
    const auto connection = cluster::HttpConnection::open(access, {}, {});
    if (c.error.empty()) {
      ASSERT_TRUE(connection) << connection.error().to_string();
      EXPECT_EQ((*connection)->send({.target = "/version"}, {}, {})->status, 200);
    } else {
      ASSERT_FALSE(connection) << c.error;
      EXPECT_NE(connection.error().to_string().find(c.error), std::string::npos) << connection.error().to_string();
    }
  }
}

}  // namespace
}  // namespace plimsoll::webhook
