#include "engine/policy/mutate.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <map>
#include <set>

#include "engine/policy/activation.h"
#include "engine/policy/bind.h"
#include "engine/policy/budget.h"
#include "engine/policy/evaluate.h"
#include "engine/policy/mutation_value.h"
#include "engine/schema/kubernetes_defaults.h"
#include "engine/value/go_quote.h"

namespace plimsoll::policy {
namespace {

// A policy with one of its bindings and params.
struct Invocation {
  const BoundPolicy* bound;
  const CompiledPolicy* policy;
  const Binding* binding;  // nullptr: the policy applies without one
  MatchOutcome as;
  Value param;

  // The same in another pass.
  std::string key() const {
    const Value metadata = param["metadata"];
    return fmt::format("{}\n{}\n{}\n{}\n{}", static_cast<const void*>(bound), policy->policy().metadata.name, binding_name(),
                       metadata["namespace"].string_or(), metadata["name"].string_or());
  }
  std::string binding_name() const { return binding != nullptr ? binding->metadata.name : std::string(); }
};

// Why one mutation could not be made.
struct Failure {
  enum class Kind { kPolicy, kInternal, kCrash } kind = Kind::kPolicy;
  std::string message;
};
template <typename T>
using Attempt = std::expected<T, Failure>;

std::unexpected<Failure> policy_failure(std::string message) {
  return std::unexpected(Failure{Failure::Kind::kPolicy, std::move(message)});
}
std::unexpected<Failure> internal_failure(std::string message) {
  return std::unexpected(Failure{Failure::Kind::kInternal, std::move(message)});
}

class Mutator {
 public:
  Mutator(const Request& request, std::span<const BoundPolicy> policies, const Surroundings& surroundings,
          const Defaulting& defaulting, Arena& arena, const Value& written,
          std::optional<std::chrono::steady_clock::time_point> deadline)
      : request_(request), policies_(policies), surroundings_(surroundings), defaulting_(defaulting), arena_(arena), deadline_(deadline) {
    outcome_.written = written;
  }

  Result<MutationOutcome> run() {
    outcome_.object = request_.object;
    if (!is_exempt(request_.resource) && pass(false) && reinvoke_) {
      last_output_ = request_.object;
      if (request_.object.is_map()) {
        request_.object = deep_copy(arena_, request_.object);
        defaulting_.admit(request_.object, arena_);
      }
      if (!equal(last_output_, request_.object)) require_reinvocation();
      pass(true);
    }
    if (fault_) return std::unexpected(*std::move(fault_));
    outcome_.object = request_.object;
    return std::move(outcome_);
  }

 private:
  struct Refusal {
    std::string message, reason;
  };

  // False: the request is refused, or there is nothing to do again.
  bool pass(bool again) {
    RequestScope scope(request_, surroundings_, arena_);
    std::vector<Refusal> refusals;
    const std::vector<Invocation> invocations = collect(scope, refusals);
    if (!invocations.empty() && !namespace_exists(scope)) return false;
    bool patched = false;
    for (const Invocation& invocation : invocations) {
      if (!invoke(invocation, again, refusals, patched)) return false;
    }
    if (patched) {
      require_reinvocation();
      reinvoke_ = true;
    }
    if (refusals.empty()) return true;
    outcome_.allowed = false;
    outcome_.message = refusals.front().message;
    outcome_.reason = refusals.front().reason.empty() ? "Forbidden" : refusals.front().reason;
    outcome_.code = 403;
    for (Refusal& refusal : refusals) outcome_.causes.push_back(std::move(refusal.message));
    return false;
  }

  static void refuse(std::vector<Refusal>& refusals, const CompiledPolicy& policy, const Binding* binding, std::string_view message,
                     std::string_view reason) {
    if (!policy.fails_closed()) return;
    const std::string& name = policy.policy().metadata.name;
    refusals.push_back({binding ? fmt::format("policy '{}' with binding '{}' denied request: {}", name, binding->metadata.name, message)
                                : fmt::format("policy {} denied request: {}", go::quoted(name), message),
                        std::string(reason)});
  }

  static void configuration_error(std::vector<Refusal>& refusals, const CompiledPolicy& policy, const Binding* binding,
                                  std::string_view error) {
    refuse(refusals, policy, binding, fmt::format("failed to configure {}: {}", binding ? "binding" : "policy", error), {});
  }

