#include "engine/cluster/kind_cache.h"

#include <fmt/format.h>

#include <utility>

#include "engine/policy/kinds.h"

namespace plimsoll::cluster {
namespace {

// Epochs hang together as long as a reader stays: fewer of them, fewer links.
constexpr std::chrono::milliseconds kShortestEpoch{50};

std::string_view namespace_of(const Value& object) { return object["metadata"]["namespace"].string_or(); }
std::string_view name_of(const Value& object) { return object["metadata"]["name"].string_or(); }

}  // namespace

std::shared_ptr<const Epoch> Epochs::enter() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void Epochs::retire(std::unique_ptr<StoredObject> object) {
  std::shared_ptr<Epoch> over;  // its end may free much: not under the lock
  const std::lock_guard lock(mutex_);
  current_->retired_.push_back(std::move(object));
  if (std::chrono::steady_clock::now() - begun_ < kShortestEpoch) return;
  over = current_;
  begin_epoch();
}

void Epochs::advance() {
  std::shared_ptr<Epoch> over;
  const std::lock_guard lock(mutex_);
  if (current_->retired_.empty()) return;
  over = current_;
  begin_epoch();
}

void Epochs::begin_epoch() {
  current_->next_ = std::make_shared<Epoch>();
  current_ = current_->next_;
  begun_ = std::chrono::steady_clock::now();
}

KindCache::KindCache(WatchedKind kind, Epochs& epochs, const ViewOptions& options, std::atomic<size_t>& count)
    : kind_(std::move(kind)),
      group_(policy::split_api_version(kind_.api_version).group),
      epochs_(epochs),
      limit_(options.memory_limit),
      count_(count),
      compactor_(kind_.api_version, kind_.kind, options.secret_data ? SecretValues::kAll : SecretValues::kCertificates, count) {}

const Value* KindCache::get(std::string_view namespace_name, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  return index_.find(namespace_name, name);
}

void KindCache::list(const cel::Resources::Query& query, List& found, Arena& arena) const {
  const std::shared_lock lock(mutex_);
  index_.list(query, found, arena);
}

std::optional<bool> KindCache::namespaced() const {
  const Scope scope = scope_;
  return scope == Scope::kUnknown ? std::nullopt : std::optional(scope == Scope::kNamespaced);
}

KindStatus KindCache::status() const {
  const std::lock_guard lock(status_mutex_);
  return {.kind = kind_,
          .synced = synced(),
          .served = served_,
          .objects = objects_.load(),
          .bytes = bytes_.load(),
          .lists = lists_,
          .watches = watches_,
          .events = events_,
          .error = error_};
}

void KindCache::begin_list() {
  seen_.clear();
  listing_ = true;
}

Result<void> KindCache::set(const Value& object) {
  const std::string_view space = namespace_of(object), name = name_of(object);
  if (name.empty()) return fail(ErrorCode::kSyntax, fmt::format("an object of kind {} has no name", kind_.kind));
  if (const Value* known = index_.find(space, name)) {  // only this thread changes the index
    const std::string_view version = object["metadata"]["resourceVersion"].string_or();
    if (!version.empty() && (*known)["metadata"]["resourceVersion"].string_or() == version) {
      if (listing_) seen_.insert(known);
      return {};
    }
  }
  std::unique_ptr<StoredObject> stored = compactor_.store(object);
  if (count_.load(std::memory_order_relaxed) > limit_ - (synced() ? 0 : limit_ / 8)) {
    stored.reset();
    const std::string told = fmt::format("the limit of {} MiB for the cluster's objects is reached at {} objects of this kind", limit_ >> 20, owners_.size());
    clear();
    return std::unexpected(Error(ErrorCode::kLimit, told).with_remedy("raise it (--cache-memory), or leave out rules that ask for this kind"));
  }
  const Value* root = &stored->root;
  bytes_ += stored->bytes;
  owners_.emplace(root, std::move(stored));
  const Value* before = nullptr;
  {
    const std::unique_lock lock(mutex_);
    before = index_.set(space, name, root);
  }
  if (before != nullptr) take_out(before);
  if (listing_) seen_.insert(root);
  objects_ = owners_.size();
  generation_.fetch_add(1, std::memory_order_release);
  return {};
}

void KindCache::erase(const Value& object) {
  const Value* before = nullptr;
  {
    const std::unique_lock lock(mutex_);
    before = index_.erase(namespace_of(object), name_of(object));
  }
  if (before != nullptr) take_out(before);
}

void KindCache::take_out(const Value* object) {
  const auto owner = owners_.find(object);
  bytes_ -= owner->second->bytes;
  epochs_.retire(std::move(owner->second));
  owners_.erase(owner);
  seen_.erase(object);
  objects_ = owners_.size();
  generation_.fetch_add(1, std::memory_order_release);
}

void KindCache::end_list() {
  std::vector<const Value*> gone;
  index_.each([&](const Value* object) {
    if (!seen_.contains(object)) gone.push_back(object);
  });
  for (const Value* object : gone) erase(*object);
  seen_ = {};
  listing_ = false;
  generation_.fetch_add(1, std::memory_order_release);  // 0 says: not yet
  synced_.store(true, std::memory_order_release);
  epochs_.advance();
  const std::lock_guard lock(status_mutex_);
  served_ = true;
  ++lists_;
  error_.clear();
}

void KindCache::clear() {
  synced_.store(false, std::memory_order_release);
  {
    const std::unique_lock lock(mutex_);
    index_.clear();
  }
  for (auto& [object, owner] : owners_) epochs_.retire(std::move(owner));
  owners_.clear();
  seen_.clear();
  bytes_ = 0;
  objects_ = 0;
  generation_.fetch_add(1, std::memory_order_release);
  epochs_.advance();
}

void KindCache::set_absent() {
  if (!owners_.empty()) clear();
  if (!synced()) {
    generation_.fetch_add(1, std::memory_order_release);
    synced_.store(true, std::memory_order_release);
  }
  const std::lock_guard lock(status_mutex_);
  served_ = false;
  error_.clear();
}

void KindCache::note_error(std::string error) {
  const std::lock_guard lock(status_mutex_);
  error_ = std::move(error);
}

void KindCache::note_watch() {
  const std::lock_guard lock(status_mutex_);
  ++watches_;
  error_.clear();
}

void KindCache::note_event() {
  const std::lock_guard lock(status_mutex_);
  ++events_;
}

}  // namespace plimsoll::cluster
