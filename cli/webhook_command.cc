#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>

#include "cli/certificate_flags.h"
#include "cli/chart_flags.h"
#include "cli/command.h"
#include "cli/environment.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "engine/chart/archive.h"
#include "engine/chart/load.h"
#include "engine/chart/template_output.h"
#include "webhook/webhook.h"

namespace plimsoll {
// charts/plimsoll as .tgz (charts/CMakeLists.txt).
std::string_view webhook_chart();
}  // namespace plimsoll

namespace plimsoll::cli {

namespace {

struct Flags {
  webhook::WebhookOptions webhook;
  std::string listen = "0.0.0.0:8443";
  std::string metrics_listen;
  CertificateFlags certificates;
  std::string kubeconfig;
  bool in_cluster = false;
  bool http2 = false;
  bool fail_open = false;
  bool fail_closed = false;
  std::string log_format = "text";
  std::string log_level = "info";
  bool log_objects = false;
  double max_body = 8;
  size_t cache_memory = 256;
  int header_timeout = 10, body_timeout = 30, drain_delay = 3, drain_limit = 20;
};

// "ADDR:PORT", ":PORT", "[V6]:PORT".
Result<std::pair<std::string, uint16_t>> parse_listen(const std::string& flag, const std::string& text) {
  const size_t colon = text.rfind(':');
  int port = -1;
  if (colon != std::string::npos) {
    const std::string digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size()) port = -1;
  }
  if (port < 0 || port > 65535)
    return fail(ErrorCode::kUsage, fmt::format("{} {}: must be ADDR:PORT, such as 0.0.0.0:8443", flag, text));
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (address.empty()) address = "0.0.0.0";
  return std::pair(address, static_cast<uint16_t>(port));
}

Result<webhook::WebhookOptions> options_of(const Flags& flags) {
  webhook::WebhookOptions options = flags.webhook;
  PLIMSOLL_ASSIGN_OR_RETURN(const auto listen, parse_listen("--listen", flags.listen));
  options.address = listen.first;
  options.port = listen.second;
  if (!flags.metrics_listen.empty()) {
    PLIMSOLL_ASSIGN_OR_RETURN(options.metrics_listen, parse_listen("--metrics-listen", flags.metrics_listen));
  }
  if (flags.fail_open && flags.fail_closed)
    return fail(ErrorCode::kUsage, "--fail-open and --fail-closed exclude each other");
  options.on_fault = flags.fail_open ? webhook::OnFault::kAllow : webhook::OnFault::kDeny;
  options.rules.own_namespace = environment("POD_NAMESPACE");
  if (!flags.kubeconfig.empty()) {
    PLIMSOLL_ASSIGN_OR_RETURN(options.cluster, cluster::read_kubeconfig(flags.kubeconfig));
  } else if (flags.in_cluster) {
    PLIMSOLL_ASSIGN_OR_RETURN(options.cluster, cluster::in_cluster_access(environment("KUBERNETES_SERVICE_HOST"),
                                                                          environment("KUBERNETES_SERVICE_PORT")));
  }
  options.cache_memory = flags.cache_memory << 20;
  PLIMSOLL_ASSIGN_OR_RETURN(options.certificates, flags.certificates.options(options.rules.own_namespace, options.cluster));
  if (flags.http2) options.certificates.protocol = webhook::Preference::kHttp2;
  options.limits.max_body_bytes = static_cast<size_t>(flags.max_body * 1024 * 1024);
  options.limits.header_timeout = std::chrono::seconds(flags.header_timeout);
  options.limits.handshake_timeout = std::chrono::seconds(flags.header_timeout);
  options.limits.body_timeout = std::chrono::seconds(flags.body_timeout);
  options.drain_delay = std::chrono::seconds(flags.drain_delay);
  options.drain_limit = std::chrono::seconds(flags.drain_limit);
  options.version = kVersion;
  return options;
}

int run(const Flags& flags) {
  const auto options = options_of(flags);
  if (!options) {
    print_error(options.error());
    return kFailure;
  }
  // Blocks that large reviews take go back to the system as soon as they are freed. Without this, glibc keeps more of them the larger they are.
  constexpr int kLargeBlock = 128 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  // Signals are for this thread, which waits for them; those that serve inherit the mask.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const webhook::Log log(flags.log_format == "json" ? webhook::LogFormat::kJson : webhook::LogFormat::kText,
                         webhook::parse_log_level(flags.log_level).value_or(webhook::LogLevel::kInfo), flags.log_objects);
  auto started = webhook::Webhook::start(*options, log);
  if (!started) {
    print_error(started.error());
    return kFailure;
  }
  webhook::Webhook& webhook = **started;
  while (true) {
    int signal = 0;
    if (::sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) break;
    webhook.reload();
  }
  return webhook.stop() ? kClean : kFailure;
}

// The objects that deploy the webhook: its own chart, rendered.
int print_manifests(ChartFlags flags, bool only_webhooks) {
  chart::Warnings warnings;
  auto files = chart::unpack(webhook_chart());
  auto chart =
      files ? chart::load_files(*std::move(files), "plimsoll", warnings) : std::unexpected(std::move(files).error());
  flags.release.crds = true;
  const auto release = render_chart(flags, std::move(chart), std::move(warnings));
  if (!release) {
    print_error(release.error().error);
    for (const Error& violation : release.error().violations) print_error(violation);
    return kFailure;
  }
  chart::OutputOptions options;
  options.include_crds = !only_webhooks;
  if (only_webhooks) options.show_only = {"templates/webhooks.yaml"};
  const auto output = chart::template_output((*release)->manifests(), (*release)->crds(), options);
  if (!output) {
    print_error(output.error());
    return kFailure;
  }
  return print(output->text);
}