  // All that apply to the object as it is before any of them ran.
  std::vector<Invocation> collect(RequestScope& scope, std::vector<Refusal>& refusals) {
    std::vector<Invocation> result;
    for (const BoundPolicy& bound : policies_) {
      const CompiledPolicy& policy = *bound.policy;
      if (!policy.policy().match_constraints) {
        configuration_error(refusals, policy, nullptr, "policy contained no match constraints, a required field");
        continue;
      }
      const MatchOutcome as = match_resources(*policy.policy().match_constraints, scope);
      if (!as.error.empty()) configuration_error(refusals, policy, nullptr, as.error);
      if (!as.matched) continue;
      if (const auto error = param_kind_error(policy.policy(), *surroundings_.kinds, true); error && !bound.bindings.empty()) {
        configuration_error(refusals, policy, nullptr, *error);
        continue;
      }
      if (bound.bindings.empty()) result.push_back({&bound, &policy, nullptr, as, bound.params});
      for (const Binding& binding : bound.bindings) {
        if (binding.match_resources) {
          const MatchOutcome outcome = match_resources(*binding.match_resources, scope);
          if (!outcome.error.empty()) configuration_error(refusals, policy, &binding, outcome.error);
          if (!outcome.matched) continue;
        }
        const auto params = collect_params(policy.policy(), binding, scope);
        if (!params) {
          configuration_error(refusals, policy, &binding, params.error());
          continue;
        }
        for (const Value& param : *params) result.push_back({&bound, &policy, &binding, as, param});
      }
    }
    return result;
  }

  bool namespace_exists(RequestScope& scope) {
    const bool namespaced = !request_.namespace_name.empty() && request_.kind != GroupVersionKind{"", "v1", "Namespace"};
    if (!namespaced || scope.namespace_value() != nullptr) return true;
    outcome_.allowed = false;
    outcome_.message = fmt::format("namespaces {} not found", go::quoted(request_.namespace_name));
    outcome_.reason = "NotFound";
    outcome_.code = 404;
    return false;
  }

  bool within_budget() {
    if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) {
      fault_ = Error(ErrorCode::kLimit, "the deadline passed before all rules had their turn");
    } else if (arena_.exceeded()) {
      fault_ = Error(ErrorCode::kLimit, "the object takes more memory than a request may, with what rules make of it");
    }
    return !fault_;
  }

  // False: the request is refused at once, or a budget is used up.
  bool invoke(const Invocation& invocation, bool again, std::vector<Refusal>& refusals, bool& patched) {
    const CompiledPolicy& policy = *invocation.policy;
    RequestScope scope(request_, surroundings_, arena_);
    const auto object = convert_object(request_.object, request_.object_kind(), invocation.as.kind, arena_);
    const auto old_object = convert_object(request_.old_object, request_.object_kind(), invocation.as.kind, arena_);
    if (!object || !old_object) {
      configuration_error(refusals, policy, invocation.binding,
                          fmt::format("failed to convert object version: no conversion from {} to {}", request_.object_kind().to_string(),
                                      invocation.as.kind.to_string()));
      return true;
    }
    // A mutating policy has no validations: only its match conditions are evaluated.
    PolicyResult conditions;
    evaluate_policy(policy, invocation.as, invocation.param, scope, *object, *old_object, conditions);
    if (!conditions.denials.empty()) {
      refuse(refusals, policy, invocation.binding, conditions.denials.front().message, "Invalid");
      return true;
    }
    if (!conditions.applicable) return true;
    const std::string key = invocation.key();
    if (again && !to_reinvoke_.contains(key)) return true;

    Value current = *object;
    bool changed = false;
    const bool as_requested = invocation.as.kind == request_.object_kind();
    for (size_t i = 0; i < policy.mutations().size(); ++i) {
      if (!within_budget()) return false;
      if (!current.is_map()) continue;
      auto result = mutate_once(invocation, i, scope, current, *old_object);
      if (!result) {
        if (result.error().kind != Failure::Kind::kPolicy) {
          outcome_.allowed = false;
          outcome_.causes = {result.error().message};
          outcome_.message = "Internal error occurred: " + result.error().message;
          outcome_.reason = "InternalError";
          outcome_.code = 500;
          outcome_.crashes_server = result.error().kind == Failure::Kind::kCrash;
          return false;
        }
        refuse(refusals, policy, invocation.binding, result.error().message, "Invalid");
        continue;
      }
      patched = true;
      if (record(invocation, i, current, *result)) {
        changed = true;
        if (as_requested) carry_over(current, result->said);
      }
      current = result->decoded;
    }
    if (changed) {
      require_reinvocation();
      reinvoke_ = true;
      if (const auto back = convert_object(current, invocation.as.kind, request_.object_kind(), arena_)) {
        if (!as_requested) carry_over(request_.object, *back);
        request_.object = *back;
      }
    }
    if (policy.policy().reinvocation_policy == "IfNeeded") invoked_.insert(key);
    return true;
  }

