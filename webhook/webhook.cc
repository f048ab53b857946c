#include "webhook/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/cluster/client.h"
#include "engine/policy/kinds.h"
#include "webhook/certificate_keeper.h"
#include "webhook/reloads.h"
#include "webhook/rule_keeper.h"

namespace plimsoll::webhook {
namespace {

HttpResponse plain(int status, std::string body) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(body)};
}

HttpResponse failure(int status, std::string_view reason, std::string_view message) {
  return {.status = status, .body = write_failure(status, reason, message)};
}

HttpResponse wrong_method(std::string allowed) {
  HttpResponse response = failure(405, "MethodNotAllowed", "the method must be one of: " + allowed);
  response.headers.emplace_back("Allow", std::move(allowed));
  return response;
}

bool is_json(std::string_view type) {
  constexpr std::string_view kJson = "application/json";
  return type.starts_with(kJson) &&
         (type.size() == kJson.size() || type[kJson.size()] == ';' || type[kJson.size()] == ' ');
}

}  // namespace

struct Webhook::State {
  State(WebhookOptions given, const Log& to, std::shared_ptr<const Rulebook> first)
      : options(std::move(given)),
        log(to),
        metrics(options.threads),
        certificates(options.certificates, options.poll_interval, log),
        client(options.cluster ? std::make_unique<cluster::Client>(*options.cluster) : nullptr),
        rules(options.rules, std::move(first), client.get(), {.memory_limit = options.cache_memory}, log) {}

  WebhookOptions options;
  const Log& log;
  Metrics metrics;
  CertificateKeeper certificates;
  std::atomic<bool> ready = false;
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();

  std::mutex watch_mutex;
  std::condition_variable wake;
  bool ending = false, asked_to_reload = false;
  std::thread watcher;

  std::unique_ptr<cluster::Client> client;  // nullptr: no cluster is connected
  RuleKeeper rules;

  std::unique_ptr<Server> server, metrics_server;  // last, for their threads use the rest

  void watch() {
    std::unique_lock lock(watch_mutex);
    while (!ending) {
      wake.wait_for(lock, options.poll_interval, [&] { return ending || asked_to_reload; });
      if (ending) return;
      const bool asked = std::exchange(asked_to_reload, false);
      lock.unlock();
      rules.check(asked);
      lock.lock();
    }
  }

  HttpResponse readiness(bool verbose) const {
    const bool serving = ready.load();
    const RuleStatus status = rules.status();
    const bool judging = status.ready && (rules.view() == nullptr || rules.window().ready());
    const bool ok = serving && certificates.ready() && judging;
    if (!verbose && ok) return plain(200, "ok\n");
    const std::shared_ptr<const Rulebook> book = rules.store().current();
    std::string text;
    const auto line = [&](char mark, std::string_view what, const std::string& detail) {
      text += fmt::format("[{}]{}: {}\n", mark, what, detail);
    };
    line(serving ? '+' : '-', "serving", serving ? "ok" : "shutting down");
    certificates.describe(line);
    line('+', "policies", fmt::format("generation {}, {} rules", book->generation, book->all->rules().size()));
    if (const std::string error = rules.reloads().state().error; !error.empty()) {
      line('!', "policy reload failed", fmt::format("generation {} stays in force: {}", book->generation, error));
    }
    if (rules.view() != nullptr) {
      for (const Error& untold : book->untold) line('!', "policies", untold.to_string());
      size_t objects = 0;
      for (const cluster::KindStatus& kind : status.view.kinds) objects += kind.objects;
      line(judging ? '+' : '-', "cluster",
           fmt::format("{} objects of {} kinds{}{}", objects, status.view.kinds.size(), status.ready ? "" : "; ",
                       status.missing));
      for (const cluster::KindStatus& kind : status.view.kinds) {
        if (!kind.synced || kind.error.empty()) continue;
        line('!', "cluster", fmt::format("{} ({}) is not up to date: {}", kind.kind.kind, kind.kind.api_version, kind.error));
      }
    }
    text += ok ? "readyz check passed\n" : "readyz check failed\n";
    return plain(ok ? 200 : 503, std::move(text));
  }

