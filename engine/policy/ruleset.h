// The inside of a RuleSet: rules with their bindings and params, and the plan of which rules can apply to which kind.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/policy/compile.h"
#include "engine/policy/engine.h"
#include "engine/policy/evaluate.h"
#include "engine/policy/kinds.h"
#include "engine/policy/match.h"
#include "engine/policy/params.h"
#include "engine/policy/policy.h"
#include "engine/policy/schema_findings.h"

namespace plimsoll::policy {

struct Rule {
  Policy policy;  // validating or mutating
  std::vector<Binding> bindings;  // empty: everything, with action Deny
  Value params;                   // of the pack; null for policies of the user's own
  std::optional<yaml::Document> document;

  // The mutating policy of the same name, which repairs what this one refuses; nullptr if there is none.
  std::unique_ptr<Rule> repair;

  const MatchResources& match() const { return *policy.match_constraints; }
  Rule* mutating_part() { return policy.mutating ? this : repair.get(); }

  // Set once, under RuleSet::State::compile_mutex.
  std::atomic<const CompiledPolicy*> compiled = nullptr;
  std::shared_ptr<const CompiledPolicy> owned;
};

struct RuleSet::State {
  std::vector<PackInfo> packs;
  std::vector<RuleInfo> infos;
  std::vector<std::unique_ptr<Rule>> rules;  // as infos
  KindTable kinds;
  ObjectIndex objects;                    // what the user gave along with policies
  std::vector<yaml::Document> documents;  // keep `objects` alive
  Arena arena;                            // params and the request's constants
  Value user_groups, create_options;
  SchemaRules schema_rules = policy::schema_rules();

  // An address that no later set has while a scratch keeps it.
  std::shared_ptr<const int> identity = std::make_shared<const int>(0);

  std::mutex compile_mutex;
  PolicyCompiler compiler;

  Result<const CompiledPolicy*> compiled(size_t rule) { return compiled(*rules[rule], infos[rule]); }
  Result<const CompiledPolicy*> compiled(Rule& rule, const RuleInfo& info);
};

// Rules that may apply to requests of one kind and operation, in order.
struct KindPlan {
  struct Candidate {
    size_t rule;
    RuleAnswer answer;
    MatchOutcome as;  // borrows the plan's texts or static ones
  };
  std::string operation, group, version, kind;
  std::string resource_group, resource_version, resource, subresource;
  bool namespaced = true;
  std::vector<Candidate> candidates;
};

struct EvaluationScratch::State {
  Arena arena;
  VariableMemo memo;
  std::shared_ptr<const int> owner;  // identity of the RuleSet that the plans are for
  std::vector<std::unique_ptr<KindPlan>> plans;
  PolicyResult result;
  std::string resource_guess;

  // Before each evaluation.
  void start(const RuleSet::State& set);
};

}  // namespace plimsoll::policy
