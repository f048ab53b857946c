#include "webhook/certificate_keeper.h"

#include <fmt/format.h>

#include <utility>

#include "engine/cluster/backoff.h"
#include "engine/cluster/client.h"
#include "webhook/secret_store.h"
#include "webhook/self_signed.h"

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;

// The cluster's answers about one small object.
constexpr cluster::HttpLimits kLimits{.connect = 5s, .exchange = 10s, .silence = 10s, .body = 4UL << 20};

constexpr std::chrono::milliseconds kInstallation = 2min, kSoon = 2s;

std::vector<std::string> watched_files(const CertificateOptions& options) {
  if (!options.uses_files()) return {};
  return {options.certificate_file, options.key_file};
}

std::unique_ptr<CertificateStore> make_store(const CertificateOptions& options, cluster::Client* client) {
  if (!options.secret_name.empty()) return secret_store(*client, options.secret_namespace, options.secret_name);
  return options.folder.empty() ? memory_store() : folder_store(options.folder);
}

}  // namespace

CertificateKeeper::CertificateKeeper(CertificateOptions options, std::chrono::milliseconds poll_interval, const Log& log)
    : options_(std::move(options)), poll_interval_(poll_interval), log_(log), certificates_(options_.protocol), files_(watched_files(options_)), reloads_("certificates", log) {
  if (options_.uses_files()) return;
  std::optional<CaBundle> bundle;
  if (options_.cluster) {
    client_ = std::make_unique<cluster::Client>(*options_.cluster, cluster::ClientOptions{.limits = kLimits});
    if (!options_.webhook_configuration.empty()) bundle.emplace(*client_, options_.webhook_configuration);
  }
  own_ = std::make_unique<SelfSigned>(SelfSignedOptions{.rotation = options_.rotation}, make_store(options_, client_.get()), std::move(bundle));
}

CertificateKeeper::~CertificateKeeper() = default;

Result<void> CertificateKeeper::start() {
  const Result<bool> loaded = load({});
  if (!loaded && !(own_ && own_->is_shared())) return std::unexpected(loaded.error());
  if (!loaded) reloads_.note(std::unexpected(loaded.error()));
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return {};
}

void CertificateKeeper::reload() {
  {
    const std::lock_guard lock(wake_mutex_);
    asked_ = true;
  }
  wake_.notify_all();
}

void CertificateKeeper::run(std::stop_token stop) {
  cluster::Backoff backoff(500ms, 30s);
  const auto started = std::chrono::steady_clock::now();
  std::chrono::milliseconds wait = poll_interval_;
  const auto wait_after = [&] {
    const std::lock_guard lock(status_mutex_);
    const bool well = reloads_.state().error.empty() && bundle_error_.empty();
    if (well) backoff.reset();
    // An installation makes the configurations last.
    const bool installing = !told_missing_.empty() && std::chrono::steady_clock::now() - started < kInstallation;
    if (well && installing) return std::min(kSoon, own_->interval());
    return well ? own_->interval() : std::min(backoff.next(), own_->interval());
  };
  if (own_) wait = wait_after();
  while (true) {
    {
      std::unique_lock lock(wake_mutex_);
      wake_.wait_for(lock, stop, wait, [&] { return asked_; });
      if (stop.stop_requested()) return;
      if (const bool asked = std::exchange(asked_, false); !own_ && !files_.changed() && !asked) continue;
    }
    const Result<bool> loaded = load(stop);
    if (stop.stop_requested()) return;
    // Own certificates are read all the time: only another one counts.
    if (!loaded) {
      reloads_.note(std::unexpected(loaded.error()));
    } else if (*loaded || !reloads_.state().error.empty()) {
      reloads_.note({});
    }
    if (own_) wait = wait_after();
  }
}

Result<bool> CertificateKeeper::load(std::stop_token stop) {
  const std::string before = certificates_.info().serial;
  const Result<bool> loaded = own_ ? load_own(std::move(stop)) : load_files();
  if (!loaded || !*loaded) return loaded;
  const CertificateInfo info = certificates_.info();
  log_.write(LogLevel::kInfo, "certificate in use", {{"subject", info.subject}, {"notAfter", time_text(info.not_after)}});
  const std::lock_guard lock(status_mutex_);
  if (!before.empty() && info.serial != before) ++leaf_rotations_;
  return true;
}