  HttpResponse metrics_page() const {
    std::vector<Sample> samples;
    const auto number = [](uint64_t value) { return static_cast<double>(value); };
    const auto add = [&](std::string_view name, std::string_view type, std::string_view help, double value,
                         std::string labels = {}) {
      samples.push_back({name, type, help, value, std::move(labels)});
    };
    const std::shared_ptr<const Rulebook> book = rules.store().current();
    add("plimsoll_policy_generation", "gauge", "Counts up with each set of policies that was put in force.",
        number(book->generation));
    add("plimsoll_policy_rules", "gauge", "Rules in force.", number(book->all->rules().size()));
    for (const Reloads* reloads : {&certificates.reloads(), &rules.reloads()}) {
      add("plimsoll_reloads_total", "counter", "Times that something was read again and put in force.",
          number(reloads->state().done), label("what", reloads->what()));
    }
    for (const Reloads* reloads : {&certificates.reloads(), &rules.reloads()}) {
      add("plimsoll_reload_failures_total", "counter",
          "Times that something could not be read again and the old stayed in force.", number(reloads->state().failed),
          label("what", reloads->what()));
    }
    certificates.append_samples(samples);
    if (rules.view() != nullptr) {
      const cluster::ViewStatus status = rules.view()->status();
      for (const cluster::KindStatus& kind : status.kinds) {
        add("plimsoll_cluster_objects", "gauge", "Objects of the cluster that are held for rules.",
            number(kind.objects),
            label("group", policy::split_api_version(kind.kind.api_version).group) + "," + label("kind", kind.kind.kind));
      }
      add("plimsoll_cluster_objects_bytes", "gauge", "Memory that those objects take.", number(status.bytes));
      add("plimsoll_cluster_objects_limit_bytes", "gauge", "Memory that they may take.", number(options.cache_memory));
    }
    if (server) append_server_samples(samples);
    add("process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.",
        seconds_since_epoch(started));
    append_process_samples(samples);
    if (!options.version.empty()) {
      add("plimsoll_build_info", "gauge", "The version that runs.", 1, label("version", options.version));
    }
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics.write(samples)};
  }

  void append_server_samples(std::vector<Sample>& samples) const {
    const ServerCounters& counters = server->counters();
    const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                         const std::atomic<uint64_t>& value) {
      samples.push_back({name, type, help, static_cast<double>(value.load(std::memory_order_relaxed))});
    };
    add("plimsoll_http_connections", "gauge", "Open connections.", counters.connections);
    add("plimsoll_http_connections_total", "counter", "Connections accepted.", counters.accepted);
    add("plimsoll_http2_connections_total", "counter", "Connections that chose HTTP/2.", counters.http2);
    add("plimsoll_http_connections_evicted_total", "counter", "Connections closed to make room for new ones.",
        counters.evicted);
    add("plimsoll_http_tls_handshake_failures_total", "counter", "TLS handshakes that failed.",
        counters.failed_handshakes);
    add("plimsoll_http_requests_in_flight", "gauge", "Requests that wait for their answer.", counters.in_flight);
    add("plimsoll_http_requests_shed_total", "counter", "Requests answered 503 because too many waited.",
        counters.shed);
    add("plimsoll_http_requests_refused_total", "counter", "Requests that were malformed or too large.",
        counters.refused);
    add("plimsoll_http_buffered_bytes", "gauge", "Memory of bodies under way.", counters.buffered_bytes);
  }
};

namespace {

// /healthz, /readyz and /metrics; nothing else.
class StatusHandler : public HttpHandler {
 public:
  explicit StatusHandler(const Webhook::State& state) : state_(state) {}

  HttpResponse handle(const HttpRequest& request) override {
    const bool known = request.path == "/healthz" || request.path == "/readyz" || request.path == "/metrics";
    if (!known) return not_found();
    if (request.method != "GET" && request.method != "HEAD") {
      return wrong_method("GET, HEAD");
    }
    if (request.path == "/healthz") return plain(200, "ok\n");
    if (request.path == "/metrics") return state_.metrics_page();
    return state_.readiness(request.query == "verbose" || request.query.starts_with("verbose="));
  }

  HttpResponse refuse(int status, std::string_view why) override {
    const std::string_view reason = status == 503   ? "ServiceUnavailable"
                                    : status == 413 ? "RequestEntityTooLarge"
                                                    : "BadRequest";
    return failure(status, reason, why);
  }

 protected:
  virtual HttpResponse not_found() { return failure(404, "NotFound", "paths: /healthz, /readyz, /metrics"); }

