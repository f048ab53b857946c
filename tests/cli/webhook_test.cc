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
  folder.write("webhook.yaml", "modes: [{mode: loud}]\n");
  EXPECT_NE(error_of({"webhook", "--self-signed", "--listen", "127.0.0.1:0", "--config", "webhook.yaml"}).find("webhook.yaml:1:"),
            std::string::npos);
}

}  // namespace
}  // namespace plimsoll::cli_test