Result<bool> CertificateKeeper::load_files() {
  PLIMSOLL_RETURN_IF_ERROR(certificates_.use_files(options_.certificate_file, options_.key_file));
  return true;
}

Result<bool> CertificateKeeper::load_own(std::stop_token stop) {
  const auto outcome = own_->ensure(std::move(stop));
  // The leaf may be a new one even so.
  PLIMSOLL_ASSIGN_OR_RETURN(const bool another, use(own_->leaf()));
  if (!outcome) return std::unexpected(outcome.error());
  for (const std::string_view change : outcome->changes) log_.write(LogLevel::kInfo, change, {{"store", own_->store_name()}});
  const CaBundle::State& published = outcome->published;
  for (const std::string& patched : published.patched) log_.write(LogLevel::kInfo, "caBundle set", {{"configuration", patched}});
  std::string missing;
  for (const std::string& name : published.missing) missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty() && missing != told_missing_) {
    log_.write(LogLevel::kInfo, "there is no such webhook configuration to keep the caBundle of", {{"configuration", missing}});
  }
  told_missing_ = missing;
  const CertificateSet& set = own_->set();
  std::string error = published.error ? published.error->to_string() : std::string();
  auto info = inspect_certificate(set.authority.certificates);
  const std::lock_guard lock(status_mutex_);
  if (!error.empty() && error != bundle_error_) log_.write(LogLevel::kError, "caBundle not set", {{"error", error}});
  bundle_error_ = std::move(error);
  if (authority_info_ && info && info->subject != authority_info_->subject) ++authority_rotations_;
  if (info) authority_info_ = *std::move(info);
  authority_ = set.bundle();
  announced_ = !set.next.certificates.empty();
  published_ = own_->was_published();
  return another;
}

Result<bool> CertificateKeeper::use(const KeyPair& pair) {
  if (pair == used_ || pair.certificates.empty()) return false;
  PLIMSOLL_RETURN_IF_ERROR(certificates_.use(pair));
  used_ = pair;
  return true;
}

std::string CertificateKeeper::authority() const {
  const std::lock_guard lock(status_mutex_);
  return authority_;
}

bool CertificateKeeper::ready() const {
  if (certificates_.context() == nullptr || certificates_.info().not_after <= std::chrono::system_clock::now()) return false;
  const std::lock_guard lock(status_mutex_);
  return !own_ || published_;
}

void CertificateKeeper::describe(const std::function<void(char, std::string_view, const std::string&)>& line) const {
  const CertificateInfo info = certificates_.info();
  const bool there = certificates_.context() != nullptr;
  const bool valid = there && info.not_after > std::chrono::system_clock::now();
  line(valid ? '+' : '-', "certificate", there ? fmt::format("{} until {}", valid ? "valid" : "expired", time_text(info.not_after)) : "none yet");
  if (const std::string error = reloads_.state().error; !error.empty()) line('!', "certificate reload failed", error);
  const std::lock_guard lock(status_mutex_);
  if (authority_info_) {
    line(published_ ? '+' : '-', "certificate authority",
         fmt::format("{} until {}{}{}", authority_info_->subject, time_text(authority_info_->not_after), announced_ ? "; the next one is announced" : "",
                     published_ ? "" : "; not yet in caBundle"));
  }
  if (!bundle_error_.empty()) line('!', "caBundle", bundle_error_);
}

void CertificateKeeper::append_samples(std::vector<Sample>& samples) const {
  samples.push_back({"plimsoll_certificate_expiry_timestamp_seconds", "gauge", "End of the serving certificate, in seconds since 1970.",
                     seconds_since_epoch(certificates_.info().not_after)});
  const std::lock_guard lock(status_mutex_);
  if (authority_info_) {
    samples.push_back({"plimsoll_certificate_authority_expiry_timestamp_seconds", "gauge",
                       "End of the authority that signs certificates made here, in seconds since 1970.", seconds_since_epoch(authority_info_->not_after)});
  }
  for (const auto& [what, count] : {std::pair("certificate", leaf_rotations_), std::pair("authority", authority_rotations_)}) {
    samples.push_back({"plimsoll_certificate_rotations_total", "counter", "Times that another certificate, or authority, was put in use.",
                       static_cast<double>(count), label("what", what)});
  }
}

}  // namespace plimsoll::webhook
