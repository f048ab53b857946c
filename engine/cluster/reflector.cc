#include "engine/cluster/reflector.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "engine/policy/kinds.h"

namespace plimsoll::cluster {
namespace {

// A watch that ends sooner is not taken for one that the server ended in good order.
constexpr std::chrono::seconds kShortWatch{1};

}  // namespace

Reflector::Reflector(Client& client, const ViewOptions& options, std::shared_ptr<KindCache> cache)
    : client_(client),
      options_(options),
      cache_(std::move(cache)),
      backoff_(options.first_backoff, options.longest_backoff),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Reflector::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto resource = find_resource(stop);
    if (!resource && resource.error().status == 404) {
      cache_->set_absent();
      if (!pause(options_.absent_check, stop)) return;
      continue;
    }
    ApiResult<void> listed = resource ? list(*resource, stop) : std::unexpected(resource.error());
    if (!listed) {
      if (stop.stop_requested()) return;
      cache_->note_error(listed.error().to_string());
      if (!pause(backoff_.next(), stop)) return;
      continue;
    }
    while (!stop.stop_requested() && watch(*resource, stop) == Next::kResume) {
    }
  }
}

ApiResult<Resource> Reflector::find_resource(const std::stop_token& stop) {
  const WatchedKind& wanted = cache_->kind();
  auto found = client_.discover(wanted.api_version, wanted.kind, stop);
  const std::string group(cache_->group());
  if (found || found.error().status != 404 || group.empty()) return found;
  const auto version = client_.preferred_version(group, stop);
  if (!version) return std::unexpected(version.error());
  return client_.discover(group + "/" + *version, wanted.kind, stop);
}

ApiResult<void> Reflector::list(const Resource& resource, const std::stop_token& stop) {
  cache_->note_scope(resource.namespaced);
  cache_->begin_list();
  auto version = client_.list(resource, {}, [&](const Value& object) { return cache_->set(object); }, stop);
  if (!version) return std::unexpected(std::move(version).error());
  cache_->end_list();
  resource_version_ = *std::move(version);
  return {};
}

Result<void> Reflector::apply(const WatchEvent& event, Next& next) {
  using Type = WatchEvent::Type;
  if (event.type == Type::kError) {
    const int64_t code = event.object["code"].int_or(0);
    if (code == 410) next = Next::kRelist;
    return fail(ErrorCode::kInputOutput, "the watch ended: " + std::string(event.object["message"].string_or("without a reason")));
  }
  if (event.type == Type::kDeleted) cache_->erase(event.object);
  if (event.type == Type::kAdded || event.type == Type::kModified) PLIMSOLL_RETURN_IF_ERROR(cache_->set(event.object));
  const std::string_view version = event.object["metadata"]["resourceVersion"].string_or();
  if (version.empty()) return fail(ErrorCode::kSyntax, "an event of the watch has no resourceVersion");
  resource_version_ = version;
  cache_->note_event();
  backoff_.reset();
  return {};
}

Reflector::Next Reflector::watch(const Resource& resource, const std::stop_token& stop) {
  cache_->note_watch();
  const auto begin = std::chrono::steady_clock::now();
  const auto spread = std::chrono::seconds(std::chrono::system_clock::now().time_since_epoch().count() % (options_.watch_duration.count() + 1));
  WatchEvents events;
  Next next = Next::kResume;
  Result<void> read;
  const auto ended = client_.watch(
      resource, {}, resource_version_, options_.watch_duration + spread,
      [&](std::string_view piece) {
        read = events.feed(piece, [&](const WatchEvent& event) { return apply(event, next); });
        return read.has_value();
      },
      stop);
  if (stop.stop_requested()) return Next::kRelist;
  const bool lasted = std::chrono::steady_clock::now() - begin > kShortWatch;
  std::string error;
  if (!read) {
    // Where an event cannot be read or kept, the following ones would not make up for it.
    if (read.error().code() != ErrorCode::kInputOutput) next = Next::kRelist;
    error = read.error().to_string();
  } else if (!ended) {
    if (ended.error().status == 410 || ended.error().status == 404) next = Next::kRelist;
    error = ended.error().to_string();
  } else if (lasted && !events.partial()) {
    return next;
  }
  if (!error.empty()) cache_->note_error(std::move(error));
  return pause(backoff_.next(), stop) ? next : Next::kRelist;
}

bool Reflector::pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace plimsoll::cluster
