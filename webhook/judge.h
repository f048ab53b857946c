// Answers admission reviews by the rules in force: what a violation comes to (deny, warn, audit), what is exempt, what
// is excepted.
//
//   Judge judge(store, cluster, metrics.part(thread), log, OnFault::kDeny);       // one for each thread
//   HttpResponse response = judge.answer(Endpoint::kValidate, "", request);
//
// A violation does what the bindings of its policy ask for; of a rule without binding, severity error denies, warning
// warns, info is for the audit log. `modes` of the settings lower that, exceptions take it away. Every violation is in
// the audit annotation `violations`.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/cluster/view.h"
#include "engine/value/arena.h"
#include "engine/value/json.h"
#include "webhook/admission_review.h"
#include "webhook/http.h"
#include "webhook/log.h"
#include "webhook/metrics.h"
#include "webhook/rulebook.h"

namespace plimsoll::webhook {

enum class Endpoint { kValidate, kMutate };

// The objects of the cluster as rules see them; none while they are not all there.
class ClusterWindow {
 public:
  // `view` outlives this.
  void connect(const cluster::ClusterView& view) { view_ = &view; }
  void set_ready(bool ready) { ready_.store(ready, std::memory_order_relaxed); }
  bool ready() const { return ready_.load(std::memory_order_relaxed); }
  std::optional<cluster::ClusterObjects> objects() const {
    return view_ != nullptr && ready() ? std::optional(view_->objects()) : std::nullopt;
  }

 private:
  const cluster::ClusterView* view_ = nullptr;
  std::atomic<bool> ready_ = false;
};

// What is said to a request that could not be judged: a rule fails to evaluate within the deadline, say.
enum class OnFault { kDeny, kAllow };

class Judge {
 public:
  // All outlive this.
  using WallClock = std::chrono::system_clock::time_point (*)();
  Judge(const RulebookStore& store, const ClusterWindow& cluster, MetricsPart& metrics, const Log& log,
        OnFault on_fault, WallClock now = std::chrono::system_clock::now);

  // `pack`: empty for all rules. The request's body is a review; its query may have `timeout`, as the API server sends
  // it.
  HttpResponse answer(Endpoint endpoint, std::string_view pack, const HttpRequest& http);

 private:
  // Of a review and what mutating rules make of it, beside the reader's.
  static constexpr size_t kMemory = 32UL << 20;

  // A rule set with what this thread keeps for it.
  struct Bench {
    const policy::RuleSet* rules;
    policy::EvaluationScratch scratch;
    std::vector<RuleCounts*> counts;  // as rules->rules()
  };
  struct Outcome;

  HttpResponse respond(Endpoint endpoint, std::string_view pack, const HttpRequest& http);
  Bench* bench_for(std::string_view pack);
  void judge(Bench& bench, const AdmissionReview& review, std::chrono::steady_clock::time_point deadline,
             Outcome& outcome);
  void mutate(Bench& bench, const AdmissionReview& review, std::chrono::steady_clock::time_point deadline,
              Outcome& outcome);
  bool is_excepted(const policy::RuleInfo& rule, const policy::Request& request) const;
  void weigh(Bench& bench, const AdmissionReview& review, policy::Admission& admission, Outcome& outcome);
  void fault(const Error& error, std::chrono::steady_clock::time_point deadline, Outcome& outcome);
  void record(Endpoint endpoint, const AdmissionReview& review, const Outcome& outcome, const HttpRequest& http);

  const RulebookStore& store_;
  const ClusterWindow& cluster_;
  MetricsPart& metrics_;
  const Log& log_;
  OnFault on_fault_;
  WallClock now_;
  std::shared_ptr<const Rulebook> book_;
  std::vector<std::pair<std::string, Bench>> benches_;  // those that were asked for
  json::Reader reader_;
  Arena arena_{kMemory};
};

}  // namespace plimsoll::webhook
