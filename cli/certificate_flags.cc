#include "cli/certificate_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>

#include "cli/environment.h"
#include "cli/flags.h"

namespace plimsoll::cli {

namespace {

constexpr std::chrono::seconds kShortestLeaf{10};
constexpr std::chrono::seconds kLongestAuthority = std::chrono::days(36'500);
// Leaves then end before their authority does, whenever that is replaced.
constexpr int kLeavesOfAuthority = 3;

// "90d", "36h", "15m", "30s".
Result<std::chrono::seconds> parse_lifetime(const std::string& flag, const std::string& text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, text.data() + text.size());
  const int64_t seconds = unit == "d" ? 86'400 : unit == "h" ? 3'600 : unit == "m" ? 60 : unit == "s" ? 1 : 0;
  if (error != std::errc() || seconds == 0 || count < kShortestLeaf.count() / seconds || count > kLongestAuthority.count() / seconds ||
      count * seconds < kShortestLeaf.count()) {
    return fail(ErrorCode::kUsage, fmt::format("{} {}: must be a number and d, h, m or s, from 10s to 36500d", flag, text));
  }
  return std::chrono::seconds(count * seconds);
}

}  // namespace

Result<webhook::CertificateOptions> CertificateFlags::options(const std::string& pod_namespace,
                                                              const std::optional<cluster::ClusterAccess>& access) const {
  webhook::CertificateOptions options{.certificate_file = certificate_file, .key_file = key_file};
  const bool files = !certificate_file.empty() || !key_file.empty();
  if (files == self_signed) {
    return fail(ErrorCode::kUsage, "a certificate is needed: either --tls-cert FILE and --tls-key FILE, or --self-signed");
  }
  const bool in_cluster = !secret.empty() || !webhook_configuration.empty();
  if (files) {
    if (certificate_file.empty() || key_file.empty()) return fail(ErrorCode::kUsage, "--tls-cert and --tls-key belong together");
    if (in_cluster || !folder.empty()) {
      return fail(ErrorCode::kUsage, "--cert-dir, --cert-secret and --webhook-config are for certificates made here: with --self-signed");
    }
    return options;
  }
  options.rotation.names = names;
  if (names.empty()) {
    options.rotation.names = {fmt::format("plimsoll.{}.svc", pod_namespace.empty() ? "plimsoll-system" : pod_namespace), "localhost", "127.0.0.1"};
  }
  PLIMSOLL_ASSIGN_OR_RETURN(options.rotation.leaf_lifetime, parse_lifetime("--cert-lifetime", leaf_lifetime));
  PLIMSOLL_ASSIGN_OR_RETURN(options.rotation.authority_lifetime, parse_lifetime("--ca-lifetime", authority_lifetime));
  if (options.rotation.authority_lifetime < kLeavesOfAuthority * options.rotation.leaf_lifetime) {
    return fail(ErrorCode::kUsage, fmt::format("--ca-lifetime {}: must be three times as long as --cert-lifetime {}, or longer", authority_lifetime, leaf_lifetime));
  }
  options.folder = folder;
  if (!in_cluster) return options;

  if (!secret.empty() && !folder.empty()) return fail(ErrorCode::kUsage, "--cert-dir and --cert-secret exclude each other");
  if (secret.empty()) {
    return fail(ErrorCode::kUsage, "--webhook-config needs --cert-secret: replicas that do not share an authority would overwrite each other's caBundle");
  }
  options.webhook_configuration = webhook_configuration;
  if (access) {
    options.cluster = access;
  } else {
    auto own = cluster::in_cluster_access(environment("KUBERNETES_SERVICE_HOST"), environment("KUBERNETES_SERVICE_PORT"));
    if (!own) return std::unexpected(std::move(own).error().with_context("--cert-secret without --kubeconfig"));
    options.cluster = *std::move(own);
  }
  const size_t slash = secret.find('/');
  options.secret_name = slash == std::string::npos ? secret : secret.substr(slash + 1);
  options.secret_namespace = slash != std::string::npos ? secret.substr(0, slash) : !pod_namespace.empty() ? pod_namespace : options.cluster->namespace_name;
  if (options.secret_name.empty() || options.secret_namespace.empty() || options.secret_name.find('/') != std::string::npos) {
    return fail(ErrorCode::kUsage, fmt::format("--cert-secret {}: must be NAMESPACE/NAME, or NAME with the environment variable POD_NAMESPACE", secret));
  }
  return options;
}

void add_certificate_flags(CLI::App& command, CertificateFlags& flags) {
  command.add_option("--tls-cert", flags.certificate_file, "Certificate chain in PEM, read again when it changes")->type_name("FILE");
  command.add_option("--tls-key", flags.key_file, "Its key")->type_name("FILE");
  command.add_flag("--self-signed", flags.self_signed, "Make an authority and a certificate, and renew both in time");
  add_repeated(command, "--tls-name", flags.names, "Name or address that the made certificate is for [plimsoll.NAMESPACE.svc]")->type_name("NAME");
  command.add_option("--cert-dir", flags.folder, "Keep the made authority and certificate there (ca.crt, ...)")->type_name("DIR");
  command.add_option("--cert-secret", flags.secret, "Keep them in this Secret, which all replicas share")->type_name("[NAMESPACE/]NAME");
  command
      .add_option("--webhook-config", flags.webhook_configuration,
                  "Keep caBundle of the ValidatingWebhookConfiguration and MutatingWebhookConfiguration of that name")
      ->type_name("NAME");
  command.add_option("--cert-lifetime", flags.leaf_lifetime, "Lifetime of made certificates [90d]")->type_name("TIME");
  command.add_option("--ca-lifetime", flags.authority_lifetime, "Lifetime of made authorities [3650d]")->type_name("TIME");
}

}  // namespace plimsoll::cli
