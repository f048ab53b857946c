// What requests are judged by: rules and settings, loaded together, immutable, replaced as a whole.
//
//   RulebookSources sources{.packs = {"pod-security-restricted"}, .policies = "/etc/plimsoll/policies"};
//   Result<std::shared_ptr<const Rulebook>> first = load_rulebook(sources, 1);
//   RulebookStore store(*first);
//   store.replace(*load_rulebook(sources, 2));     // requests under way finish with the old one
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/cluster/policies.h"
#include "engine/cluster/view.h"
#include "engine/policy/default.h"
#include "engine/policy/engine.h"
#include "engine/value/error.h"
#include "webhook/settings.h"

namespace plimsoll::webhook {

struct RulebookSources {
  std::vector<std::string> packs = {};   // names, or folders with a '/'; with those of the settings
  std::string policies = {};             // folder of policies, bindings and params; empty: none
  std::vector<std::string> params = {};  // pack.name=value; win over the settings'
  std::string kube_version = {};
  std::string config = {};         // file of settings; empty: none
  std::string own_namespace = {};  // always exempt; empty: unknown
};

struct Rulebook {
  uint64_t generation = 0;
  Settings settings;
  std::shared_ptr<const policy::RuleSet> all;
  // For /validate/<pack>.
  std::vector<std::pair<std::string, std::shared_ptr<const policy::RuleSet>>> packs;

  // What the rules look at besides the object they judge, and which rules do not tell (RuleSet::asked_kinds()).
  std::vector<cluster::WatchedKind> asked_kinds;
  std::vector<Error> untold;
  // What mutations decode objects by; nullptr: no rule mutates.
  std::shared_ptr<const policy::Defaulting> defaulting;

  // Empty name: all rules. nullptr if no such pack is in use.
  const policy::RuleSet* find(std::string_view pack) const;
};

// Everything compiled. Errors are those of files, packs, policies and expressions, with their place.
// `cluster`: what the cluster keeps itself, besides.
Result<std::shared_ptr<const Rulebook>> load_rulebook(const RulebookSources& sources, uint64_t generation, const cluster::ClusterRules& cluster = {});

class RulebookStore {
 public:
  explicit RulebookStore(std::shared_ptr<const Rulebook> first) : current_(std::move(first)) {
    generation_.store(current_->generation);
  }

  std::shared_ptr<const Rulebook> current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  // Cheap: whether current() is still what one has.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  void replace(std::shared_ptr<const Rulebook> next);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Rulebook> current_;
  std::atomic<uint64_t> generation_ = 0;
};

}  // namespace plimsoll::webhook
