#include "webhook/self_signed.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "tests/temporary_folder.h"
#include "webhook/fake_certificate_api.h"
#include "webhook/secret_store.h"

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;
using Changes = std::vector<std::string_view>;
using Refusal = FakeCertificateApi::Refusal;

constexpr const char* kValidating = "ValidatingWebhookConfiguration";
constexpr const char* kMutating = "MutatingWebhookConfiguration";

// Replicas that share a Secret, on a clock that the test sets.
class SharedCertificatesTest : public testing::Test {
 protected:
  struct Replica {
    explicit Replica(SharedCertificatesTest& test)
        : client(test.fake_.access(), {.attempts = 1}),
          own({.rotation = test.rotation_, .now = [this, &test] { return test.now_ + skew; }}, secret_store(client, "space", "tls"), CaBundle(client, "plimsoll")) {}
    cluster::Client client;
    std::chrono::seconds skew{0};
    SelfSigned own;
  };

  SharedCertificatesTest() {
    fake_.add_configuration(kValidating, {"a.example.com", "b.example.com"});
    fake_.add_configuration(kMutating, {"c.example.com"});
  }

  std::unique_ptr<Replica> replica() { return std::make_unique<Replica>(*this); }
  static SelfSigned::Outcome ensure(Replica& replica) {
    auto outcome = replica.own.ensure();
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    return outcome ? *std::move(outcome) : SelfSigned::Outcome();
  }
  static std::string error_of(Replica& replica) {
    const auto outcome = replica.own.ensure();
    EXPECT_FALSE(outcome);
    return outcome ? "" : outcome.error().to_string();
  }
  void expect_bundles(const std::string& pem) {
    EXPECT_EQ(fake_.bundles(kValidating), (std::vector<std::string>{pem, pem}));
    EXPECT_EQ(fake_.bundles(kMutating), std::vector<std::string>{pem});
  }

  RotationOptions rotation_{.names = {"localhost"}, .leaf_lifetime = 100s, .authority_lifetime = 400s};
  Time now_ = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  FakeCertificateApi fake_;
};

TEST_F(SharedCertificatesTest, TheFirstMakesASecretAndAllServeTheSame) {
  const auto first = replica(), second = replica();
  const auto outcome = ensure(*first);
  EXPECT_EQ(outcome.changes, (Changes{"authority made", "certificate made"}));
  EXPECT_EQ(outcome.published.patched.size(), 2U);
  EXPECT_TRUE(ensure(*second).changes.empty());
  EXPECT_EQ(first->own.leaf(), second->own.leaf());
  EXPECT_NE(fake_.secret().find(R"("type":"kubernetes.io/tls")"), std::string::npos);
  expect_bundles(fake_.secret_field("ca.crt"));
  EXPECT_TRUE(is_signed_by(fake_.secret_field("tls.crt"), fake_.secret_field("ca.crt")));
  EXPECT_TRUE(first->own.was_published());
  // What was good is left alone.
  const size_t before = fake_.requests().size();
  ensure(*first);
  const auto requests = fake_.requests();
  for (size_t i = before; i < requests.size(); ++i) EXPECT_TRUE(requests[i].starts_with("GET ")) << requests[i];
}

TEST_F(SharedCertificatesTest, AnEmptySecretOfAChartIsFilledAndKeepsItsLabels) {
  fake_.put_secret("{}", R"({"helm.sh/resource-policy":"keep"})");
  const auto one = replica();
  ensure(*one);
  EXPECT_FALSE(fake_.secret_field("tls.key").empty());
  EXPECT_NE(fake_.secret().find(R"("team":"a")"), std::string::npos);
  EXPECT_NE(fake_.secret().find("helm.sh/resource-policy"), std::string::npos);
  for (const std::string& request : fake_.requests()) EXPECT_FALSE(request.starts_with("POST")) << request;
}

TEST_F(SharedCertificatesTest, OfTwoThatWriteAtOnceOneWinsAndTheOtherTakesWhatItMade) {
  for (const bool exists : {false, true}) {
    fake_.remove_secret();
    if (exists) fake_.put_secret("{}");
    const auto slow = replica(), fast = replica();
    bool done = false;
    fake_.refuse = [&](const FakeCertificateApi::Request& request) -> std::optional<Refusal> {
      // Just before the slow one writes, the fast one has.
      if (!done && request.method != "GET" && request.target.find("/secrets") != std::string::npos) {
        done = true;
        ensure(*fast);
      }
      return std::nullopt;
    };
    EXPECT_TRUE(ensure(*slow).changes.empty());
    fake_.refuse = nullptr;
    EXPECT_TRUE(done);
    EXPECT_EQ(slow->own.leaf(), fast->own.leaf());
    EXPECT_EQ(slow->own.leaf().key, fake_.secret_field("tls.key"));
    ensure(*slow);
    expect_bundles(fake_.secret_field("ca.crt"));
  }
}