  Attempt<Value> evaluate(const Invocation& invocation, size_t index, RequestScope& scope, const Value& object, const Value& old_object) {
    const CompiledExpression& expression = invocation.policy->mutations()[index];
    const EvaluationInput input{*invocation.policy, scope, invocation.as, object, old_object, invocation.param};
    GroupActivation activation(input, true, true);
    Budget budget(Budget::kGroup);
    Step step;
    if (!budget.run(expression, activation, true, step)) return policy_failure(std::string(Budget::kExceeded));
    if (!step.ok) return policy_failure(std::move(step.error));
    return step.value;
  }

  // What a mutation made of an object.
  struct Mutated {
    Value said;     // with what the policy said, and nothing else
    Value decoded;  // as the server has it then
  };

  Attempt<Mutated> mutate_once(const Invocation& invocation, size_t index, RequestScope& scope, const Value& object,
                             const Value& old_object) {
    auto value = evaluate(invocation, index, scope, object, old_object);
    if (!value) return std::unexpected(std::move(value.error()));
    const GroupVersionKind& kind = invocation.as.kind;
    const schema::KindInfo info = defaulting_.catalog().find(kind.group, kind.version, kind.kind);
    return invocation.policy->policy().mutations[index].patch_type == "JSONPatch" ? patch(*value, object, kind, info)
                                                                                  : apply(*value, object, kind, info);
  }

  Attempt<Mutated> patch(const Value& value, const Value& object, const GroupVersionKind& kind, const schema::KindInfo& info) {
    const auto operations = json_patch(value, arena_);
    if (!operations) {
      const bool crash = operations.error().code() == ErrorCode::kInternal;
      return std::unexpected(Failure{crash ? Failure::Kind::kCrash : Failure::Kind::kPolicy, operations.error().message()});
    }
    if (operations->empty()) return Mutated{object, object};
    const auto patched = apply_json_patch(object, *operations, arena_);
    if (!patched) return policy_failure("JSON Patch: " + patched.error().message());
    if (patched->test_failed) return decoded(object, kind, info, false);
    return decoded(patched->document, kind, info, true);
  }

  Attempt<Mutated> apply(const Value& value, const Value& object, const GroupVersionKind& kind, const schema::KindInfo& info) {
    const auto configuration = apply_configuration(value, arena_);
    if (!configuration) return policy_failure(configuration.error().message());
    Map& map = *configuration->as_map();
    map.set(arena_, "apiVersion", Value::string(arena_.copy(kind.api_version())));
    map.set(arena_, "kind", Value::string(arena_.copy(kind.kind)));
    constexpr std::string_view kContext = "error applying patch: ";
    if (info.type == nullptr) {
      return policy_failure(fmt::format("{}failed to convert patch object to typed object: no corresponding type for {}", kContext,
                                        kind.to_string()));
    }
    if (const auto error = schema::check_patch(*info.type, *configuration)) {
      return policy_failure(fmt::format("{}failed to convert patch object to typed object: {}", kContext, *error));
    }
    if (const auto atomics = schema::atomic_paths(*info.type, *configuration); !atomics.empty()) {
      return policy_failure(fmt::format("{}invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: {}", kContext,
                                        fmt::join(atomics, ", ")));
    }
    return decoded(schema::merge(*info.type, object, *configuration, arena_), kind, info, false);
  }

  // As the server has it once it is typed again, with defaults. `strict`: unknown fields are refused; such errors are not the
  // policy's.
  Attempt<Mutated> decoded(const Value& object, const GroupVersionKind& kind, const schema::KindInfo& info, bool strict) {
    if (info.type == nullptr) return Mutated{object, object};
    if (info.custom) {
      const Value copy = deep_copy(arena_, object);
      schema::apply_defaults(*info.type, copy, arena_);
      return Mutated{object, copy};
    }
    schema::DecodeReport report;
    const Value result = schema::decode(*info.type, object, arena_, report);
    if (report.mismatch) {
      if (strict) return internal_failure(report.mismatch->message);
      return policy_failure(fmt::format("unable to convert unstructured object to {}: {}", kind.to_string(), report.mismatch->message));
    }
    if (strict && !report.unknown.empty()) {
      std::vector<std::string> names;
      for (const Path& path : report.unknown) names.push_back(fmt::format("unknown field {}", go::quoted(path.to_string())));
      std::ranges::sort(names);
      return internal_failure(fmt::format("strict decoding error: {}", fmt::join(names, ", ")));
    }
    schema::apply_defaults(*info.type, result, arena_);
    return Mutated{object, result};
  }