void add_manifests_command(CLI::App& parent, int& exit_code) {
  CLI::App* command =
      parent.add_subcommand("manifests", "Print the objects that deploy the webhook, as its Helm chart has them");
  command->footer("The values are those of charts/plimsoll/values.yaml: --set packs={pod-security-restricted}, ...");
  auto flags = std::make_shared<ChartFlags>();
  flags->release.name = "plimsoll";
  flags->release.name_space = "plimsoll-system";
  flags->kube_version = "1.36";
  auto only_webhooks = std::make_shared<bool>(false);
  add_chart_flags(*command, *flags);
  command->add_flag("--only-webhooks", *only_webhooks, "Only the two webhook configurations");
  command->callback([flags, only_webhooks, &exit_code] { exit_code = print_manifests(*flags, *only_webhooks); });
}

}  // namespace

void add_webhook_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("webhook", "Serve admission reviews to a Kubernetes API server");
  command->footer(
      "SIGHUP reads certificates, settings and policies again (changed files are noticed anyway); SIGTERM ends in good "
      "order.\n"
      "docs/webhook.md tells about the configuration, failure policy and metrics.");
  auto flags = std::make_shared<Flags>();
  webhook::WebhookOptions& options = flags->webhook;
  command->add_option("--listen", flags->listen, "Where to serve HTTPS [0.0.0.0:8443]")->type_name("ADDR:PORT");
  command->add_option("--metrics-listen", flags->metrics_listen, "Serve /metrics and health in plain HTTP there, too")
      ->type_name("ADDR:PORT");
  add_certificate_flags(*command, flags->certificates);
  add_repeated(*command, "--pack", options.rules.packs, "Rule pack: a name, or a folder with a '/'")->type_name("PACK");
  command
      ->add_option("--policies", options.rules.policies,
                   "Folder of policies, bindings and params, read again when it changes")
      ->type_name("DIR");
  add_repeated(*command, "--param", options.rules.params, "Param of a pack")->type_name("PACK.NAME=VALUE");
  command->add_option("--kube-version", options.rules.kube_version, "Minor version of the cluster, as rules see it")
      ->type_name("VERSION");
  command
      ->add_option("--config", options.rules.config,
                   "Settings: modes, exempt namespaces, exceptions; read again when they change")
      ->type_name("FILE");
  command->add_option("--kubeconfig", flags->kubeconfig, "Cluster whose other objects rules may look at")
      ->type_name("FILE");
  command->add_flag("--in-cluster", flags->in_cluster, "The same for the cluster that this pod runs in");
  command
      ->add_option("--cache-memory", flags->cache_memory, "What such objects may take; beyond it the webhook is not ready [256]")
      ->type_name("MIB")
      ->check(CLI::Range(1, 1 << 20));
  command->add_flag("--fail-closed", flags->fail_closed, "Deny what cannot be judged (the default)");
  command->add_flag("--fail-open", flags->fail_open, "Allow, with a warning, what cannot be judged");
  command->add_flag("--http2", flags->http2, "Prefer HTTP/2 where a client offers both it and HTTP/1.1");
  command->add_option("--threads", options.threads, "Threads [one for each core]")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command->add_option("--max-connections", options.limits.max_connections, "Open connections [1024]")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  command
      ->add_option("--max-in-flight", options.limits.max_in_flight,
                   "Requests that wait for an answer; more get 503 [256]")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--max-body", flags->max_body, "Largest body in MiB [8]")
      ->type_name("MIB")
      ->check(CLI::Range(0.01, 1024.0));
  const auto add_seconds = [&](const char* flag, int& seconds, const char* help, int least) {
    command->add_option(flag, seconds, help)->type_name("S")->check(CLI::Range(least, 3600));
  };
  add_seconds("--header-timeout", flags->header_timeout, "Seconds for a TLS handshake or a header [10]", 1);
  add_seconds("--body-timeout", flags->body_timeout, "Seconds for a body [30]", 1);
  add_seconds("--drain-delay", flags->drain_delay, "Seconds between readiness going off and the end of accepting [3]", 0);
  add_seconds("--drain-limit", flags->drain_limit, "Seconds for requests under way at the end [20]", 0);
  command->add_option("--log-format", flags->log_format, "text or json [text]")
      ->type_name("FORMAT")
      ->transform(one_of({"text", "json"}));
  command->add_option("--log-level", flags->log_level, "debug, info, warning or error [info]")
      ->type_name("LEVEL")
      ->transform(one_of({"debug", "info", "warning", "error"}));
  command->add_flag("--log-objects", flags->log_objects, "Log the objects of requests, without data of Secrets and tokens");
  add_manifests_command(*command, exit_code);
  command->callback([command, flags, &exit_code] {
    if (command->get_subcommands().empty()) exit_code = run(*flags);
  });
}

}  // namespace plimsoll::cli
