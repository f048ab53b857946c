#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace plimsoll::cli_test {
namespace {

TEST(WebhookCommand, PrintsWhatDeploysItAndThatPassesItsOwnRules) {
  Folder folder;
  const Outcome printed = folder.run({"webhook", "manifests", "--set", "mutating.enabled=true"});
  EXPECT_EQ(printed.code, 0) << printed.err;
  for (const std::string kind : {"Deployment", "Service", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "Secret",
                                 "PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy", "ServiceAccount"}) {
    EXPECT_NE(printed.out.find("\nkind: " + kind + "\n"), std::string::npos) << kind;
  }
  folder.write("webhook.yaml", printed.out);
  const Outcome linted = folder.run({"lint", "--no-config", "--pack", "pod-security-restricted", "webhook.yaml"});
  EXPECT_EQ(linted.code, 0) << linted.out << linted.err;
  const Outcome wrong = folder.run({"webhook", "manifests", "--set", "validating.failurePolicy=Maybe"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err.find("failurePolicy"), std::string::npos) << wrong.err;
}

TEST(WebhookCommand, ManagedCertificatesGetJustTheRightsTheyNeed) {
  Folder folder;
  const std::string managed = folder.run({"webhook", "manifests"}).out;
  for (const std::string part : {"- --cert-secret=plimsoll-certificates", "- --webhook-config=plimsoll", "resourceNames: [plimsoll-certificates]",
                                 "resourceNames: [plimsoll]", "automountServiceAccountToken: true", "{port: 6443, protocol: TCP}"}) {
    EXPECT_NE(managed.find(part), std::string::npos) << part;
  }
  for (const std::string part : {"caBundle:", "--tls-cert", "--in-cluster", "verbs: [list, watch]", "create]"}) {
    EXPECT_EQ(managed.find(part), std::string::npos) << part;
  }
  const std::string generated = folder.run({"webhook", "manifests", "--set", "certificate.source=generated"}).out;
  for (const std::string part : {"caBundle:", "- --tls-cert=", "tls.key:", "automountServiceAccountToken: false", "egress: []"}) {
    EXPECT_NE(generated.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(generated.find("kind: Role\n"), std::string::npos);
  EXPECT_EQ(generated.find("kind: ClusterRole\n"), std::string::npos);
  const std::string with_cert_manager = folder.run({"webhook", "manifests", "--set", "certificate.source=certManager", "--set", "mutating.enabled=true"}).out;
  const size_t first = with_cert_manager.find("cert-manager.io/inject-ca-from: plimsoll-system/plimsoll\n");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(with_cert_manager.find("cert-manager.io/inject-ca-from: plimsoll-system/plimsoll\n", first + 1), std::string::npos);
}

TEST(WebhookCommand, SaysWhatIsMissingOrWrong) {
  Folder folder;
  const auto error_of = [&](const std::vector<std::string>& arguments) {
    const Outcome outcome = folder.run(arguments);
    EXPECT_EQ(outcome.code, 2);
    return outcome.err;
  };
  EXPECT_NE(error_of({"webhook"}).find("either --tls-cert FILE and --tls-key FILE, or --self-signed"), std::string::npos);
  EXPECT_NE(error_of({"webhook", "--self-signed", "--listen", "nowhere"}).find("--listen nowhere: must be ADDR:PORT"), std::string::npos);
  EXPECT_NE(error_of({"webhook", "--self-signed", "--listen", "127.0.0.1:0", "--pack", "none"}).find("none"), std::string::npos);
  EXPECT_NE(error_of({"webhook", "--self-signed", "--fail-open", "--fail-closed"}).find("exclude each other"), std::string::npos);
  struct Case {
    std::vector<std::string> flags;
    std::string error;
  };
  const Case certificates[] = {
      {{"--self-signed", "--tls-cert", "a", "--tls-key", "b"}, "either --tls-cert FILE and --tls-key FILE, or --self-signed"},
      {{"--tls-cert", "a"}, "belong together"},
      {{"--tls-cert", "a", "--tls-key", "b", "--cert-secret", "s"}, "with --self-signed"},
      {{"--self-signed", "--cert-lifetime", "9s"}, "--cert-lifetime 9s: must be a number and d, h, m or s, from 10s to 36500d"},
      {{"--self-signed", "--cert-lifetime", "30"}, "--cert-lifetime 30: must be"},
      {{"--self-signed", "--ca-lifetime", "99999999999999999999d"}, "--ca-lifetime 99999999999999999999d: must be"},
      {{"--self-signed", "--ca-lifetime", "100d"}, "--ca-lifetime 100d: must be three times as long as --cert-lifetime 90d"},
      {{"--self-signed", "--webhook-config", "plimsoll"}, "--webhook-config needs --cert-secret"},
      {{"--self-signed", "--cert-secret", "s", "--cert-dir", "d"}, "exclude each other"},
      {{"--self-signed", "--cert-secret", "s"}, "give a kubeconfig file"},
  };
  for (const Case& c : certificates) {
    std::vector<std::string> arguments = {"webhook", "--listen", "127.0.0.1:0"};
    arguments.insert(arguments.end(), c.flags.begin(), c.flags.end());
    const std::string error = error_of(arguments);
    EXPECT_NE(error.find(c.error), std::string::npos) << error;
  }
  folder.write("webhook.yaml", "modes: [{mode: loud}]\n");
  EXPECT_NE(error_of({"webhook", "--self-signed", "--listen", "127.0.0.1:0", "--config", "webhook.yaml"}).find("webhook.yaml:1:"),
            std::string::npos);
}

}  // namespace
}  // namespace plimsoll::cli_test
