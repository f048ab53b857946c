// The objects of a cluster, as far as rules ask for them: watch caches of those kinds and no others.
//
//   ClusterView view(client, {.memory_limit = 256UL << 20});
//   view.watch({{"v1", "Namespace"}, {"apps/v1", "Deployment"}});
//   ...
//   if (view.status().ready()) {
//     const ClusterObjects objects = view.objects();       // one for each request
//     rules->admit({.request = request, .objects = &objects}, scratch);
//   }
//
// One thread for each kind lists it, then watches it; it resumes where it was after a broken connection, and lists again where the server
// has forgotten that place (410). Its objects stay visible meanwhile. A kind that the cluster does not serve counts as one without
// objects, and is looked for again now and then.
//
// Lifetimes: what a ClusterObjects hands out stays alive as long as it does, whatever happens in the cluster: objects that were replaced or
// deleted are kept until all the ClusterObjects of that time are gone. Two questions may see two states of the cluster. All ClusterObjects
// end before their view.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cluster/client.h"
#include "engine/policy/asked_kinds.h"
#include "engine/policy/params.h"

namespace plimsoll::cluster {

// The version is the one that is asked for; where it is not served, any other of its group counts.
using WatchedKind = policy::AskedKind;

struct ViewOptions {
  // Bytes of objects; a kind that goes beyond is dropped, and not ready. Its first list may take no more than 7/8 of them, so that a kind
  // that is new crowds out none that rules in force look at.
  size_t memory_limit = 256UL << 20;
  bool secret_data = false;           // false: Secrets keep the keys of their data and certificates; other values become empty
  std::chrono::milliseconds first_backoff{500}, longest_backoff{30'000};
  std::chrono::milliseconds absent_check{30'000};  // of kinds that are not served
  std::chrono::seconds watch_duration{300};        // at least; up to twice that
};

struct KindStatus {
  WatchedKind kind;
  bool synced = false;  // its first list is here, or it is known not to be served
  bool served = true;
  size_t objects = 0, bytes = 0;
  uint64_t lists = 0, watches = 0, events = 0;  // so far
  std::string error = {};  // why it is not synced, or not up to date; empty: all is well
};

struct ViewStatus {
  std::vector<KindStatus> kinds;
  size_t bytes = 0;

  bool ready() const;
  // "Pod (v1): 403 Forbidden: ...; ..." of kinds that are not synced; empty if ready.
  std::string detail() const;
};

class KindCache;
class Epoch;

// What one evaluation sees.
class ClusterObjects final : public policy::ObjectSource {
 public:
  const Value* get(std::string_view api_version, std::string_view kind, std::string_view namespace_name, std::string_view name) const override;
  void list(const Query& query, List& found, Arena& arena) const override;
  // True of kinds that are watched and synced.
  bool complete(std::string_view api_version, std::string_view kind) const override;
  std::optional<bool> namespaced(std::string_view api_version, std::string_view kind) const override;

 private:
  friend class ClusterView;
  using Kinds = std::vector<std::shared_ptr<KindCache>>;
  ClusterObjects(std::shared_ptr<const Kinds> kinds, std::shared_ptr<const Epoch> epoch) : kinds_(std::move(kinds)), epoch_(std::move(epoch)) {}
  const KindCache* find(std::string_view api_version, std::string_view kind) const;

  std::shared_ptr<const Kinds> kinds_;
  std::shared_ptr<const Epoch> epoch_;
};

class ClusterView {
 public:
  // `client` outlives it.
  ClusterView(Client& client, ViewOptions options);
  // Ends the watches.
  ~ClusterView();
  ClusterView(const ClusterView&) = delete;
  ClusterView& operator=(const ClusterView&) = delete;

  // From now on these kinds, and no others: what is watched already goes on, what is not in the list ends.
  void watch(const std::vector<WatchedKind>& kinds);
  ClusterObjects objects() const;
  ViewStatus status() const;
  // Of these kinds only; one that is not watched is not synced.
  ViewStatus status(const std::vector<WatchedKind>& kinds) const;
  // Counts the changes of a kind's objects; 0 if it is not watched or not yet synced. Cheap.
  uint64_t generation(std::string_view api_version, std::string_view kind) const;
  // True if all kinds were synced in time.
  bool wait_ready(std::chrono::milliseconds limit) const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::cluster