TEST_F(SharedCertificatesTest, WhoWasLateToLearnOfABundleCannotUndoANewerOne) {
  const auto late = replica(), other = replica();
  ensure(*late);
  ensure(*other);
  // The late one has read the Secret; before it sets a bundle, the other announces an authority and publishes it.
  fake_.patch_configuration(kValidating, R"([{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}])");
  bool done = false;
  fake_.refuse = [&](const FakeCertificateApi::Request& request) -> std::optional<Refusal> {
    if (!done && request.method == "PATCH" && request.target.find("validating") != std::string::npos) {
      done = true;
      now_ += 300s;
      ensure(*other);
    }
    return std::nullopt;
  };
  const auto outcome = ensure(*late);
  fake_.refuse = nullptr;
  EXPECT_FALSE(outcome.published.error) << outcome.published.error->to_string();
  EXPECT_TRUE(outcome.published.patched.empty());
  expect_bundles(other->own.set().bundle());
  EXPECT_FALSE(other->own.set().next.certificates.empty());
}

TEST_F(SharedCertificatesTest, KeepsCaBundleAndNothingElse) {
  const auto one = replica();
  ensure(*one);
  const std::string pem = one->own.set().bundle();
  fake_.patch_configuration(kValidating, R"([{"op":"add","path":"/webhooks/1/clientConfig/caBundle","value":"QQ=="},
      {"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"},{"op":"add","path":"/metadata/labels","value":{"by":"gitops"}}])");
  EXPECT_EQ(ensure(*one).published.patched, std::vector<std::string>{"ValidatingWebhookConfiguration plimsoll"});
  expect_bundles(pem);
  EXPECT_NE(fake_.configuration(kValidating).find(R"("failurePolicy":"Ignore")"), std::string::npos);
  EXPECT_NE(fake_.configuration(kValidating).find("gitops"), std::string::npos);
}

TEST_F(SharedCertificatesTest, AnAuthorityIsPutInChargeWhenAllConfigurationsHadItLongEnough) {
  const auto one = replica(), other = replica();
  ensure(*one);
  const std::string first = one->own.set().authority.certificates;
  now_ += 270s;
  EXPECT_EQ(ensure(*one).changes.front(), "next authority announced");
  expect_bundles(one->own.set().bundle());
  ensure(*one);
  now_ += 15s;
  EXPECT_TRUE(ensure(*one).changes.empty());
  // Somebody overwrites it: the time begins anew.
  fake_.patch_configuration(kMutating, R"([{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}])");
  ensure(*one);
  now_ += 15s;
  EXPECT_TRUE(ensure(*one).changes.empty());
  EXPECT_TRUE(is_signed_by(one->own.leaf().certificates, first));
  // One that has just started has not seen it for long.
  EXPECT_TRUE(ensure(*other).changes.empty());
  now_ += 20s;
  EXPECT_EQ(ensure(*one).changes.front(), "next authority put in charge");
  EXPECT_FALSE(is_signed_by(one->own.leaf().certificates, first));
  EXPECT_NE(one->own.set().bundle().find(first), std::string::npos);
  ensure(*other);
  EXPECT_EQ(other->own.leaf(), one->own.leaf());
  // The last certificate of the former authority was made when it was announced.
  now_ += 100s;
  ensure(*one);
  EXPECT_EQ(one->own.set().bundle(), one->own.set().authority.certificates);
  expect_bundles(one->own.set().bundle());
}

TEST_F(SharedCertificatesTest, AConfigurationThatMayNotBePatchedHoldsTheRotationUp) {
  const auto one = replica();
  ensure(*one);
  fake_.refuse = [](const FakeCertificateApi::Request& request) -> std::optional<Refusal> {
    if (request.method == "PATCH" && request.target.find("mutating") != std::string::npos) return Refusal{403, "not allowed to patch"};
    return std::nullopt;
  };
  now_ += 270s;
  ensure(*one);
  for (int i = 0; i < 5; ++i, now_ += 15s) {
    const auto outcome = ensure(*one);
    ASSERT_TRUE(outcome.published.error);
    EXPECT_NE(outcome.published.error->to_string().find("MutatingWebhookConfiguration plimsoll: "), std::string::npos);
    EXPECT_NE(outcome.published.error->remedy().find("a ClusterRole must allow the account to patch it"), std::string::npos) << outcome.published.error->remedy();
  }
  EXPECT_FALSE(one->own.set().next.certificates.empty());
  EXPECT_EQ(fake_.bundles(kValidating).front(), one->own.set().bundle());
}

