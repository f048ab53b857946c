// Keeps the rules in force up to date with files and cluster, and the cluster's view with the rules.
//
//   RuleKeeper keeper(sources, *load_rulebook(sources, 1), &client, {.memory_limit = 256UL << 20}, log);
//   while (...) keeper.check(asked_to_reload);       // one thread, every second or so; never waits
//   keeper.store().current();                        // any thread
//
// New rules are in force once they are compiled and the view has all kinds that they look at. Until then, and for good where one of both
// fails, the rules before them judge, by what they look at. Without a cluster there is nothing to wait for.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/cluster/client.h"
#include "engine/cluster/view.h"
#include "webhook/file_watch.h"
#include "webhook/judge.h"
#include "webhook/log.h"
#include "webhook/reloads.h"
#include "webhook/rulebook.h"

namespace plimsoll::webhook {

struct RuleStatus {
  // Whether all policies are in force, those of the cluster included, and what they look at is known.
  bool ready = true;
  std::string missing;        // why not
  cluster::ViewStatus view;   // of what the rules in force look at
};

class RuleKeeper {
 public:
  // How long a reload may wait for the kinds it asks for before it counts as failed; it is put in force later all the same, should they
  // come.
  static constexpr std::chrono::seconds kSyncLimit{10};

  // `client`: nullptr where no cluster is connected. All outlive it.
  RuleKeeper(RulebookSources sources, std::shared_ptr<const Rulebook> first, cluster::Client* client,
             cluster::ViewOptions view_options, const Log& log, std::chrono::milliseconds sync_limit = kSyncLimit);
  ~RuleKeeper();

  // Looks for changes and puts in force what is complete. `asked`: reads everything again, changed or not.
  void check(bool asked);

  const RulebookStore& store() const { return store_; }
  const ClusterWindow& window() const { return window_; }
  const Reloads& reloads() const { return reloads_; }
  // nullptr without a cluster.
  const cluster::ClusterView* view() const { return view_.get(); }
  RuleStatus status() const;

 private:
  struct Pending {
    std::shared_ptr<const Rulebook> book;
    bool with_cluster = false;  // whether the policies of the cluster are among it
    std::chrono::steady_clock::time_point deadline;
    bool told = false;
  };

  static std::vector<cluster::WatchedKind> watched_kinds(const Rulebook& book);
  uint64_t cluster_generation() const;
  bool cluster_rules_changed();
  void begin();
  void finish();
  void log_rules(const Rulebook& book) const;

  const RulebookSources sources_;
  const std::chrono::milliseconds sync_limit_;
  const Log& log_;
  RulebookStore store_;
  FileWatch files_;
  Reloads reloads_;
  std::unique_ptr<cluster::ClusterView> view_;
  ClusterWindow window_;
  std::optional<Pending> pending_;
  uint64_t read_generation_ = 0;      // of the cluster's rules that were read last; 0: none yet
  bool cluster_keeps_rules_ = false;  // when they were read last
  std::atomic<bool> cluster_rules_in_force_ = false;
};

}  // namespace plimsoll::webhook
