// ValidatingAdmissionPolicy, MutatingAdmissionPolicy and their Bindings as written (admissionregistration.k8s.io/v1), defaults
// applied; and plimsoll.dev/v1 Policy, the same with more to see.
//
//   DecodeState state;
//   Policy policy = decode_policy(document.root(), state);
//   policy.validations[0].expression;
//
// Decoding is strict: a field that the API does not have is a failure. What the API server checks beyond types is in
// validate.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/policy/decode.h"
#include "engine/policy/selector.h"
#include "engine/value/value.h"

namespace plimsoll::policy {

// NamedRuleWithOperations.
struct ResourceRule {
  std::vector<std::string> api_groups, api_versions, operations, resources, resource_names;
  std::string scope = "*";
};

struct MatchResources {
  LabelSelector namespace_selector, object_selector;
  std::vector<ResourceRule> resource_rules, exclude_resource_rules;
  std::string match_policy = "Equivalent";
};

struct NamedExpression {
  std::string name;
  std::string expression;
};

struct Validation {
  std::string expression, message, message_expression;
  std::optional<std::string> reason;
};

struct AuditAnnotation {
  std::string key, value_expression;
};

// One of spec.mutations.
struct Mutation {
  std::string patch_type;  // ApplyConfiguration or JSONPatch
  std::optional<std::string> apply_configuration, json_patch;  // their expressions

  std::string_view expression() const;
};

struct ParamKind {
  std::string api_version, kind;
};

struct ParamRef {
  std::string name, namespace_name;
  std::optional<LabelSelector> selector;
  std::string parameter_not_found_action;
};

struct Metadata {
  std::string name, generate_name, namespace_name;
  std::vector<std::pair<std::string, std::string>> labels, annotations;

  // Empty if there is none.
  std::string_view annotation(std::string_view key) const;
};

struct Policy {
  Metadata metadata;
  // A plimsoll.dev Policy: its expressions see `resources`, `now` and the deployment library (compile.h).
  bool extended = false;
  std::string failure_policy = "Fail";
  std::optional<ParamKind> param_kind;
  std::optional<MatchResources> match_constraints;
  std::vector<NamedExpression> match_conditions;
  std::vector<NamedExpression> variables;
  std::vector<Validation> validations;
  std::vector<AuditAnnotation> audit_annotations;
  // Of a MutatingAdmissionPolicy, which has neither validations nor audit annotations.
  bool mutating = false;
  std::vector<Mutation> mutations;
  std::string reinvocation_policy;  // Never, IfNeeded; empty if it is missing
};

struct Binding {
  bool mutating = false;  // of a MutatingAdmissionPolicy; it has no validation actions
  Metadata metadata;
  std::string policy_name;
  std::optional<ParamRef> param_ref;
  std::optional<MatchResources> match_resources;
  std::vector<std::string> validation_actions;
};

inline constexpr std::string_view kPolicyGroup = "admissionregistration.k8s.io";
// Of what is Plimsoll's own: Policy, Pack, PackParams, and the objects that show a release.
inline constexpr std::string_view kOwnGroup = "plimsoll.dev";

// Both expect the kind to be right; see kind_of().
Policy decode_policy(const Value& object, DecodeState& state);
Binding decode_binding(const Value& object, DecodeState& state);

enum class DocumentKind { kPolicy, kBinding, kMutatingPolicy, kMutatingBinding, kOther };
// By apiVersion (any version of the group) and kind. kPolicy for a plimsoll.dev Policy, too.
DocumentKind kind_of(const Value& object);

}  // namespace plimsoll::policy