  void carry_over(const Value& before, const Value& after) {
    if (!outcome_.written.is_map()) return;
    const GroupVersionKind& kind = request_.kind;
    const schema::Type* type = defaulting_.catalog().find(kind.group, kind.version, kind.kind).type;
    outcome_.written = schema::carry_over(type, before, after, outcome_.written, arena_);
  }

  // True if there was a change: something that is still there once the server decoded it.
  bool record(const Invocation& invocation, size_t mutation, const Value& before, const Mutated& after) {
    const GroupVersionKind& kind = invocation.as.kind;
    const schema::Type* type = defaulting_.catalog().find(kind.group, kind.version, kind.kind).type;
    if (schema::differences(type, before, after.decoded).empty()) return false;
    for (schema::Difference& difference : schema::differences(type, before, after.said)) {
      const Value* stays = difference.path.resolve(after.decoded);
      if (!difference.added && stays != nullptr && equal(*stays, difference.before)) continue;
      if (const Change* other = disputed(invocation, difference)) report_conflict(*other, invocation, difference);
      last_change_[difference.place] = outcome_.changes.size();
      outcome_.changes.push_back({invocation.policy->policy().metadata.name, invocation.binding_name(), invocation.bound->rule, mutation,
                                  std::move(difference)});
      changed_by_.push_back(invocation.bound);
    }
    return true;
  }

  // The change of another policy that this one undoes: of the same field, of an object that holds it, or of a part of it.
  const Change* disputed(const Invocation& invocation, const schema::Difference& difference) const {
    const std::string& place = difference.place;
    const auto by_other = [&](auto found) -> const Change* {
      if (found == last_change_.end() || changed_by_[found->second] == invocation.bound) return nullptr;
      return &outcome_.changes[found->second];
    };
    if (const Change* change = by_other(last_change_.find(place))) return change;
    if (difference.added) return nullptr;
    for (size_t end = place.find_last_of(".["); end != std::string::npos && end > 0; end = place.find_last_of(".[", end - 1)) {
      if (const Change* change = by_other(last_change_.find(place.substr(0, end)))) return change;
    }
    for (const char next : {'.', '['}) {
      const auto below = last_change_.lower_bound(place + next);
      if (below == last_change_.end() || !below->first.starts_with(place + next)) continue;
      if (const Change* change = by_other(below)) return change;
    }
    return nullptr;
  }

  void report_conflict(const Change& other, const Invocation& invocation, const schema::Difference& difference) {
    const std::string& name = invocation.policy->policy().metadata.name;
    const auto known = [&](const Conflict& conflict) {  // told already, when the policies ran before
      return conflict.place == difference.place && (conflict.first == name || conflict.second == name) &&
             (conflict.first == other.policy || conflict.second == other.policy);
    };
    if (std::ranges::any_of(outcome_.conflicts, known)) return;
    outcome_.conflicts.push_back(
        {difference.place, other.policy, name, other.rule, invocation.bound->rule, difference.before, difference.after});
  }

  void require_reinvocation() {
    to_reinvoke_.insert(invoked_.begin(), invoked_.end());
    invoked_.clear();
  }

  Request request_;
  std::span<const BoundPolicy> policies_;
  const Surroundings& surroundings_;
  const Defaulting& defaulting_;
  Arena& arena_;
  MutationOutcome outcome_;
  bool reinvoke_ = false;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::optional<Error> fault_;
  Value last_output_;
  std::map<std::string, size_t> last_change_;    // by place, index in outcome_.changes
  std::vector<const BoundPolicy*> changed_by_;  // as outcome_.changes
  std::set<std::string> invoked_, to_reinvoke_;  // by Invocation::key(), those with reinvocationPolicy IfNeeded
};

}  // namespace

Result<MutationOutcome> mutate(const Request& request, std::span<const BoundPolicy> policies, const Surroundings& surroundings,
                               const Defaulting& defaulting, Arena& arena, const Value& written,
                               std::optional<std::chrono::steady_clock::time_point> deadline) {
  return Mutator(request, policies, surroundings, defaulting, arena, written, deadline).run();
}

std::vector<size_t> changes_at(std::span<const Change> changes, const Path& path) {
  std::vector<size_t> result;
  for (size_t i = 0; i < changes.size(); ++i) {
    const Path& changed = changes[i].difference.path;
    if (path.starts_with(changed) || changed.starts_with(path)) result.push_back(i);
  }
  return result;
}

}  // namespace plimsoll::policy
