#include "engine/policy/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "engine/policy/compile.h"
#include "engine/policy/kinds.h"
#include "engine/policy/names.h"
#include "engine/policy/text.h"
#include "engine/policy/validate_parts.h"
#include "engine/value/json.h"

namespace plimsoll::policy {
namespace {

constexpr size_t kMaxMatchConditions = 64;
constexpr size_t kMaxAuditAnnotations = 20;
constexpr size_t kMaxValueExpressionBytes = 5 * 1024;
constexpr std::string_view kFailurePolicies[] = {"Fail", "Ignore"};
constexpr std::string_view kReinvocationPolicies[] = {"IfNeeded", "Never"};
constexpr std::string_view kPatchTypes[] = {"ApplyConfiguration", "JSONPatch"};
constexpr std::string_view kReasons[] = {"Forbidden", "Invalid", "RequestEntityTooLarge"};
constexpr std::string_view kActions[] = {"Audit", "Deny", "Warn"};

template <typename List>
bool contains(const List& list, std::string_view item) {
  return std::ranges::find(list, item) != std::ranges::end(list);
}

bool has_line_break(std::string_view text) { return text.find_first_of("\r\n") != std::string_view::npos; }

std::string joined(const std::vector<std::string>& errors) { return fmt::format("{}", fmt::join(errors, ",")); }

void check_param_kind(const ParamKind& kind, const FieldErrors& errors) {
  const FieldErrors version_place = errors.at("apiVersion");
  if (kind.api_version.empty()) {
    version_place.required();
  } else if (std::ranges::count(kind.api_version, '/') > 1) {
    version_place.invalid(kind.api_version, "unexpected GroupVersion string: " + kind.api_version);
  } else {
    const GroupVersion version = kind.api_version == "/" ? GroupVersion() : split_api_version(kind.api_version);
    if (!version.group.empty()) {
      if (const auto found = dns1123_subdomain_errors(version.group); !found.empty()) {
        version_place.invalid(version.group, joined(found));
      }
    }
    if (version.version.empty()) {
      version_place.invalid(kind.api_version, "version must be specified");
    } else if (const auto found = dns1035_label_errors(version.version); !found.empty()) {
      version_place.invalid(version.version, joined(found));
    }
  }
  std::string lower = kind.kind;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower.empty()) {
    errors.at("kind").required();
  } else if (const auto found = dns1035_label_errors(lower); !found.empty()) {
    errors.at("kind").invalid(kind.kind, "may have mixed case, but should otherwise match: " + joined(found));
  }
}

// The list as encoding/json would print the API type.
std::string annotations_json(const std::vector<AuditAnnotation>& annotations) {
  std::string out = "[";
  for (const AuditAnnotation& annotation : annotations) {
    out += out.size() > 1 ? ",{\"Key\":" : "{\"Key\":";
    json::append_quoted(out, annotation.key, true);
    out += ",\"ValueExpression\":";
    json::append_quoted(out, annotation.value_expression, true);
    out += "}";
  }
  return out + "]";
}

// Validation compiles differently from evaluation: match conditions know no `variables`, nor do others if the policy
// declares none.
class PolicyValidation {
 public:
  PolicyValidation(const Policy& policy, PolicyCompiler& compiler, std::vector<FieldError>& errors)
      : policy_(policy), root_(errors), compiler_(compiler) {}

  void run() {
    validate_metadata(policy_.metadata, root_.at("metadata"));
    const FieldErrors spec = root_.at("spec");
    if (!contains(kFailurePolicies, policy_.failure_policy)) {
      spec.at("failurePolicy").not_supported(policy_.failure_policy, kFailurePolicies);
    }
    if (policy_.mutating) check_reinvocation(spec.at("reinvocationPolicy"));
    if (policy_.param_kind) check_param_kind(*policy_.param_kind, spec.at("paramKind"));
    if (!policy_.match_constraints) {
      spec.at("matchConstraints").required();
    } else {
      validate_match(*policy_.match_constraints, spec.at("matchConstraints"));
      if (policy_.match_constraints->resource_rules.empty()) spec.at("matchConstraints").at("resourceRules").required();
    }
    check_match_conditions(spec.at("matchConditions"));
    for (size_t i = 0; i < policy_.variables.size(); ++i)
      check_variable(policy_.variables[i], spec.at("variables").at(i));
    if (policy_.mutating) {
      if (policy_.mutations.empty()) spec.at("mutations").required("mutations must contain at least one item");
      for (size_t i = 0; i < policy_.mutations.size(); ++i) check_mutation(policy_.mutations[i], spec.at("mutations").at(i));
      return;
    }
    if (policy_.validations.empty() && policy_.audit_annotations.empty()) {
      constexpr std::string_view kEither = "validations or auditAnnotations must contain at least one item";
      spec.at("validations").required(kEither);
      spec.at("auditAnnotations").required(kEither);
      return;
    }
    for (size_t i = 0; i < policy_.validations.size(); ++i) {
      check_validation(policy_.validations[i], spec.at("validations").at(i));
    }
    check_audit_annotations(spec.at("auditAnnotations"));
  }