TEST_F(SharedCertificatesTest, SaysWhatItMayNotDoAndWhatWouldHelp) {
  struct Case {
    std::string method;
    Refusal refusal;
    bool exists;
    std::vector<std::string_view> parts;
  };
  const Case cases[] = {
      {"GET", {403, "no get"}, true, {"Secret space/tls: ", "no get", "a Role must allow the account to get this Secret"}},
      {"POST", {403, "no create"}, false, {"no create", "kubectl -n space create secret generic tls"}},
      {"PATCH", {403, "no patch"}, true, {"no patch", "a Role must allow the account to patch this Secret"}},
      {"PATCH", {500, "etcd"}, true, {"etcd"}},
      {"PATCH", {409, "changed"}, true, {"changed all the time by others"}},
  };
  for (const Case& c : cases) {
    fake_.remove_secret();
    if (c.exists) fake_.put_secret("{}");
    fake_.refuse = [&](const FakeCertificateApi::Request& request) -> std::optional<Refusal> {
      if (request.method == c.method && request.target.find("/secrets") != std::string::npos) return c.refusal;
      return std::nullopt;
    };
    const std::string error = error_of(*replica());
    for (const std::string_view part : c.parts) EXPECT_NE(error.find(part), std::string::npos) << part << " in " << error;
  }
}

TEST_F(SharedCertificatesTest, ASecretOfSomebodyElseIsLeftAlone) {
  fake_.put_secret(R"({"tls.crt":"QQ==","tls.key":"c2VjcmV0"})");
  const std::string before = fake_.secret();
  const std::string error = error_of(*replica());
  EXPECT_NE(error.find("Secret space/tls holds data that was not made here"), std::string::npos) << error;
  EXPECT_NE(error.find("name another"), std::string::npos);
  EXPECT_EQ(error.find("secret"), std::string::npos) << error;
  EXPECT_EQ(fake_.secret(), before);
}

TEST_F(SharedCertificatesTest, ASecretThatIsLostIsPutBackByWhoKnowsIt) {
  const auto one = replica();
  ensure(*one);
  const KeyPair leaf = one->own.leaf();
  fake_.remove_secret();
  EXPECT_EQ(ensure(*one).changes, Changes{"what was lost put back"});
  EXPECT_EQ(fake_.secret_field("tls.key"), leaf.key);
  // Garbled: a replica that has just started gives the others time to.
  fake_.put_secret(R"({"ca.crt":"QQ==","ca.key":"QQ==","tls.crt":"QQ=="})");
  const auto fresh = replica();
  EXPECT_NE(error_of(*fresh).find("ca.crt cannot be read"), std::string::npos);
  EXPECT_EQ(ensure(*one).changes, Changes{"what was lost put back"});
  ensure(*fresh);
  EXPECT_EQ(fresh->own.leaf(), leaf);
  // Where nobody knows, it is made anew.
  fake_.put_secret(R"({"ca.crt":"QQ==","ca.key":"QQ==","tls.crt":"QQ=="})");
  const auto alone = replica();
  error_of(*alone);
  now_ += 5s;
  EXPECT_EQ(ensure(*alone).changes.front(), "authority made");
  expect_bundles(fake_.secret_field("ca.crt"));
}

TEST_F(SharedCertificatesTest, WithoutItsStoreALeafIsStillRenewed) {
  const auto one = replica();
  ensure(*one);
  const KeyPair leaf = one->own.leaf();
  fake_.refuse = [](const FakeCertificateApi::Request&) { return Refusal{403, "no"}; };
  now_ += 80s;
  error_of(*one);
  EXPECT_NE(one->own.leaf(), leaf);
  EXPECT_TRUE(is_signed_by(one->own.leaf().certificates, one->own.set().bundle()));
  fake_.refuse = nullptr;
  ensure(*one);
  EXPECT_EQ(one->own.leaf().key, fake_.secret_field("tls.key"));
}

