#include "webhook/webhook.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/cluster/client.h"
#include "engine/cluster/policies.h"
#include "engine/cluster/view.h"
#include "webhook/certificates.h"
#include "webhook/file_watch.h"
#include "webhook/self_signed.h"

namespace plimsoll::webhook {
namespace {

constexpr std::chrono::minutes kRenewalCheck{1};
constexpr std::chrono::seconds kViewSync{10};

int64_t seconds_since_epoch(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// How often something was read again, and why the last attempt failed.
struct Reloads {
  uint64_t done = 0, failed = 0;
  std::string error;  // empty: the last attempt went well
};

HttpResponse plain(int status, std::string body, std::string headers = {}) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = std::move(body),
          .headers = std::move(headers)};
}

HttpResponse refusal(int status, std::string_view reason, std::string_view message, std::string headers = {}) {
  return {.status = status, .body = write_failure(status, reason, message), .headers = std::move(headers)};
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
        store(std::move(first)),
        metrics(options.threads),
        self_signed(options.self_signed_names, options.self_signed_folder),
        certificate_watch({options.certificate_file, options.key_file}),
        rules_watch(rule_paths(options.rules)) {}

  WebhookOptions options;
  const Log& log;
  RulebookStore store;
  Metrics metrics;
  Certificates certificates;
  SelfSigned self_signed;
  FileWatch certificate_watch, rules_watch;
  std::chrono::steady_clock::time_point next_renewal_check;
  std::atomic<bool> ready = false;
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();

  mutable std::mutex status_mutex;
  Reloads certificate_reloads, rule_reloads;

  std::mutex watch_mutex;
  std::condition_variable wake;
  bool ending = false, asked_to_reload = false;
  std::thread watcher;

  std::unique_ptr<cluster::Client> client;  // nullptr: no cluster is connected
  std::unique_ptr<cluster::ClusterView> view;
  ClusterWindow window;
  std::atomic<uint64_t> cluster_generation = 0;  // of the rules in the cluster that were read last; 0: none yet
  bool cluster_keeps_rules = false;              // the watcher's

  std::unique_ptr<Server> server, metrics_server;  // last, for their threads use the rest

  bool makes_certificates() const { return options.certificate_file.empty(); }

  static std::vector<std::string> rule_paths(const RulebookSources& sources) {
    std::vector<std::string> paths;
    for (const std::string& path : {sources.config, sources.policies}) {
      if (!path.empty()) paths.push_back(path);
    }
    for (const std::string& pack : sources.packs) {
      if (pack.find('/') != std::string::npos) paths.push_back(pack);
    }
    return paths;
  }

  Result<void> load_certificates() {
    if (!makes_certificates()) return certificates.use_files(options.certificate_file, options.key_file);
    PLIMSOLL_ASSIGN_OR_RETURN(const bool renewed, self_signed.ensure());
    if (!renewed && certificates.context() != nullptr) return {};
    return certificates.use(self_signed.leaf());
  }

  void note(Reloads& reloads, const Result<void>& result, std::string_view what) {
    {
      const std::lock_guard lock(status_mutex);
      ++(result ? reloads.done : reloads.failed);
      reloads.error = result ? std::string() : result.error().to_string();
    }
    if (!result) {
      log.write(LogLevel::kError, fmt::format("{} not reloaded, the old ones stay in force", what),
                {{"error", result.error().to_string()}});
    }
  }

  void reload_certificates() {
    const Result<void> loaded = load_certificates();
    note(certificate_reloads, loaded, "certificates");
    if (loaded) {
      const CertificateInfo info = certificates.info();
      log.write(LogLevel::kInfo, "certificate in use",
                {{"subject", info.subject}, {"notAfter", fmt::format("{:%FT%TZ}", fmt::gmtime(info.not_after))}});
    }
  }

  void reload_rules() {
    const uint64_t present = present_cluster_generation();
    if (present == 0 && cluster_generation.load() != 0) {
      return note(rule_reloads, fail(ErrorCode::kInputOutput, "the policies of the cluster are not known at the moment"), "policies");
    }
    cluster_generation.store(present);
    auto rules = view ? cluster::read_rules(view->objects()) : cluster::ClusterRules();
    auto book = rules ? load_rulebook(options.rules, store.generation() + 1, *rules) : std::unexpected(std::move(rules).error());
    if (!book) return note(rule_reloads, std::unexpected(std::move(book).error()), "policies");
    // What the new rules look at should be there before they judge.
    if (view) {
      view->watch(watched_kinds(**book));
      if (!view->wait_ready(kViewSync))
        log.write(LogLevel::kWarning, "not all kinds that policies ask for are known yet",
                  {{"detail", view->status().detail()}});
    }
    store.replace(*book);
    note(rule_reloads, {}, "policies");
    log_rules(**book);
  }

  // What the rules look at, and the rules that the cluster keeps.
  static std::vector<cluster::WatchedKind> watched_kinds(const Rulebook& book) {
    std::vector<cluster::WatchedKind> kinds = cluster::rule_kinds();
    kinds.insert(kinds.end(), book.asked_kinds.begin(), book.asked_kinds.end());
    return kinds;
  }

  // Of the rules that the cluster keeps; 0 while they are not known.
  uint64_t present_cluster_generation() const {
    if (!view) return 0;
    uint64_t sum = 0;
    for (const cluster::WatchedKind& kind : cluster::rule_kinds()) {
      const uint64_t generation = view->generation(kind.api_version, kind.kind);
      if (generation == 0) return 0;
      sum += generation;
    }
    return sum;
  }

  bool cluster_rules_changed() {
    const uint64_t present = present_cluster_generation();
    if (present == 0 || present == cluster_generation.load()) return false;
    const bool before = std::exchange(cluster_keeps_rules, false);
    for (const cluster::WatchedKind& kind : cluster::rule_kinds()) {
      if (!view->objects().all(kind.api_version, kind.kind, {}).empty()) cluster_keeps_rules = true;
    }
    if (before || cluster_keeps_rules) return true;
    cluster_generation.store(present);  // there were none, and there are none
    return false;
  }

  void log_rules(const Rulebook& book) const {
    log.write(LogLevel::kInfo, "policies in force",
              {{"generation", static_cast<int64_t>(book.generation)},
               {"rules", static_cast<int64_t>(book.all->rules().size())}});
    if (client) return;
    std::string names;
    for (const policy::RuleInfo* rule : book.all->rules_that_see_others())
      names += (names.empty() ? "" : ",") + rule->qualified_id();
    if (names.empty()) return;
    log.write(LogLevel::kWarning, "rules that look at other objects are not asked: no cluster is connected",
              {{"rules", names}});
  }

  void watch() {
    std::unique_lock lock(watch_mutex);
    while (!ending) {
      wake.wait_for(lock, options.poll_interval, [&] { return ending || asked_to_reload; });
      if (ending) return;
      const bool asked = std::exchange(asked_to_reload, false);
      lock.unlock();
      const auto now = std::chrono::steady_clock::now();
      const bool cluster_changed = cluster_rules_changed();
      if (makes_certificates()) {
        if (asked || now >= next_renewal_check) {
          next_renewal_check = now + kRenewalCheck;
          renew();
        }
      } else if (certificate_watch.changed() || asked) {
        reload_certificates();
      }
      if (rules_watch.changed() || asked || cluster_changed) reload_rules();
      if (view) window.set_ready(view->status().ready() && cluster_generation.load() != 0);
      lock.lock();
    }
  }

  void renew() {
    const std::string before = self_signed.leaf().certificates;
    const Result<void> loaded = load_certificates();
    if (!loaded || self_signed.leaf().certificates != before) note(certificate_reloads, loaded, "certificates");
  }

  HttpResponse readiness(bool verbose) const {
    const std::lock_guard lock(status_mutex);
    const CertificateInfo certificate = certificates.info();
    const bool certificate_valid = certificate.not_after > std::chrono::system_clock::now();
    const bool serving = ready.load();
    const bool cluster_known = view == nullptr || window.ready();
    const bool ok = serving && certificate_valid && cluster_known;
    if (!verbose && ok) return plain(200, "ok\n");
    const std::shared_ptr<const Rulebook> book = store.current();
    std::string text;
    const auto line = [&](char mark, std::string_view what, const std::string& detail) {
      text += fmt::format("[{}]{}: {}\n", mark, what, detail);
    };
    line(serving ? '+' : '-', "serving", serving ? "ok" : "shutting down");
    line(
        certificate_valid ? '+' : '-', "certificate",
        fmt::format("{} until {:%FT%TZ}", certificate_valid ? "valid" : "expired", fmt::gmtime(certificate.not_after)));
    if (!certificate_reloads.error.empty()) line('!', "certificate reload failed", certificate_reloads.error);
    line('+', "policies", fmt::format("generation {}, {} rules", book->generation, book->all->rules().size()));
    if (!rule_reloads.error.empty()) {
      line('!', "policy reload failed",
           fmt::format("generation {} stays in force: {}", book->generation, rule_reloads.error));
    }
    if (view) {
      const cluster::ViewStatus status = view->status();
      size_t objects = 0;
      for (const cluster::KindStatus& kind : status.kinds) objects += kind.objects;
      line(cluster_known ? '+' : '-', "cluster",
           fmt::format("{} objects of {} kinds{}{}", objects, status.kinds.size(), status.ready() ? "" : "; ",
                       status.detail()));
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
    const std::shared_ptr<const Rulebook> book = store.current();
    add("plimsoll_policy_generation", "gauge", "Counts up with each set of policies that was put in force.",
        number(book->generation));
    add("plimsoll_policy_rules", "gauge", "Rules in force.", number(book->all->rules().size()));
    {
      const std::lock_guard lock(status_mutex);
      for (const auto& [what, reloads] :
           {std::pair("certificates", &certificate_reloads), std::pair("policies", &rule_reloads)}) {
        add("plimsoll_reloads_total", "counter", "Times that something was read again and put in force.",
            number(reloads->done), label("what", what));
      }
      for (const auto& [what, reloads] :
           {std::pair("certificates", &certificate_reloads), std::pair("policies", &rule_reloads)}) {
        add("plimsoll_reload_failures_total", "counter",
            "Times that something could not be read again and the old stayed in force.", number(reloads->failed),
            label("what", what));
      }
    }
    add("plimsoll_certificate_expiry_timestamp_seconds", "gauge",
        "End of the serving certificate, in seconds since 1970.",
        static_cast<double>(seconds_since_epoch(certificates.info().not_after)));
    if (view) {
      for (const cluster::KindStatus& kind : view->status().kinds) {
        add("plimsoll_cluster_objects", "gauge", "Objects of the cluster that are held for rules.",
            number(kind.objects), label("kind", kind.kind.kind));
      }
    }
    if (server) append_server_samples(samples);
    add("process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.",
        static_cast<double>(seconds_since_epoch(started)));
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
    add("plimsoll_http_connections_evicted_total", "counter", "Connections closed to make room for new ones.",
        counters.evicted);
    add("plimsoll_http_tls_handshake_failures_total", "counter", "TLS handshakes that failed.",
        counters.failed_handshakes);
    add("plimsoll_http_requests_in_flight", "gauge", "Requests that wait for their answer.", counters.in_flight);
    add("plimsoll_http_requests_shed_total", "counter", "Requests answered 503 because too many waited.",
        counters.shed);
    add("plimsoll_http_requests_refused_total", "counter", "Requests that were malformed or too large.",
        counters.refused);
    add("plimsoll_http_buffered_bytes", "gauge", "Memory promised to bodies under way.", counters.buffered_bytes);
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
      return refusal(405, "MethodNotAllowed", "the method must be GET", "Allow: GET, HEAD\r\n");
    }
    if (request.path == "/healthz") return plain(200, "ok\n");
    if (request.path == "/metrics") return state_.metrics_page();
    return state_.readiness(request.query == "verbose" || request.query.starts_with("verbose="));
  }

  HttpResponse refuse(int status, std::string_view why) override {
    const std::string_view reason = status == 503   ? "ServiceUnavailable"
                                    : status == 413 ? "RequestEntityTooLarge"
                                                    : "BadRequest";
    return refusal(status, reason, why);
  }

 protected:
  virtual HttpResponse not_found() { return refusal(404, "NotFound", "paths: /healthz, /readyz, /metrics"); }

 private:
  const Webhook::State& state_;
};

class WebhookHandler final : public StatusHandler {
 public:
  WebhookHandler(Webhook::State& state, size_t thread)
      : StatusHandler(state),
        judge_(state.store, state.window, state.metrics.part(thread), state.log, state.options.on_fault) {}

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
    return refusal(404, "NotFound",
                   "paths: /validate, /validate/<pack>, /mutate, /mutate/<pack>, /healthz, /readyz, /metrics");
  }

 private:
  HttpResponse review(Endpoint endpoint, std::string_view pack, const HttpRequest& request) {
    if (request.method != "POST") return refusal(405, "MethodNotAllowed", "the method must be POST", "Allow: POST\r\n");
    if (!is_json(request.content_type))
      return refusal(415, "UnsupportedMediaType", "the content type must be application/json");
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
  PLIMSOLL_RETURN_IF_ERROR(own.load_certificates());
  if (own.options.cluster) {
    own.client = std::make_unique<cluster::Client>(*own.options.cluster);
    own.view = std::make_unique<cluster::ClusterView>(*own.client, cluster::ViewOptions());
    own.window.connect(*own.view);
    own.view->watch(own.watched_kinds(*own.store.current()));
  }
  own.log_rules(*own.store.current());

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
std::string Webhook::authority() const { return state_->self_signed.authority(); }

void Webhook::reload() {
  {
    const std::lock_guard lock(state_->watch_mutex);
    state_->asked_to_reload = true;
  }
  state_->wake.notify_all();
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