 private:
  PolicyCompiler::Scope scope(bool authorizer = true) {
    return {.params = policy_.param_kind.has_value() || policy_.extended,
            .authorizer = authorizer,
            .composition = policy_.variables.empty() ? nullptr : &composition_,
            .extended = policy_.extended};
  }

  // `shown`: the value that the complaint quotes.
  CompiledExpression compile(std::string_view expression, std::string_view shown, ResultType type,
                             const PolicyCompiler::Scope& scope, const FieldErrors& errors) {
    CompiledExpression compiled = compiler_.compile_expression(expression, type, scope);
    if (!compiled.error.empty()) {
      FieldError& error = errors.invalid(shown, compiled.error);
      error.line = compiled.line;
      error.column = compiled.column;
    }
    return compiled;
  }

  void check_match_conditions(const FieldErrors& errors) {
    if (policy_.match_conditions.size() > kMaxMatchConditions) {
      errors.too_many(policy_.match_conditions.size(), kMaxMatchConditions);
    }
    std::unordered_set<std::string_view> names;
    PolicyCompiler::Scope stateless = scope();
    stateless.composition = nullptr;
    for (size_t i = 0; i < policy_.match_conditions.size(); ++i) {
      const NamedExpression& condition = policy_.match_conditions[i];
      const FieldErrors place = errors.at(i);
      const std::string_view expression = trim_space(condition.expression);
      if (expression.empty()) {
        place.at("expression").required();
      } else {
        compile(expression, expression, ResultType::kBool, stateless, place.at("expression"));
      }
      if (condition.name.empty()) {
        place.at("name").required();
        continue;
      }
      place.at("name").invalid_each(condition.name, label_key_errors(condition.name));
      if (!names.insert(condition.name).second) place.at("name").duplicate(condition.name);
    }
  }

  void check_variable(const NamedExpression& variable, const FieldErrors& errors) {
    if (trim_space(variable.name).empty()) {
      errors.at("name").required("name is not specified");
    } else if (!is_cel_identifier(variable.name)) {
      errors.at("name").invalid(variable.name, "must be a valid CEL identifier");
    }
    if (trim_space(variable.expression).empty()) {
      errors.at("expression").required("expression is not specified");
      return;
    }
    const CompiledExpression compiled =
        compile(variable.expression, variable.expression, ResultType::kAny, scope(), errors.at("expression"));
    PolicyCompiler::add_variable(composition_, variable.name, compiled);
  }

  void check_reinvocation(const FieldErrors& errors) {
    if (policy_.reinvocation_policy.empty()) {
      errors.required();
    } else if (!contains(kReinvocationPolicies, policy_.reinvocation_policy)) {
      errors.not_supported(policy_.reinvocation_policy, kReinvocationPolicies);
    }
  }

  void check_mutation(const Mutation& mutation, const FieldErrors& errors) {
    if (mutation.patch_type.empty()) {
      errors.at("patchType").required();
      return;
    }
    if (!contains(kPatchTypes, mutation.patch_type)) {
      errors.at("patchType").not_supported(mutation.patch_type, kPatchTypes);
      return;
    }
    const bool patches = mutation.patch_type == "JSONPatch";
    const std::string_view field = patches ? "jsonPatch" : "applyConfiguration";
    const std::string_view other = patches ? "applyConfiguration" : "jsonPatch";
    if (!(patches ? mutation.json_patch : mutation.apply_configuration)) {
      errors.at(field).required("must be specified when patchType is " + mutation.patch_type);
    } else {
      check_mutation_expression(trim_space(mutation.expression()), patches, errors.at(field).at("expression"));
    }
    if (patches ? mutation.apply_configuration : mutation.json_patch) {
      errors.at(other).invalid(fmt::format("{{{}}}", other), "must not be specified when patchType is " + mutation.patch_type);
    }
  }

  void check_mutation_expression(std::string_view expression, bool patches, const FieldErrors& errors) {
    if (expression.empty()) {
      errors.required();
      return;
    }
    PolicyCompiler::Scope mutating = scope();
    mutating.mutation = true;
    compile(expression, expression, patches ? ResultType::kJsonPatches : ResultType::kObject, mutating, errors);
  }

  void check_validation(const Validation& validation, const FieldErrors& errors) {
    if (trim_space(validation.expression).empty()) {
      errors.at("expression").required("expression is not specified");
    } else {
      compile(validation.expression, validation.expression, ResultType::kBool, scope(), errors.at("expression"));
    }
    if (!validation.message_expression.empty()) {
      const FieldErrors place = errors.at("messageExpression");
      if (trim_space(validation.message_expression).empty()) {
        place.invalid(validation.message_expression, "must be non-empty if specified");
      } else {
        compile(validation.message_expression, validation.message_expression, ResultType::kString, scope(false), place);
      }
    }
    const std::string_view message = trim_space(validation.message);
    if (!validation.message.empty() && message.empty()) {
      errors.at("message").invalid(validation.message, "must be non-empty if specified");
    } else if (has_line_break(message)) {
      errors.at("message").invalid(validation.message, "must not contain line breaks");
    }
    if (validation.reason && !contains(kReasons, *validation.reason)) {
      errors.at("reason").not_supported(*validation.reason, kReasons);
    }
  }

