// As whom the cluster's client comes to an API server. Here, for here certificates are made.
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <csignal>

#include "engine/cluster/client.h"
#include "engine/cluster/fake_server.h"
#include "tests/temporary_folder.h"
#include "webhook/certificates.h"
#include "webhook/openssl.h"
#include "webhook/x509.h"

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;
using cluster::FakeServer;

const cluster::Resource kPods{.group = "", .version = "v1", .kind = "Pod", .plural = "pods", .namespaced = true};

// A server that wants certificates of `authority` from its clients and says who they are.
class TlsServer {
 public:
  TlsServer(const KeyPair& authority, const std::vector<std::string>& names) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to connections that the client has closed
    EXPECT_TRUE(certificates_.use(*make_leaf(authority, names, 1h)));
    SSL_CTX* context = certificates_.context().get();
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_purpose(context, X509_PURPOSE_ANY);  // the certificates made here are for servers
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), read_certificate(authority.certificates)->get());
    server = std::make_unique<FakeServer>(
        [](const FakeServer::Request& request, FakeServer::Peer& peer) { peer.answer(200, R"({"client":")" + request.client + "\"}"); },
        certificates_.context());
  }
  std::unique_ptr<FakeServer> server;

 private:
  Certificates certificates_;
};

class ClusterAccessTest : public testing::Test {
 protected:
  ClusterAccessTest() : server_(authority_, {"kubernetes", "127.0.0.1"}) {
    access_ = server_.server->access();
    access_.authority.text = authority_.certificates;
    access_.client_certificate.file = (folder_.path() / "me.crt").string();
    access_.client_key.file = (folder_.path() / "me.key").string();
    come_as("alice");
  }
  void come_as(const std::string& name) {
    const KeyPair pair = *make_leaf(authority_, {name}, 1h);
    folder_.write("me.crt", pair.certificates);
    folder_.write("me.key", pair.key);
  }
  // Who the server says one is, or what went wrong.
  static std::string ask(cluster::Client& client) {
    const auto answer = client.get(kPods, "shop", "a");
    return answer ? std::string(answer->root["client"].string_or()) : answer.error().to_string();
  }
  std::string ask() {
    cluster::Client client(access_);
    return ask(client);
  }

  const KeyPair authority_ = *make_authority("the cluster", 1h);
  const TemporaryFolder folder_;
  TlsServer server_;
  cluster::ClusterAccess access_;
};

TEST_F(ClusterAccessTest, ClientCertificatesAreSentAndFollowTheirFiles) {
  cluster::Client client(access_);
  EXPECT_EQ(ask(client), "alice");
  come_as("bob");
  server_.server->drop_connections();
  EXPECT_EQ(ask(client), "bob");
}

TEST_F(ClusterAccessTest, WithoutACertificateTheServerRefuses) {
  access_.client_certificate = access_.client_key = {};
  EXPECT_NE(ask().find(access_.url()), std::string::npos);
}

TEST_F(ClusterAccessTest, WhatIsNoCertificateIsNamed) {
  access_.authority.text = "no certificate";
  EXPECT_NE(ask().find("certificate authority cannot be used"), std::string::npos) << ask();
  access_.authority.text = authority_.certificates;
  folder_.write("me.key", "no key");
  EXPECT_NE(ask().find("me.key: the client key cannot be used"), std::string::npos) << ask();
}

}  // namespace
}  // namespace plimsoll::webhook
