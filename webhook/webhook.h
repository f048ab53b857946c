// The admission webhook as a whole: servers, certificates, rules, and what reloads them.
//
//   WebhookOptions options{.port = 8443};
//   options.rules.packs = {"pod-security-restricted"};
//   options.certificates.rotation.names = {"plimsoll.plimsoll-system.svc"};
//   Log log(LogFormat::kJson, LogLevel::kInfo);
//   Result<std::unique_ptr<Webhook>> webhook = Webhook::start(options, log);
//   ...
//   (*webhook)->stop();          // readiness off, drain, end
//
// Paths: /validate, /validate/<pack>, /mutate, /mutate/<pack>, /healthz, /readyz (?verbose), /metrics; the last three
// also on the plain port where one is asked for.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/cluster/access.h"
#include "engine/value/error.h"
#include "webhook/certificate_keeper.h"
#include "webhook/judge.h"
#include "webhook/log.h"
#include "webhook/rulebook.h"
#include "webhook/server.h"

namespace plimsoll::webhook {

struct WebhookOptions {
  std::string address = "0.0.0.0";
  uint16_t port = 8443;
  size_t threads = 0;  // 0: one for each core
  ServerLimits limits = {};
  // Plain HTTP for metrics and health.
  std::optional<std::pair<std::string, uint16_t>> metrics_listen = std::nullopt;

  CertificateOptions certificates = {};
  RulebookSources rules = {};
  // The cluster whose other objects rules may look at; without it, such rules are not asked.
  std::optional<cluster::ClusterAccess> cluster = std::nullopt;
  size_t cache_memory = 256UL << 20;  // bytes of such objects that are kept (cluster::ViewOptions)
  OnFault on_fault = OnFault::kDeny;
  std::string version = {};

  std::chrono::milliseconds poll_interval{1000};  // of files
  // From "not ready" to the end of accepting: until the cluster has taken this address out of the Service.
  std::chrono::milliseconds drain_delay{3000};
  std::chrono::milliseconds drain_limit{20'000};
};

class Webhook {
 public:
  // `log` outlives it.
  static Result<std::unique_ptr<Webhook>> start(WebhookOptions options, const Log& log);
  ~Webhook();

  uint16_t port() const;
  uint16_t metrics_port() const;  // 0: none
  // What clients must trust if the certificate was made here; PEM.
  std::string authority() const;

  // Reads certificates, settings and policies again, changed or not.
  void reload();
  // True if all requests were answered within the limits.
  bool stop();

  struct State;

 private:
  explicit Webhook(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::webhook