// Replicas come, go, are late, have wrong clocks, and are interrupted between any two requests, while authorities are replaced again and
// again: nobody is ever refused by an API server that learns of a bundle with delay.
TEST_F(SharedCertificatesTest, NobodyIsEverRefused) {
  std::minstd_rand random(7);
  const auto chance = [&](int one_in) { return random() % static_cast<unsigned>(one_in) == 0; };
  std::vector<std::unique_ptr<Replica>> replicas;
  const auto start = [&] {
    auto one = replica();
    one->skew = std::chrono::seconds(static_cast<int>(random() % 7) - 3);
    replicas.push_back(std::move(one));
  };
  for (int i = 0; i < 3; ++i) start();
  bool failing = false;
  fake_.refuse = [&](const FakeCertificateApi::Request&) -> std::optional<Refusal> {
    if (failing && chance(4)) return Refusal{500, "interrupted"};
    return std::nullopt;
  };
  ensure(*replicas.front());
  constexpr size_t kDelay = 8;  // seconds until an API server knows
  std::vector<std::vector<std::string>> bundles;
  std::vector<std::string> authorities;
  std::map<std::pair<std::string, std::string>, bool> trusts;
  size_t checks = 0;
  for (int second = 0; second < 650; ++second, now_ += 1s) {
    failing = second > 2;
    for (auto& one : replicas) {
      if (!chance(4)) continue;
      if (second > 10 && chance(60)) one = replica();  // restarted
      [[maybe_unused]] const auto outcome = one->own.ensure();
    }
    std::vector<std::string> present = fake_.bundles(kValidating);
    for (const std::string& bundle : fake_.bundles(kMutating)) present.push_back(bundle);
    bundles.push_back(std::move(present));
    if (second < 30) continue;
    for (const auto& one : replicas) {
      const KeyPair& leaf = one->own.leaf();
      if (leaf.certificates.empty()) continue;
      const auto info = inspect_certificate(leaf.certificates);
      ASSERT_LT(info->not_before, now_) << second;
      ASSERT_GT(info->not_after, now_) << second;
      for (const std::string& bundle : bundles[bundles.size() - 1 - kDelay]) {
        const auto [known, first] = trusts.try_emplace({leaf.certificates, bundle}, false);
        if (first) {
          for (const std::string& authority : split_certificates(bundle)) known->second = known->second || is_signed_by(leaf.certificates, authority);
        }
        ASSERT_TRUE(known->second) << second;
        ++checks;
      }
    }
    if (const std::string authority = split_certificates(fake_.secret_field("ca.crt")).front(); authorities.empty() || authorities.back() != authority) {
      authorities.push_back(authority);
    }
  }
  EXPECT_GE(authorities.size(), 3U);
  EXPECT_GT(checks, 4000U);
}

TEST(FolderCertificatesTest, KeepsWhatIsStillGoodInItsFolder) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "certs").string();
  const auto open = [&](std::vector<std::string> names) { return SelfSigned({.rotation = {.names = std::move(names)}}, folder_store(path)); };
  SelfSigned first = open({"a.example.com", "10.0.0.1"});
  EXPECT_EQ(first.ensure()->changes.size(), 2U);
  EXPECT_TRUE(first.ensure()->changes.empty());
  SelfSigned again = open({"10.0.0.1", "a.example.com"});
  EXPECT_TRUE(again.ensure()->changes.empty());
  EXPECT_EQ(again.leaf(), first.leaf());
  for (const char* name : {"/tls.key", "/ca.key"}) {
    EXPECT_EQ(std::filesystem::status(path + name).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  // What is damaged is made anew at once: there is nobody else who could put it back.
  folder.write("certs/ca.crt", "nonsense");
  SelfSigned damaged = open({"a.example.com"});
  EXPECT_EQ(damaged.ensure()->changes.front(), "authority made");
}

TEST(FolderCertificatesTest, AnAuthorityIsAnnouncedLongBeforeItSigns) {
  const TemporaryFolder folder;
  Time now = std::chrono::system_clock::now();
  SelfSigned own({.rotation = {.names = {"localhost"}, .leaf_lifetime = 24h, .authority_lifetime = 24h * 60}, .now = [&] { return now; }},
                 folder_store(folder.path().string()));
  ASSERT_TRUE(own.ensure());
  const std::string first = own.set().bundle();
  now += 24h * 41;
  ASSERT_TRUE(own.ensure());
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "next-ca.key"));
  now += 24h * 8;
  ASSERT_TRUE(own.ensure());
  EXPECT_TRUE(is_signed_by(own.leaf().certificates, first));
  now += 24h * 2;
  ASSERT_TRUE(own.ensure());
  EXPECT_FALSE(is_signed_by(own.leaf().certificates, first));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "next-ca.key"));
}

}  // namespace
}  // namespace plimsoll::webhook
