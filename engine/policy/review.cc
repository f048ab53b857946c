#include "engine/policy/review.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/policy/bind.h"
#include "engine/policy/evaluate.h"
#include "engine/policy/names.h"
#include "engine/policy/text.h"
#include "engine/policy/warnings.h"
#include "engine/value/go_quote.h"
#include "engine/value/json.h"

namespace plimsoll::policy {
namespace {

constexpr size_t kMaxAuditValue = 10 * 1024;
constexpr std::string_view kFailureKey = "validation.policy.admission.k8s.io/validation_failure";

std::string forbidden(const Request& request, std::string_view message) {
  std::string_view name = request.name;
  const Value metadata = request.object["metadata"];
  if (name.empty()) name = metadata["name"].string_or();
  if (name.empty()) name = metadata["generateName"].string_or();
  if (name.empty()) name = "Unknown";
  const std::string_view group = request.resource.group;
  return fmt::format("{}{}{} {} is forbidden: {}", request.resource.resource, group.empty() ? "" : ".", group,
                     go::quoted(name), message);
}

class Review {
 public:
  Review(const Request& request, const Surroundings& surroundings, Arena& arena)
      : scope_(request, surroundings, arena) {}

  // False: the request fails for a reason of its own.
  bool judge(const BoundPolicy& bound);
  Verdict finish();

 private:
  struct Denied {
    std::string message;  // complete
    std::string reason;
  };
  using Annotations = std::vector<std::pair<std::string_view, std::vector<std::string>>>;

  bool judge_binding(const CompiledPolicy& policy, const MatchOutcome& as, const Binding& binding,
                     Annotations& annotations);
  void apply(const CompiledPolicy& policy, const Binding& binding, Annotations& annotations);
  void deny(const CompiledPolicy& policy, const Binding* binding, std::string_view message, std::string_view reason);
  void configuration_error(const CompiledPolicy& policy, const Binding* binding, std::string_view error);
  void annotate(std::string key, std::string value);
  void annotate_failure(const Binding& binding, const Denial& denial);

