#include "engine/policy/mutate.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "engine/policy/activation.h"
#include "engine/policy/bind.h"
#include "engine/policy/evaluate.h"
#include "engine/policy/mutation_value.h"
#include "engine/policy/text.h"
#include "engine/schema/kubernetes_defaults.h"

namespace plimsoll::policy {
namespace {

// k8s.io/apiserver/pkg/apis/cel/config.go.
constexpr uint64_t kBudget = 10'000'000;
constexpr std::string_view kOutOfBudget =
    "validation failed due to running out of cost budget, no further validation rules will be run";

// A policy with one of its bindings and params.
struct Invocation {
  const CompiledPolicy* policy;
  const Binding* binding;
  MatchOutcome as;
  Value param;

  // The same in another pass.
  std::string key() const {
    const Value metadata = param["metadata"];
    return fmt::format("{}\n{}\n{}\n{}", policy->policy().metadata.name, binding->metadata.name, metadata["namespace"].string_or(),
                       metadata["name"].string_or());
  }
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
          const Defaulting& defaulting, Arena& arena)
      : request_(request), policies_(policies), surroundings_(surroundings), defaulting_(defaulting), arena_(arena) {}

  MutationOutcome run() {
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
                                : fmt::format("policy {} denied request: {}", quote(name), message),
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
      if (const auto error = param_kind_error(policy.policy(), *surroundings_.kinds, true)) {
        configuration_error(refusals, policy, nullptr, *error);
        continue;
      }
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
        for (const Value& param : *params) result.push_back({&policy, &binding, as, param});
      }
    }
    return result;
  }

  bool namespace_exists(RequestScope& scope) {
    const bool namespaced = !request_.namespace_name.empty() && request_.kind != GroupVersionKind{"", "v1", "Namespace"};
    if (!namespaced || scope.namespace_value() != nullptr) return true;
    outcome_.allowed = false;
    outcome_.message = fmt::format("namespaces {} not found", quote(request_.namespace_name));
    outcome_.reason = "NotFound";
    outcome_.code = 404;
    return false;
  }

  // False: the request is refused at once.
  bool invoke(const Invocation& invocation, bool again, std::vector<Refusal>& refusals, bool& patched) {
    const CompiledPolicy& policy = *invocation.policy;
    RequestScope scope(request_, surroundings_, arena_);
    const auto object = convert_object(request_.object, request_.kind, invocation.as.kind, arena_);
    const auto old_object = convert_object(request_.old_object, request_.kind, invocation.as.kind, arena_);
    if (!object || !old_object) {
      configuration_error(refusals, policy, invocation.binding,
                          fmt::format("failed to convert object version: no conversion from {} to {}", request_.kind.to_string(),
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
    for (size_t i = 0; i < policy.mutations().size(); ++i) {
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
      changed |= record(invocation, i, current, *result);
      current = *result;
    }
    if (changed) {
      require_reinvocation();
      reinvoke_ = true;
      if (const auto back = convert_object(current, invocation.as.kind, request_.kind, arena_)) request_.object = *back;
    }
    if (policy.policy().reinvocation_policy == "IfNeeded") invoked_.insert(key);
    return true;
  }

  Attempt<Value> evaluate(const Invocation& invocation, size_t index, RequestScope& scope, const Value& object, const Value& old_object) {
    const CompiledExpression& expression = invocation.policy->mutations()[index];
    if (expression.program == nullptr) return policy_failure("compilation error: " + expression.error);
    const EvaluationInput input{*invocation.policy, scope, invocation.as, object, old_object, invocation.param};
    GroupActivation activation(input, true, true);
    uint64_t cost = 0;
    const cel::Outcome outcome = activation.evaluate(expression, true, cost);
    const uint64_t variables = activation.take_variable_cost();
    if (variables > kBudget || cost > kBudget - variables) return policy_failure(std::string(kOutOfBudget));
    if (!outcome.ok()) {
      return policy_failure(fmt::format("expression '{}' resulted in error: {}", expression.source, outcome.error().message));
    }
    return outcome.value();
  }

  Attempt<Value> mutate_once(const Invocation& invocation, size_t index, RequestScope& scope, const Value& object,
                             const Value& old_object) {
    auto value = evaluate(invocation, index, scope, object, old_object);
    if (!value) return value;
    const GroupVersionKind& kind = invocation.as.kind;
    const schema::KindInfo info = defaulting_.catalog().find(kind.group, kind.version, kind.kind);
    return invocation.policy->policy().mutations[index].patch_type == "JSONPatch" ? patch(*value, object, kind, info)
                                                                                  : apply(*value, object, kind, info);
  }

  Attempt<Value> patch(const Value& value, const Value& object, const GroupVersionKind& kind, const schema::KindInfo& info) {
    const auto operations = json_patch(value, arena_);
    if (!operations) {
      const bool crash = operations.error().code() == ErrorCode::kInternal;
      return std::unexpected(Failure{crash ? Failure::Kind::kCrash : Failure::Kind::kPolicy, operations.error().message()});
    }
    const auto patched = apply_json_patch(object, *operations, arena_);
    if (!patched) return policy_failure("JSON Patch: " + patched.error().message());
    if (patched->test_failed) return decoded(object, kind, info, false);
    return decoded(patched->document, kind, info, true);
  }

  Attempt<Value> apply(const Value& value, const Value& object, const GroupVersionKind& kind, const schema::KindInfo& info) {
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
  Attempt<Value> decoded(const Value& object, const GroupVersionKind& kind, const schema::KindInfo& info, bool strict) {
    if (info.type == nullptr) return object;
    if (info.custom) {
      const Value copy = deep_copy(arena_, object);
      schema::apply_defaults(*info.type, copy, arena_);
      return copy;
    }
    schema::DecodeReport report;
    const Value result = schema::decode(*info.type, object, arena_, report);
    if (report.mismatch) {
      if (strict) return internal_failure(report.mismatch->message);
      return policy_failure(fmt::format("unable to convert unstructured object to {}: {}", kind.to_string(), report.mismatch->message));
    }
    if (strict && !report.unknown.empty()) {
      std::vector<std::string> names;
      for (const Path& path : report.unknown) names.push_back(fmt::format("unknown field {}", quote(path.to_string())));
      std::ranges::sort(names);
      return internal_failure(fmt::format("strict decoding error: {}", fmt::join(names, ", ")));
    }
    schema::apply_defaults(*info.type, result, arena_);
    return result;
  }

  // True if there was a change.
  bool record(const Invocation& invocation, size_t mutation, const Value& before, const Value& after) {
    const GroupVersionKind& kind = invocation.as.kind;
    const std::string& name = invocation.policy->policy().metadata.name;
    std::vector<schema::Difference> differences =
        schema::differences(defaulting_.catalog().find(kind.group, kind.version, kind.kind).type, before, after);
    for (schema::Difference& difference : differences) {
      for (auto earlier = outcome_.changes.rbegin(); earlier != outcome_.changes.rend(); ++earlier) {
        if (earlier->difference.place != difference.place || earlier->policy == name) continue;
        outcome_.conflicts.push_back({difference.place, earlier->policy, name, earlier->difference.after, difference.after});
        break;
      }
      outcome_.changes.push_back({name, invocation.binding->metadata.name, mutation, std::move(difference)});
    }
    return !differences.empty();
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
  Value last_output_;
  std::set<std::string> invoked_, to_reinvoke_;  // by Invocation::key(), those with reinvocationPolicy IfNeeded
};

}  // namespace

MutationOutcome mutate(const Request& request, std::span<const BoundPolicy> policies, const Surroundings& surroundings,
                       const Defaulting& defaulting, Arena& arena) {
  return Mutator(request, policies, surroundings, defaulting, arena).run();
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
