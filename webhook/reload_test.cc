// Rules that change while requests come: none is lost, each is judged by one whole set of rules. Also what the thread sanitizer looks at.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "engine/cluster/fake_cluster.h"
#include "tests/temporary_folder.h"
#include "webhook/test_client.h"
#include "webhook/webhook.h"

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;
using Tls = TestClient::Tls;

constexpr std::string_view kReview =
    R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "operation": "CREATE",
  "kind": {"group": "", "version": "v1", "kind": "ConfigMap"}, "resource": {"group": "", "version": "v1", "resource": "configmaps"},
  "namespace": "shop", "name": "a", "userInfo": {"username": "alice"}, "object": {"metadata": {"name": "a"}}}})";

std::string spec(std::string_view expression, std::string_view message) {
  return fmt::format(R"("spec":{{"matchConstraints":{{"resourceRules":[{{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],
      "resources":["configmaps"]}}]}},"validations":[{{"expression":"{}","message":"{}"}}]}})", expression, message);
}

class ReloadTest : public testing::Test {
 protected:
  ReloadTest() {
    for (const auto& [kind, plural] : {std::pair("Policy", "policies"), std::pair("PackParams", "packparams"), std::pair("PolicyException", "policyexceptions")}) {
      cluster_.serve("plimsoll.dev/v1", kind, plural);
    }
    cluster_.serve("v1", "Namespace", "namespaces");
    cluster_.serve("v1", "Secret", "secrets");
    options_.address = "127.0.0.1";
    options_.port = 0;
    options_.threads = 2;
    options_.metrics_listen = std::pair("127.0.0.1", uint16_t{0});
    options_.certificates.rotation.names = {"localhost"};
    options_.cluster = cluster_.access();
    options_.poll_interval = 10ms;
    options_.drain_delay = 0ms;
  }
  void start() {
    auto webhook = Webhook::start(options_, log_);
    ASSERT_TRUE(webhook) << webhook.error().to_string();
    webhook_ = *std::move(webhook);
  }
  TestAnswer status(std::string_view path) {
    TestClient client(webhook_->metrics_port(), Tls::kOff);
    client.send(get(path));
    return client.read();
  }
  bool comes(std::string_view path, std::string_view text) {
    for (int i = 0; i < 500; ++i) {
      if (status(path).body.find(text) != std::string::npos) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  std::string ask() {
    TestClient client(webhook_->port(), Tls::kOn, webhook_->authority());
    client.send(post("/validate", kReview));
    return client.read().body;
  }

  cluster::FakeCluster cluster_;
  WebhookOptions options_;
  Log log_{LogFormat::kText, LogLevel::kError};
  std::unique_ptr<Webhook> webhook_;
};

TEST_F(ReloadTest, ReadinessTellsWhichPolicyOfTheClusterIsMissingAndWhy) {
  cluster_.set("policies", "", "sound", spec("false", "sound"));
  cluster_.set("policies", "", "broken", spec("object.(", "broken"));
  start();
  ASSERT_TRUE(comes("/readyz?verbose", "the policies of the cluster are not in force: Policy/broken"));
  EXPECT_EQ(status("/readyz").status, 503);
  EXPECT_TRUE(comes("/metrics", "plimsoll_reload_failures_total{what=\"policies\"} 1\n"));
  cluster_.remove("policies", "", "broken");
  ASSERT_TRUE(comes("/readyz?verbose", "readyz check passed"));
  EXPECT_NE(ask().find("sound [sound]"), std::string::npos);
  // Later, what is broken takes nothing away.
  cluster_.refuse("secrets", 403);
  cluster_.set("policies", "", "sound", spec("resources.list('v1', 'Secret').size() == 7", "others"));
  cluster_.set("policies", "", "broken", spec("object.(", "broken"));
  ASSERT_TRUE(comes("/readyz?verbose", "policy reload failed: generation 2 stays in force: Policy/broken"));
  EXPECT_EQ(status("/readyz").status, 200);
  EXPECT_NE(ask().find("sound [sound]"), std::string::npos);
  EXPECT_TRUE(comes("/metrics", "plimsoll_cluster_objects{group=\"plimsoll.dev\",kind=\"Policy\"} 2\n"));
}

TEST_F(ReloadTest, RulesAreReplacedUnderLoadAndTheEndIsInGoodOrder) {
  cluster_.set("policies", "", "changing", spec("resources.list('v1', 'Secret').size() < 0", "version 0"));
  start();
  ASSERT_TRUE(comes("/readyz?verbose", "readyz check passed"));
  std::atomic<bool> ending = false;
  std::atomic<int> judged = 0, failed = 0, late = 0;
  std::mutex mutex;
  std::string failure;  // the first answer that is not as it should be
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      std::unique_ptr<TestClient> client;
      while (!ending) {
        if (!client) client = std::make_unique<TestClient>(webhook_->port(), Tls::kOn);
        if (!client->connected() || !client->send(post("/validate", kReview))) {
          client.reset();
          ++late;
          continue;
        }
        const TestAnswer answer = client->read();
        const bool sound = answer.status == 200 && answer.body.find("version ") != std::string::npos && answer.body.find("[changing]") != std::string::npos;
        if (!sound && failed == 0) {
          const std::lock_guard lock(mutex);
          failure = answer.headers + answer.body;
        }
        ++(sound ? judged : failed);
      }
    });
  }
  for (int version = 1; version <= 10; ++version) {
    cluster_.set("policies", "", "changing", spec("resources.list('v1', 'Secret').size() < 0", fmt::format("version {}", version)));
    cluster_.set("secrets", "shop", fmt::format("s{}", version), "");
    if (version % 3 == 0) webhook_->reload();
    for (int i = 0; i < 500 && ask().find(fmt::format("version {} ", version)) == std::string::npos; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_NE(ask().find(fmt::format("version {} ", version)), std::string::npos);
  }
  EXPECT_TRUE(comes("/metrics", "plimsoll_cluster_objects{group=\"\",kind=\"Secret\"} 10\n"));
  EXPECT_EQ(late, 0);
  const int before = judged;
  for (int i = 0; i < 10'000 && judged < before + 10 && failed == 0; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_GE(judged, before + 10);
  EXPECT_EQ(failed, 0);
  ending = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(failure, "");
  EXPECT_TRUE(webhook_->stop());
}

}  // namespace
}  // namespace plimsoll::webhook
