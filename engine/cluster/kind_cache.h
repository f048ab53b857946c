// The objects of one kind, written by the thread that watches it and read by any other.
//
//   KindCache cache(kind, epochs, options, count);
//   cache.begin_list();
//   cache.set(object);
//   cache.end_list();            // what was not set since begin_list() goes
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/cluster/compact.h"
#include "engine/cluster/view.h"
#include "engine/policy/kind_index.h"

namespace plimsoll::cluster {

// What was taken out of caches while this was the present, and all that follows. A reader holds the epoch it began in; when the last such
// reader of this and of earlier epochs has gone, so does what was taken out.
class Epoch {
 public:
  Epoch() = default;

 private:
  friend class Epochs;
  std::vector<std::unique_ptr<StoredObject>> retired_;
  std::shared_ptr<Epoch> next_;
};

class Epochs {
 public:
  std::shared_ptr<const Epoch> enter() const;
  // Frees the object when no reader of now is left.
  void retire(std::unique_ptr<StoredObject> object);
  // Begins a new epoch if anything was retired, so that it may go.
  void advance();

 private:
  void begin_epoch();

  mutable std::mutex mutex_;
  std::shared_ptr<Epoch> current_ = std::make_shared<Epoch>();
  std::chrono::steady_clock::time_point begun_ = {};
};

class KindCache {
 public:
  // All outlive it.
  KindCache(WatchedKind kind, Epochs& epochs, const ViewOptions& options, std::atomic<size_t>& count);
  // Its objects outlive no reader either.
  ~KindCache() = default;

  const WatchedKind& kind() const { return kind_; }
  std::string_view group() const { return group_; }

  // Readers. Objects live as long as the epoch that was entered before.
  const Value* get(std::string_view namespace_name, std::string_view name) const;
  void list(const cel::Resources::Query& query, List& found, Arena& arena) const;
  bool synced() const { return synced_.load(std::memory_order_acquire); }
  uint64_t generation() const { return synced() ? generation_.load(std::memory_order_acquire) : 0; }
  KindStatus status() const;
  std::optional<bool> namespaced() const;  // nullopt: not found in the cluster so far

  // The writer. kLimit: there is no room; nothing is kept any more then.
  void begin_list();
  Result<void> set(const Value& object);
  void end_list();
  void erase(const Value& object);
  // The cluster does not serve the kind, so that there are no objects.
  void set_absent();
  void clear();
  void note_scope(bool namespaced) { scope_ = namespaced ? Scope::kNamespaced : Scope::kCluster; }
  // What status() tells.
  void note_error(std::string error);
  void note_watch();
  void note_event();

 private:
  enum class Scope : uint8_t { kUnknown, kCluster, kNamespaced };

  void take_out(const Value* object);

  const WatchedKind kind_;
  const std::string group_;
  Epochs& epochs_;
  const size_t limit_;
  std::atomic<size_t>& count_;
  Compactor compactor_;

  mutable std::shared_mutex mutex_;  // of the index, held by the writer for one object at a time
  policy::KindIndex index_;
  std::unordered_map<const Value*, std::unique_ptr<StoredObject>> owners_;  // the writer's
  std::unordered_set<const Value*> seen_;                                   // since begin_list()
  bool listing_ = false;

  std::atomic<bool> synced_ = false;
  std::atomic<Scope> scope_ = Scope::kUnknown;
  std::atomic<uint64_t> generation_ = 0;
  std::atomic<size_t> bytes_ = 0, objects_ = 0;
  mutable std::mutex status_mutex_;
  bool served_ = true;
  uint64_t lists_ = 0, watches_ = 0, events_ = 0;
  std::string error_;
};

}  // namespace plimsoll::cluster
