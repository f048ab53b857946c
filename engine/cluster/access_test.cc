#include "engine/cluster/access.h"

#include <gtest/gtest.h>

#include "tests/temporary_folder.h"

namespace plimsoll::cluster {
namespace {

std::string config(std::string_view cluster, std::string_view user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: dev\ncontexts:\n- {name: dev, context: {cluster: c, user: u, namespace: shop}}\n"
         "clusters:\n- name: c\n  cluster: " + std::string(cluster) + "\nusers:\n- name: u\n  user: " + std::string(user) + "\n";
}

TEST(KubeconfigTest, ReadsServerCredentialsAndNamespaceOfTheCurrentContext) {
  const auto access = parse_kubeconfig(
      config("{server: 'https://[::1]:6443/k8s/c-1/', certificate-authority-data: Q0E=, tls-server-name: kubernetes}",
             "{client-certificate: pki/me.crt, client-key: /etc/me.key, tokenFile: token}"),
      "/home/me/.kube/config");
  ASSERT_TRUE(access) << access.error().to_string();
  EXPECT_EQ(access->url(), "https://[::1]:6443/k8s/c-1");
  EXPECT_EQ(access->host, "::1");
  EXPECT_EQ(access->authority.text, "CA");
  EXPECT_EQ(access->server_name, "kubernetes");
  EXPECT_EQ(access->client_certificate.file, "/home/me/.kube/pki/me.crt");
  EXPECT_EQ(access->client_key.file, "/etc/me.key");
  EXPECT_EQ(access->token.file, "/home/me/.kube/token");
  EXPECT_EQ(access->namespace_name, "shop");
  EXPECT_TRUE(access->verify);
}

TEST(KubeconfigTest, RefusesWhatItCannotDoWithPlaceAndRemedy) {
  struct Case {
    std::string text;
    std::vector<std::string_view> parts;
  };
  const std::string good = "{server: 'https://h'}";
  const Case cases[] = {
      {config(good, "{exec: {command: aws}}"), {"config:11:", "users[0].user.exec", "no credential plugins", "kubectl create token"}},
      {config(good, "{auth-provider: {name: oidc}}"), {"users[0].user.auth-provider", "kubectl create token"}},
      {config(good, "{username: a, password: b}"), {"users[0].user.username"}},
      {config(good, "{client-key: k}"), {"users[0].user", "belong together"}},
      {config(good, "{client-certificate-data: '%%', client-key-data: eA==}"), {"client-certificate-data", "not base64"}},
      {config(good, "{token: 5}"), {"users[0].user.token", "must be text"}},
      {config("{server: 'https://h', proxy-url: 'http://p'}", "{}"), {"config:8:", "clusters[0].cluster.proxy-url", "not supported", "directly"}},
      {config("{server: 'ftp://h'}", "{}"), {"clusters[0].cluster.server", "https://"}},
      {config("{server: 'https://h:99999'}", "{}"), {"server", "valid port"}},
      {config("{server: 'https://user@h'}", "{}"), {"server", "HOST:PORT"}},
      {config("{server: 'https://h', insecure-skip-tls-verify: true, certificate-authority: f}", "{}"), {"insecure-skip-tls-verify", "excludes"}},
      {config("{}", "{}"), {"server"}},
      {"kind: Config\ncurrent-context: other\ncontexts: [{name: dev, context: {}}]\n", {"contexts", "\"other\"", "names: dev"}},
      {"kind: Config\n", {"current-context", "use-context"}},
      {"kind: Pod\n", {"must be Config"}},
      {"- a\n", {"no kubeconfig"}},
      {"", {"no kubeconfig"}},
      {"a: [", {"config:1"}},
  };
  for (const Case& c : cases) {
    const auto access = parse_kubeconfig(c.text, "config");
    ASSERT_FALSE(access) << c.text;
    for (const std::string_view part : c.parts) {
      EXPECT_NE(access.error().to_string().find(part), std::string::npos) << part << " in " << access.error().to_string();
    }
  }
}

TEST(KubeconfigTest, NeverPutsCredentialsIntoMessages) {
  const auto access = parse_kubeconfig(config("{server: 'https://h', proxy-url: x}", "{token: s3cret-token}"), "config");
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().to_string().find("s3cret"), std::string::npos);
}

TEST(InClusterTest, ReadsTheServiceAccountAndFollowsRotation) {
  const TemporaryFolder folder;
  folder.write("token", "first");
  folder.write("ca.crt", "CA");
  folder.write("namespace", "plimsoll-system\n");
  const auto access = in_cluster_access("10.0.0.1", "443", folder.path().string());
  ASSERT_TRUE(access) << access.error().to_string();
  EXPECT_EQ(access->namespace_name, "plimsoll-system");
  EXPECT_EQ(access->token.read().value_or(""), "first");
  folder.write("token", "second");
  EXPECT_EQ(access->token.read().value_or(""), "second");
}

TEST(InClusterTest, SaysWhatIsMissing) {
  const TemporaryFolder folder;
  EXPECT_NE(in_cluster_access("", "443", folder.path().string()).error().to_string().find("KUBERNETES_SERVICE_HOST"), std::string::npos);
  EXPECT_NE(in_cluster_access("10.0.0.1", "443", folder.path().string()).error().to_string().find("automountServiceAccountToken"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::cluster
