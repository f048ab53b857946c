#include "webhook/certificate_keeper.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "webhook/fake_certificate_api.h"

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;

class CertificateKeeperTest : public testing::Test {
 protected:
  CertificateOptions shared() {
    return {.rotation = {.names = {"localhost"}, .leaf_lifetime = 10s, .authority_lifetime = 300s},
            .secret_namespace = "space",
            .secret_name = "tls",
            .webhook_configuration = "plimsoll",
            .cluster = fake_.access()};
  }
  static std::string description(const CertificateKeeper& keeper) {
    std::string text;
    keeper.describe([&](char mark, std::string_view what, const std::string& detail) { text += fmt::format("[{}]{}: {}\n", mark, what, detail); });
    return text;
  }
  static double sample(const CertificateKeeper& keeper, std::string_view name, std::string_view labels = {}) {
    std::vector<Sample> samples;
    keeper.append_samples(samples);
    const auto found = std::ranges::find_if(samples, [&](const Sample& one) { return one.name == name && one.labels == labels; });
    return found == samples.end() ? -1 : found->value;
  }
  template <typename Condition>
  static bool comes(const Condition& condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(20ms);
    return condition();
  }

  FakeCertificateApi fake_;
  Log log_{LogFormat::kText, LogLevel::kError};
};

TEST_F(CertificateKeeperTest, WaitsForTheClusterAndIsNotReadyUntilApiServersKnowWhomToTrust) {
  fake_.add_configuration("ValidatingWebhookConfiguration", {"a.example.com"});
  std::atomic<bool> secret = false, bundle = false;
  fake_.refuse = [&](const FakeCertificateApi::Request& request) -> std::optional<FakeCertificateApi::Refusal> {
    const bool allowed = request.method == "GET" || (request.target.find("/secrets") != std::string::npos ? secret : bundle);
    if (!allowed) return FakeCertificateApi::Refusal{403, "not allowed"};
    return std::nullopt;
  };
  CertificateKeeper keeper(shared(), 20ms, log_);
  ASSERT_TRUE(keeper.start());
  EXPECT_EQ(keeper.context(), nullptr);
  EXPECT_FALSE(keeper.ready());
  EXPECT_NE(description(keeper).find("[-]certificate: none yet\n[!]certificate reload failed: Secret space/tls: "), std::string::npos) << description(keeper);
  secret = true;
  ASSERT_TRUE(comes([&] { return keeper.context() != nullptr; }));
  ASSERT_TRUE(comes([&] { return description(keeper).find("[!]caBundle: ValidatingWebhookConfiguration plimsoll: ") != std::string::npos; })) << description(keeper);
  EXPECT_FALSE(keeper.ready());
  bundle = true;
  ASSERT_TRUE(comes([&] { return keeper.ready(); }));
  ASSERT_TRUE(comes([&] { return description(keeper).find("[!]") == std::string::npos; })) << description(keeper);
  EXPECT_NE(description(keeper).find("[+]certificate authority: CN=plimsoll "), std::string::npos) << description(keeper);
  EXPECT_EQ(fake_.bundles("ValidatingWebhookConfiguration").front(), keeper.authority());
  EXPECT_GT(sample(keeper, "plimsoll_certificate_authority_expiry_timestamp_seconds"), sample(keeper, "plimsoll_certificate_expiry_timestamp_seconds"));
  // Ten seconds are soon over.
  const auto before = keeper.context();
  ASSERT_TRUE(comes([&] { return sample(keeper, "plimsoll_certificate_rotations_total", R"(what="certificate")") >= 1; }));
  EXPECT_NE(keeper.context(), before);
  EXPECT_EQ(sample(keeper, "plimsoll_certificate_rotations_total", R"(what="authority")"), 0);
  // What comes later does not take back readiness.
  bundle = secret = false;
  keeper.reload();
  EXPECT_TRUE(keeper.ready());
}

TEST_F(CertificateKeeperTest, ReplicasServeOneCertificateAndKeepTheConfigurationThatComesLater) {
  CertificateKeeper one(shared(), 20ms, log_), other(shared(), 20ms, log_);
  ASSERT_TRUE(one.start());
  ASSERT_TRUE(other.start());
  EXPECT_TRUE(one.ready());
  EXPECT_TRUE(comes([&] { return one.authority() == other.authority(); }));
  fake_.add_configuration("MutatingWebhookConfiguration", {"a.example.com"});
  EXPECT_TRUE(comes([&] { return fake_.bundles("MutatingWebhookConfiguration").front() == one.authority(); }));
}

}  // namespace
}  // namespace plimsoll::webhook
