#include "webhook/webhook.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/temporary_folder.h"
#include "webhook/certificates.h"
#include "webhook/test_client.h"

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;
using Tls = TestClient::Tls;

std::string policy(std::string_view name, std::string_view expression) {
  return fmt::format(R"(
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: {}}}
spec:
  matchConstraints:
    resourceRules: [{{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}}]
  validations: [{{expression: "{}"}}]
)",
                     name, expression);
}

constexpr std::string_view kReview =
    R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1",
  "operation": "CREATE", "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
  "resource": {"group": "", "version": "v1", "resource": "configmaps"}, "namespace": "shop", "name": "a",
  "userInfo": {"username": "alice"}, "object": {"metadata": {"name": "a"}, "data": {"a": "b"}}}})";

class WebhookTest : public testing::Test {
 protected:
  WebhookTest() {
    options_.address = "127.0.0.1";
    options_.port = 0;
    options_.threads = 2;
    options_.metrics_listen = std::pair("127.0.0.1", uint16_t{0});
    options_.certificates.rotation.names = {"localhost", "127.0.0.1"};
    options_.rules.policies = (folder_.path() / "policies").string();
    options_.poll_interval = 20ms;
    options_.drain_delay = 0ms;
    options_.version = "1.2.3";
    folder_.write("policies/first.yaml", policy("first", "false"));
  }

  void start() {
    auto webhook = Webhook::start(options_, log_);
    ASSERT_TRUE(webhook) << webhook.error().to_string();
    webhook_ = *std::move(webhook);
  }