  RequestScope scope_;
  std::vector<Denied> denied_;
  WarningRecorder warnings_;
  Verdict verdict_;
  PolicyResult result_;
};

void Review::deny(const CompiledPolicy& policy, const Binding* binding, std::string_view message,
                  std::string_view reason) {
  const std::string& name = policy.policy().metadata.name;
  denied_.push_back({binding ? fmt::format("ValidatingAdmissionPolicy '{}' with binding '{}' denied request: {}", name,
                                           binding->metadata.name, message)
                             : fmt::format("ValidatingAdmissionPolicy '{}' denied request: {}", name, message),
                     std::string(reason)});
}

// Bindings, params or conversion that do not work out. Validation actions have no say in it.
void Review::configuration_error(const CompiledPolicy& policy, const Binding* binding, std::string_view error) {
  if (!policy.fails_closed()) return;
  deny(policy, binding, fmt::format("failed to configure {}: {}", binding ? "binding" : "policy", error), {});
}

// The first value of a key stays.
void Review::annotate(std::string key, std::string value) {
  if (std::ranges::count(key, '/') != 1 || !label_key_errors(key).empty()) return;
  if (std::ranges::any_of(verdict_.audit_annotations, [&](const auto& entry) { return entry.first == key; })) return;
  verdict_.audit_annotations.emplace_back(std::move(key), std::move(value));
}

void Review::annotate_failure(const Binding& binding, const Denial& denial) {
  std::string value = "[{\"message\":";
  json::append_quoted(value, denial.message, true);
  value += ",\"policy\":";
  json::append_quoted(value, binding.policy_name, true);
  value += ",\"binding\":";
  json::append_quoted(value, binding.metadata.name, true);
  value += fmt::format(",\"expressionIndex\":{},\"validationActions\":{}}}]", denial.validation.value_or(0),
                       json_list(binding.validation_actions));
  annotate(std::string(kFailureKey), std::move(value));
}

void Review::apply(const CompiledPolicy& policy, const Binding& binding, Annotations& annotations) {
  for (const Denial& denial : result_.denials) {
    for (const std::string& action : binding.validation_actions) {
      if (action == "Deny") {
        deny(policy, &binding, denial.message, denial.reason);
      } else if (action == "Audit") {
        annotate_failure(binding, denial);
      } else if (action == "Warn") {
        warnings_.add(fmt::format("Validation failed for ValidatingAdmissionPolicy '{}' with binding '{}': {}",
                                  policy.policy().metadata.name, binding.metadata.name, denial.message));
      }
    }
  }
  for (const AuditValue& audit : result_.audit_values) {
    if (audit.fault) {
      deny(policy, &binding, audit.value, {});
      continue;
    }
    const std::string& key = policy.policy().audit_annotations[audit.annotation].key;
    auto collected = std::ranges::find(annotations, key, &Annotations::value_type::first);
    if (collected == annotations.end()) collected = annotations.insert(annotations.end(), {key, {}});
    std::string value = audit.value.substr(0, kMaxAuditValue);
    if (std::ranges::find(collected->second, value) == collected->second.end())
      collected->second.push_back(std::move(value));
  }
}

bool Review::judge_binding(const CompiledPolicy& policy, const MatchOutcome& as, const Binding& binding,
                           Annotations& annotations) {
  if (binding.match_resources) {
    const MatchOutcome outcome = match_resources(*binding.match_resources, scope_);
    if (!outcome.error.empty()) configuration_error(policy, &binding, outcome.error);
    if (!outcome.matched) return true;
  }
  const auto params = collect_params(policy.policy(), binding, scope_);
  if (!params) {
    configuration_error(policy, &binding, params.error());
    return true;
  }
  const Request& request = scope_.request();
  const auto object = convert_object(request.object, request.object_kind(), as.kind, scope_.arena());
  const auto old_object = convert_object(request.old_object, request.object_kind(), as.kind, scope_.arena());
  if (!object || !old_object) {
    configuration_error(policy, &binding,
                        "failed to convert object version: no conversion from " + request.object_kind().to_string() + " to " +
                            as.kind.to_string());
    return true;
  }
  const bool namespaced = !request.namespace_name.empty() && request.kind != GroupVersionKind{"", "v1", "Namespace"};
  if (namespaced && scope_.namespace_value() == nullptr) {
    verdict_.allowed = false;
    verdict_.message = fmt::format("namespaces {} not found", go::quoted(request.namespace_name));
    verdict_.reason = "NotFound";
    verdict_.code = 404;
    return false;
  }
  // Every param is evaluated before any decision is acted upon; the order of effects is the same.
  for (const Value& param : *params) {
    evaluate_policy(policy, as, param, scope_, *object, *old_object, result_);
    if (result_.applicable) apply(policy, binding, annotations);
  }
  return true;
}

bool Review::judge(const BoundPolicy& bound) {
  const CompiledPolicy& policy = *bound.policy;
  if (!policy.policy().match_constraints) {
    configuration_error(policy, nullptr, "policy contained no match constraints, a required field");
    return true;
  }
  const MatchOutcome as = match_resources(*policy.policy().match_constraints, scope_);
  if (!as.error.empty()) configuration_error(policy, nullptr, as.error);
  if (!as.matched) return true;
  if (const auto error = param_kind_error(policy.policy(), *scope_.surroundings().kinds, true)) {
    configuration_error(policy, nullptr, *error);
    return true;
  }
  Annotations annotations;
  for (const Binding& binding : bound.bindings) {
    if (!judge_binding(policy, as, binding, annotations)) return false;
  }
  for (const auto& [key, values] : annotations) {
    annotate(fmt::format("{}/{}", policy.policy().metadata.name, key), fmt::format("{}", fmt::join(values, ", ")));
  }
  return true;
}

Verdict Review::finish() {
  verdict_.warnings = warnings_.take();
  if (verdict_.allowed && !denied_.empty()) {
    const Denied& first = denied_.front();
    verdict_.allowed = false;
    verdict_.message = forbidden(scope_.request(), first.message);
    verdict_.reason = first.reason.empty() ? "Invalid" : first.reason;
    verdict_.code = code_of_reason(verdict_.reason);
    verdict_.causes = {first.message};
  }
  return std::move(verdict_);
}

}  // namespace

int code_of_reason(std::string_view reason) {
  if (reason == "Forbidden") return 403;
  if (reason == "Unauthorized") return 401;
  if (reason == "RequestEntityTooLarge") return 413;
  return 422;
}

std::vector<BoundPolicy> bind_policies(std::span<const std::shared_ptr<const CompiledPolicy>> policies,
                                       std::span<const Binding> bindings) {
  std::vector<BoundPolicy> result;
  for (const auto& policy : policies) {
    BoundPolicy bound{policy, {}};
    for (const Binding& binding : bindings) {
      if (binding.policy_name == policy->policy().metadata.name && binding.mutating == policy->policy().mutating) {
        bound.bindings.push_back(binding);
      }
    }
    if (!bound.bindings.empty()) result.push_back(std::move(bound));
  }
  return result;
}

Verdict review(const Request& request, std::span<const BoundPolicy> policies, const Surroundings& surroundings,
               Arena& arena) {
  Review review(request, surroundings, arena);
  if (!is_exempt(request.resource)) {
    for (const BoundPolicy& bound : policies) {
      if (!review.judge(bound)) break;
    }
  }
  return review.finish();
}

}  // namespace plimsoll::policy