  void check_audit_annotations(const FieldErrors& errors) {
    if (policy_.audit_annotations.size() > kMaxAuditAnnotations) {
      errors.invalid_json(annotations_json(policy_.audit_annotations),
                          fmt::format("must not have more than {} auditAnnotations", kMaxAuditAnnotations));
    }
    std::unordered_set<std::string_view> keys;
    for (size_t i = 0; i < policy_.audit_annotations.size(); ++i) {
      const AuditAnnotation& annotation = policy_.audit_annotations[i];
      const FieldErrors key_place = errors.at(i).at("key");
      if (policy_.metadata.name.empty()) {
        key_place.invalid(annotation.key, "requires metadata.name be non-empty");
      } else {
        const std::string qualified = policy_.metadata.name + "/" + annotation.key;
        key_place.invalid_each(qualified, label_key_errors(qualified));
      }
      check_value_expression(annotation.value_expression, errors.at(i).at("valueExpression"));
      if (!keys.insert(annotation.key).second) key_place.duplicate(annotation.key);
    }
  }

  void check_value_expression(std::string_view expression, const FieldErrors& errors) {
    const std::string_view trimmed = trim_space(expression);
    if (trimmed.empty()) {
      errors.required("valueExpression is not specified");
    } else if (trimmed.size() > kMaxValueExpressionBytes) {
      errors.required(fmt::format("must not exceed {} bytes in length", kMaxValueExpressionBytes));
    } else {
      compile(trimmed, expression, ResultType::kStringOrNull, scope(), errors);
    }
  }

  const Policy& policy_;
  FieldErrors root_;
  PolicyCompiler& compiler_;
  PolicyCompiler::Composition composition_;
};

void check_param_ref(const ParamRef& ref, const FieldErrors& errors) {
  constexpr std::string_view kExclusive = "name and selector are mutually exclusive";
  constexpr std::string_view kNotFoundActions[] = {"Deny", "Allow"};
  if (!ref.name.empty()) {
    errors.at("name").invalid_each(ref.name, path_segment_errors(ref.name));
    if (ref.selector) errors.at("name").forbidden(kExclusive);
  }
  if (ref.selector) {
    validate_selector(*ref.selector, errors.at("selector"));
    if (!ref.name.empty()) errors.at("selector").forbidden(kExclusive);
  }
  if (ref.name.empty() && !ref.selector) errors.required("one of name or selector must be specified");
  if (ref.parameter_not_found_action.empty()) {
    errors.at("parameterNotFoundAction").required();
  } else if (!contains(kNotFoundActions, ref.parameter_not_found_action)) {
    errors.at("parameterNotFoundAction").not_supported(ref.parameter_not_found_action, kNotFoundActions);
  }
}

void check_actions(const std::vector<std::string>& actions, const FieldErrors& errors) {
  std::unordered_set<std::string_view> seen;
  for (size_t i = 0; i < actions.size(); ++i) {
    if (!contains(kActions, actions[i])) errors.at(i).not_supported(actions[i], kActions);
    if (!seen.insert(actions[i]).second) errors.at(i).duplicate(actions[i]);
  }
  if (seen.contains("Deny") && seen.contains("Warn")) {
    errors.invalid_json(
        json_list(actions),
        "must not contain both Deny and Warn (repeating the same validation failure information in the API response "
        "and headers serves no purpose)");
  }
  if (actions.empty()) errors.required("at least one validation action is required");
}

}  // namespace

std::vector<FieldError> validate_policy(const Policy& policy, PolicyCompiler& compiler) {
  std::vector<FieldError> errors;
  PolicyValidation(policy, compiler, errors).run();
  return errors;
}

std::vector<FieldError> validate_policy(const Policy& policy) {
  PolicyCompiler compiler;
  return validate_policy(policy, compiler);
}

std::vector<FieldError> validate_binding(const Binding& binding) {
  std::vector<FieldError> errors;
  const FieldErrors root(errors);
  validate_metadata(binding.metadata, root.at("metadata"));
  const FieldErrors spec = root.at("spec");
  if (binding.policy_name.empty()) {
    spec.at("policyName").required();
  } else {
    spec.at("policyName").invalid_each(binding.policy_name, dns1123_subdomain_errors(binding.policy_name));
  }
  if (binding.param_ref) check_param_ref(*binding.param_ref, spec.at("paramRef"));
  if (binding.match_resources) validate_match(*binding.match_resources, spec.at("matchResources"));
  if (!binding.mutating) check_actions(binding.validation_actions, spec.at("validationActions"));
  return errors;
}

}  // namespace plimsoll::policy