  TestAnswer ask(std::string_view path = "/validate?timeout=10s",
                 std::string_view headers = "Content-Type: application/json\r\n") {
    TestClient client(webhook_->port(), Tls::kOn, webhook_->authority());
    EXPECT_TRUE(client.connected());
    client.send(post(path, kReview, headers));
    return client.read();
  }
  // Over the plain port.
  TestAnswer status(std::string_view path) {
    TestClient client(webhook_->metrics_port(), Tls::kOff);
    client.send(get(path));
    return client.read();
  }
  // Waits until a page of the plain port has the text.
  bool comes(std::string_view path, std::string_view text) {
    for (int i = 0; i < 250; ++i) {
      if (status(path).body.find(text) != std::string::npos) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }

  TemporaryFolder folder_;
  WebhookOptions options_;
  Log log_{LogFormat::kText, LogLevel::kError};
  std::unique_ptr<Webhook> webhook_;
};

TEST_F(WebhookTest, ServesItsPaths) {
  start();
  const TestAnswer denied = ask();
  EXPECT_EQ(denied.status, 200);
  EXPECT_NE(denied.body.find("failed expression: false [first]"), std::string::npos) << denied.body;
  EXPECT_NE(ask("/mutate").body.find("\"allowed\":true"), std::string::npos);
  EXPECT_EQ(ask("/validate/none").status, 404);
  EXPECT_EQ(ask("/nowhere").status, 404);
  EXPECT_EQ(ask("/validates").status, 404);
  EXPECT_EQ(ask("/validate", "Content-Type: text/plain\r\n").status, 415);
  EXPECT_EQ(ask("/validate", "Content-Type: application/json; charset=utf-8\r\n").status, 200);
  TestClient client(webhook_->port(), Tls::kOn, webhook_->authority());
  client.send(get("/validate"));
  EXPECT_EQ(client.read().status, 405);
  client.send(get("/healthz"));
  EXPECT_EQ(client.read().body, "ok\n");
  client.send(get("/readyz"));
  EXPECT_EQ(client.read().body, "ok\n");
  client.send(get("/metrics"));
  EXPECT_NE(client.read().body.find("plimsoll_rule_violations_total{rule=\"first\",action=\"deny\"} 2"),
            std::string::npos);
  EXPECT_EQ(status("/validate").status, 404);
}

TEST_F(WebhookTest, MetricsTellOfAllParts) {
  start();
  ask();
  const std::string page = status("/metrics").body;
  for (const std::string_view part :
       {"# TYPE plimsoll_admission_request_duration_seconds histogram\n", "plimsoll_policy_generation 1\n",
        "plimsoll_policy_rules 1\n", "plimsoll_reload_failures_total{what=\"policies\"} 0\n",
        "plimsoll_certificate_expiry_timestamp_seconds ", "plimsoll_build_info{version=\"1.2.3\"} 1\n",
        "process_resident_memory_bytes ", "plimsoll_http_connections ",
        "plimsoll_admission_requests_total{endpoint=\"validate\",operation=\"CREATE\",kind=\"ConfigMap\",verdict="
        "\"denied\"} 1\n"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part << "\n" << page;
  }
}

TEST_F(WebhookTest, PoliciesAreReloadedAsAWholeOrNotAtAll) {
  start();
  folder_.write("policies/first.yaml", policy("second", "object.metadata.name != 'a'"));
  ASSERT_TRUE(comes("/readyz?verbose", "policies: generation 2, 1 rules"));
  EXPECT_NE(ask().body.find("[second]"), std::string::npos);
  folder_.write("policies/bad.yaml", policy("bad", "object.metadata.name +"));
  ASSERT_TRUE(comes("/readyz?verbose", "policy reload failed: generation 2 stays in force: "));
  EXPECT_TRUE(comes("/readyz?verbose", "bad.yaml:8:"));
  EXPECT_EQ(status("/readyz").status, 200);
  EXPECT_TRUE(comes("/metrics", "plimsoll_reload_failures_total{what=\"policies\"} 1\n"));
  EXPECT_NE(ask().body.find("[second]"), std::string::npos);
  std::filesystem::remove(folder_.path() / "policies/bad.yaml");
  std::filesystem::remove(folder_.path() / "policies/first.yaml");
  ASSERT_TRUE(comes("/readyz?verbose", "generation 3, 0 rules"));
  EXPECT_EQ(status("/readyz?verbose").body.find("failed"), std::string::npos);
  EXPECT_NE(ask().body.find("\"allowed\":true"), std::string::npos);
  webhook_->reload();
  EXPECT_TRUE(comes("/readyz?verbose", "generation 4, 0 rules"));
}

TEST_F(WebhookTest, CertificatesOfFilesAreRotatedUnderLoad) {
  const auto install = [&](const KeyPair& authority) {
    const KeyPair leaf = *make_leaf(authority, {"localhost"}, 1h);
    folder_.write("tls.key", leaf.key);
    folder_.write("tls.crt", leaf.certificates);
  };
  const KeyPair first = *make_authority("first", 1h), second = *make_authority("second", 1h);
  install(first);
  options_.certificates.certificate_file = (folder_.path() / "tls.crt").string();
  options_.certificates.key_file = (folder_.path() / "tls.key").string();
  start();
  // Clients that trust both, as caBundle does during a rotation: some keep their connection, some make a new one each
  // time.
  const std::string both = first.certificates + second.certificates;
  std::atomic<bool> ending = false;
  std::atomic<int> answered = 0, failed = 0;
  std::vector<std::thread> clients;
  for (const bool keeps : {true, true, false, false}) {
    clients.emplace_back([&, keeps] {
      std::unique_ptr<TestClient> client;
      while (!ending) {
        if (!client || !keeps) client = std::make_unique<TestClient>(webhook_->port(), Tls::kOn);
        const bool sent = client->connected() && client->send(post("/validate", kReview));
        ++(sent && client->read().status == 200 ? answered : failed);
      }
    });
  }
  std::this_thread::sleep_for(50ms);
  install(second);
  EXPECT_TRUE(comes("/metrics", "plimsoll_reloads_total{what=\"certificates\"} 1"));
  EXPECT_TRUE(TestClient(webhook_->port(), Tls::kOn, second.certificates).connected());
  EXPECT_FALSE(TestClient(webhook_->port(), Tls::kOn, first.certificates).connected());
  folder_.write("tls.crt", "nonsense");
  EXPECT_TRUE(comes("/readyz?verbose", "certificate reload failed"));
  EXPECT_TRUE(TestClient(webhook_->port(), Tls::kOn, second.certificates).connected());
  ending = true;
  for (std::thread& client : clients) client.join();
  EXPECT_GT(answered.load(), 10);
  EXPECT_EQ(failed.load(), 0);
}

TEST_F(WebhookTest, EndsInGoodOrder) {
  options_.drain_delay = 6s;  // time for a busy machine to ask in
  start();
  TestClient client(webhook_->port(), Tls::kOn);
  client.send(post("/validate", kReview));
  EXPECT_EQ(client.read().status, 200);
  bool clean = false;
  std::thread ending([&] { clean = webhook_->stop(); });
  EXPECT_TRUE(comes("/readyz?verbose", "serving: shutting down"));
  EXPECT_EQ(status("/readyz").status, 503);
  // Until the cluster has noticed, requests are still answered.
  client.send(post("/validate", kReview));
  const TestAnswer last = client.read();
  EXPECT_EQ(last.status, 200);
  EXPECT_NE(last.headers.find("Connection: close"), std::string::npos);
  ending.join();
  EXPECT_TRUE(clean);
}

TEST_F(WebhookTest, SaysWhyItCannotStart) {
  folder_.write("policies/bad.yaml", "kind: [");
  const auto bad = Webhook::start(options_, log_);
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().to_string().find("bad.yaml:1:"), std::string::npos) << bad.error().to_string();
  std::filesystem::remove(folder_.path() / "policies/bad.yaml");
  options_.certificates.certificate_file = options_.certificates.key_file = (folder_.path() / "absent.pem").string();
  EXPECT_FALSE(Webhook::start(options_, log_));
}

TEST(CertificatesTest, RefusesWhatDoesNotFitOrIsOver) {
  const KeyPair authority = *make_authority("a", 1h);
  const KeyPair one = *make_leaf(authority, {"localhost"}, 1h), other = *make_leaf(authority, {"localhost"}, 1h);
  Certificates certificates;
  ASSERT_TRUE(certificates.use(one));
  const auto mixed = certificates.use({one.certificates, other.key});
  ASSERT_FALSE(mixed);
  EXPECT_NE(mixed.error().message().find("does not belong"), std::string::npos) << mixed.error().message();
  const auto over = certificates.use(*make_leaf(authority, {"localhost"}, -1s));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().message(), "the certificate has expired");
  EXPECT_FALSE(certificates.use({"x", "y"}));
  EXPECT_NE(certificates.context(), nullptr);
}

}  // namespace
}  // namespace plimsoll::webhook