 private:
  const Webhook::State& state_;
};

class WebhookHandler final : public StatusHandler {
 public:
  WebhookHandler(Webhook::State& state, size_t thread)
      : StatusHandler(state),
        judge_(state.rules.store(), state.rules.window(), state.metrics.part(thread), state.log, state.options.on_fault) {}

  HttpResponse handle(const HttpRequest& request) override {
    for (const auto& [name, endpoint] :
         {std::pair("/validate", Endpoint::kValidate), std::pair("/mutate", Endpoint::kMutate)}) {
      if (!request.path.starts_with(name)) continue;
      std::string_view pack = request.path.substr(std::string_view(name).size());
      if (!pack.empty() && pack.front() != '/') continue;
      if (!pack.empty()) pack.remove_prefix(1);
      return review(endpoint, pack, request);
    }
    return StatusHandler::handle(request);
  }

 protected:
  HttpResponse not_found() override {
    return failure(404, "NotFound",
                   "paths: /validate, /validate/<pack>, /mutate, /mutate/<pack>, /healthz, /readyz, /metrics");
  }

 private:
  HttpResponse review(Endpoint endpoint, std::string_view pack, const HttpRequest& request) {
    if (request.method != "POST") return wrong_method("POST");
    if (!is_json(request.content_type))
      return failure(415, "UnsupportedMediaType", "the content type must be application/json");
    return judge_.answer(endpoint, pack, request);
  }

  Judge judge_;
};

}  // namespace

Webhook::Webhook(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Webhook>> Webhook::start(WebhookOptions options, const Log& log) {
  if (options.threads == 0) options.threads = std::max(1U, std::thread::hardware_concurrency());
  PLIMSOLL_ASSIGN_OR_RETURN(auto book, load_rulebook(options.rules, 1));
  auto state = std::make_unique<State>(std::move(options), log, std::move(book));
  State& own = *state;
  PLIMSOLL_RETURN_IF_ERROR(own.certificates.start());

  ServerOptions main{.address = own.options.address,
                     .port = own.options.port,
                     .threads = own.options.threads,
                     .limits = own.options.limits};
  main.tls = [&own] { return own.certificates.context(); };
  main.make_handler = [&own](size_t thread) { return std::make_unique<WebhookHandler>(own, thread); };
  PLIMSOLL_ASSIGN_OR_RETURN(own.server, Server::listen(std::move(main)));
  if (own.options.metrics_listen) {
    ServerOptions plain_options{.address = own.options.metrics_listen->first,
                                .port = own.options.metrics_listen->second};
    plain_options.limits.max_connections = 64;
    plain_options.make_handler = [&own](size_t) { return std::make_unique<StatusHandler>(own); };
    PLIMSOLL_ASSIGN_OR_RETURN(own.metrics_server, Server::listen(std::move(plain_options)));
  }
  own.ready.store(true);
  own.server->run();
  if (own.metrics_server) own.metrics_server->run();
  own.watcher = std::thread([&own] { own.watch(); });
  log.write(LogLevel::kInfo, "serving",
            {{"address", own.options.address},
             {"port", int64_t{own.server->port()}},
             {"threads", static_cast<int64_t>(own.options.threads)}});
  return std::unique_ptr<Webhook>(new Webhook(std::move(state)));
}

Webhook::~Webhook() {
  {
    const std::lock_guard lock(state_->watch_mutex);
    state_->ending = true;
  }
  state_->wake.notify_all();
  if (state_->watcher.joinable()) state_->watcher.join();
}

uint16_t Webhook::port() const { return state_->server->port(); }
uint16_t Webhook::metrics_port() const { return state_->metrics_server ? state_->metrics_server->port() : uint16_t{0}; }
std::string Webhook::authority() const { return state_->certificates.authority(); }

void Webhook::reload() {
  {
    const std::lock_guard lock(state_->watch_mutex);
    state_->asked_to_reload = true;
  }
  state_->wake.notify_all();
  state_->certificates.reload();
}

bool Webhook::stop() {
  State& own = *state_;
  own.ready.store(false);
  own.log.write(LogLevel::kInfo, "shutting down");
  own.server->announce_end();
  std::this_thread::sleep_for(own.options.drain_delay);
  const bool drained = own.server->drain(own.options.drain_limit);
  own.log.write(drained ? LogLevel::kInfo : LogLevel::kWarning,
                drained ? "all requests answered" : "requests were left without answer");
  return drained;
}

}  // namespace plimsoll::webhook
