#include "engine/cluster/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/cluster/kind_cache.h"
#include "engine/cluster/reflector.h"
#include "engine/policy/kinds.h"

namespace plimsoll::cluster {
namespace {

using Kinds = std::vector<std::shared_ptr<KindCache>>;

KindCache* find(const Kinds& kinds, std::string_view api_version, std::string_view kind) {
  const std::string_view group = policy::split_api_version(api_version).group;
  const auto found = std::ranges::find_if(kinds, [&](const auto& cache) { return cache->kind().kind == kind && cache->group() == group; });
  return found == kinds.end() ? nullptr : found->get();
}

}  // namespace

bool ViewStatus::ready() const {
  return std::ranges::all_of(kinds, &KindStatus::synced);
}

std::string ViewStatus::detail() const {
  std::string text;
  for (const KindStatus& kind : kinds) {
    if (kind.synced) continue;
    if (!text.empty()) text += "; ";
    text += fmt::format("{} ({}): {}", kind.kind.kind, kind.kind.api_version, kind.error.empty() ? "not listed yet" : kind.error);
  }
  return text;
}

const KindCache* ClusterObjects::find(std::string_view api_version, std::string_view kind) const {
  return cluster::find(*kinds_, api_version, kind);
}

const Value* ClusterObjects::get(std::string_view api_version, std::string_view kind, std::string_view namespace_name, std::string_view name) const {
  const KindCache* cache = find(api_version, kind);
  return cache == nullptr ? nullptr : cache->get(namespace_name, name);
}

void ClusterObjects::list(const Query& query, List& found, Arena& arena) const {
  if (const KindCache* cache = find(query.api_version, query.kind)) cache->list(query, found, arena);
}

bool ClusterObjects::complete(std::string_view api_version, std::string_view kind) const {
  const KindCache* cache = find(api_version, kind);
  return cache != nullptr && cache->synced();
}

std::optional<bool> ClusterObjects::namespaced(std::string_view api_version, std::string_view kind) const {
  const KindCache* cache = find(api_version, kind);
  return cache == nullptr ? std::nullopt : cache->namespaced();
}

struct ClusterView::State {
  State(Client& to, ViewOptions given) : client(to), options(given) {}

  Client& client;
  const ViewOptions options;
  std::atomic<size_t> bytes = 0;
  Epochs epochs;

  mutable std::mutex mutex;
  std::shared_ptr<const Kinds> kinds = std::make_shared<Kinds>();

  std::mutex watching;  // one watch() at a time
  std::vector<std::unique_ptr<Reflector>> reflectors;

  std::shared_ptr<const Kinds> current() const {
    const std::lock_guard lock(mutex);
    return kinds;
  }
};

ClusterView::ClusterView(Client& client, ViewOptions options) : state_(std::make_unique<State>(client, options)) {}

ClusterView::~ClusterView() { watch({}); }

void ClusterView::watch(const std::vector<WatchedKind>& kinds) {
  State& state = *state_;
  const std::lock_guard lock(state.watching);
  auto next = std::make_shared<Kinds>();
  std::vector<std::unique_ptr<Reflector>> kept, ended;
  for (const WatchedKind& kind : kinds) {
    if (find(*next, kind.api_version, kind.kind) != nullptr) continue;
    const std::string_view group = policy::split_api_version(kind.api_version).group;
    const auto running = std::ranges::find_if(state.reflectors, [&](const auto& reflector) {
      return reflector != nullptr && reflector->cache()->kind().kind == kind.kind && reflector->cache()->group() == group;
    });
    if (running != state.reflectors.end()) {
      next->push_back((*running)->cache());
      kept.push_back(std::move(*running));
      continue;
    }
    next->push_back(std::make_shared<KindCache>(kind, state.epochs, state.options, state.bytes));
    kept.push_back(std::make_unique<Reflector>(state.client, state.options, next->back()));
  }
  for (auto& reflector : state.reflectors) {
    if (reflector == nullptr) continue;
    reflector->request_stop();
    ended.push_back(std::move(reflector));
  }
  state.reflectors = std::move(kept);
  std::shared_ptr<const Kinds> before;
  const std::lock_guard current_lock(state.mutex);
  before = std::exchange(state.kinds, std::move(next));
}

ClusterObjects ClusterView::objects() const {
  // The epoch first: what is found in the caches of then is not yet taken out, or taken out later.
  auto epoch = state_->epochs.enter();
  return {state_->current(), std::move(epoch)};
}

ViewStatus ClusterView::status() const {
  ViewStatus status;
  for (const auto& cache : *state_->current()) status.kinds.push_back(cache->status());
  status.bytes = state_->bytes.load();
  return status;
}

ViewStatus ClusterView::status(const std::vector<WatchedKind>& kinds) const {
  ViewStatus status;
  const auto watched = state_->current();
  for (const WatchedKind& kind : kinds) {
    const KindCache* cache = find(*watched, kind.api_version, kind.kind);
    status.kinds.push_back(cache == nullptr ? KindStatus{.kind = kind} : cache->status());
    status.bytes += status.kinds.back().bytes;
  }
  return status;
}

uint64_t ClusterView::generation(std::string_view api_version, std::string_view kind) const {
  const auto kinds = state_->current();
  const KindCache* cache = find(*kinds, api_version, kind);
  return cache == nullptr ? 0 : cache->generation();
}

bool ClusterView::wait_ready(std::chrono::milliseconds limit) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!status().ready()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace plimsoll::cluster
