#include "engine/policy/policy.h"

#include "engine/policy/kinds.h"

namespace plimsoll::policy {
namespace {

Metadata decode_metadata(Decoder decoder) {
  Metadata metadata;
  metadata.name = decoder.take("name").string();
  metadata.generate_name = decoder.take("generateName").string();
  metadata.namespace_name = decoder.take("namespace").string();
  metadata.labels = decoder.take("labels").string_map();
  metadata.annotations = decoder.take("annotations").string_map();
  for (const std::string_view ignored :
       {"uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "finalizers", "ownerReferences", "managedFields", "selfLink"}) {
    decoder.take(ignored);
  }
  decoder.finish();
  return metadata;
}

std::vector<ResourceRule> decode_rules(const Decoder& decoder) {
  std::vector<ResourceRule> rules;
  decoder.each([&](Decoder item) {
    ResourceRule& rule = rules.emplace_back();
    rule.api_groups = item.take("apiGroups").strings();
    rule.api_versions = item.take("apiVersions").strings();
    rule.operations = item.take("operations").strings();
    rule.resources = item.take("resources").strings();
    rule.resource_names = item.take("resourceNames").strings();
    rule.scope = item.take("scope").optional_string().value_or("*");
    item.finish();
  });
  return rules;
}

std::optional<MatchResources> decode_match(Decoder decoder) {
  if (!decoder.present()) return std::nullopt;
  MatchResources match;
  match.namespace_selector = decode_selector(decoder.take("namespaceSelector"));
  match.object_selector = decode_selector(decoder.take("objectSelector"));
  match.resource_rules = decode_rules(decoder.take("resourceRules"));
  match.exclude_resource_rules = decode_rules(decoder.take("excludeResourceRules"));
  match.match_policy = decoder.take("matchPolicy").optional_string().value_or("Equivalent");
  decoder.finish();
  return match;
}

std::vector<NamedExpression> decode_named(const Decoder& decoder) {
  std::vector<NamedExpression> result;
  decoder.each([&](Decoder item) {
    NamedExpression& named = result.emplace_back();
    named.name = item.take("name").string();
    named.expression = item.take("expression").string();
    item.finish();
  });
  return result;
}

std::vector<Mutation> decode_mutations(const Decoder& decoder) {
  std::vector<Mutation> mutations;
  decoder.each([&](Decoder item) {
    Mutation& mutation = mutations.emplace_back();
    mutation.patch_type = item.take("patchType").string();
    const auto expression = [&](std::string_view field, std::optional<std::string>& result) {
      Decoder patch = item.take(field);
      if (!patch.present()) return;
      result = patch.take("expression").string();
      patch.finish();
    };
    expression("applyConfiguration", mutation.apply_configuration);
    expression("jsonPatch", mutation.json_patch);
    item.finish();
  });
  return mutations;
}

bool is_mutating(const Value& object) { return object["kind"].string_or().starts_with("Mutating"); }

// Everything but metadata and spec, which the caller takes.
void finish_object(Decoder& decoder) {
  for (const std::string_view taken : {"apiVersion", "kind", "metadata", "spec", "status"}) decoder.take(taken);
  decoder.finish();
}

}  // namespace

std::string_view Metadata::annotation(std::string_view key) const {
  for (const auto& [annotated, value] : annotations) {
    if (annotated == key) return value;
  }
  return {};
}

std::string_view Mutation::expression() const {
  const std::optional<std::string>& chosen = patch_type == "JSONPatch" ? json_patch : apply_configuration;
  return chosen ? std::string_view(*chosen) : std::string_view();
}

Policy decode_policy(const Value& object, DecodeState& state) {
  Policy policy;
  Decoder root(object, state);
  policy.metadata = decode_metadata(root.take("metadata"));
  Decoder spec = root.take("spec");
  policy.failure_policy = spec.take("failurePolicy").optional_string().value_or("Fail");
  if (Decoder kind = spec.take("paramKind"); kind.present()) {
    policy.param_kind = ParamKind{kind.take("apiVersion").string(), kind.take("kind").string()};
    kind.finish();
  }
  policy.match_constraints = decode_match(spec.take("matchConstraints"));
  policy.match_conditions = decode_named(spec.take("matchConditions"));
  policy.variables = decode_named(spec.take("variables"));
  policy.extended = split_api_version(object["apiVersion"].string_or()).group == kOwnGroup;
  policy.mutating = is_mutating(object);
  if (policy.mutating) {
    policy.mutations = decode_mutations(spec.take("mutations"));
    policy.reinvocation_policy = spec.take("reinvocationPolicy").string();
    spec.finish();
    finish_object(root);
    return policy;
  }
  spec.take("validations").each([&](Decoder item) {
    Validation& validation = policy.validations.emplace_back();
    validation.expression = item.take("expression").string();
    validation.message = item.take("message").string();
    validation.message_expression = item.take("messageExpression").string();
    validation.reason = item.take("reason").optional_string();
    item.finish();
  });
  spec.take("auditAnnotations").each([&](Decoder item) {
    AuditAnnotation& annotation = policy.audit_annotations.emplace_back();
    annotation.key = item.take("key").string();
    annotation.value_expression = item.take("valueExpression").string();
    item.finish();
  });
  spec.finish();
  finish_object(root);
  return policy;
}

Binding decode_binding(const Value& object, DecodeState& state) {
  Binding binding;
  Decoder root(object, state);
  binding.metadata = decode_metadata(root.take("metadata"));
  Decoder spec = root.take("spec");
  binding.policy_name = spec.take("policyName").string();
  if (Decoder ref = spec.take("paramRef"); ref.present()) {
    ParamRef& param = binding.param_ref.emplace();
    param.name = ref.take("name").string();
    param.namespace_name = ref.take("namespace").string();
    if (Decoder selector = ref.take("selector"); selector.present()) param.selector = decode_selector(selector);
    param.parameter_not_found_action = ref.take("parameterNotFoundAction").string();
    ref.finish();
  }
  binding.match_resources = decode_match(spec.take("matchResources"));
  binding.mutating = is_mutating(object);
  if (!binding.mutating) binding.validation_actions = spec.take("validationActions").strings();
  spec.finish();
  finish_object(root);
  return binding;
}

DocumentKind kind_of(const Value& object) {
  const std::string_view group = split_api_version(object["apiVersion"].string_or()).group;
  const std::string_view kind = object["kind"].string_or();
  if (group == kOwnGroup && kind == "Policy") return DocumentKind::kPolicy;
  if (group != kPolicyGroup) return DocumentKind::kOther;
  if (kind == "ValidatingAdmissionPolicy") return DocumentKind::kPolicy;
  if (kind == "ValidatingAdmissionPolicyBinding") return DocumentKind::kBinding;
  if (kind == "MutatingAdmissionPolicy") return DocumentKind::kMutatingPolicy;
  if (kind == "MutatingAdmissionPolicyBinding") return DocumentKind::kMutatingBinding;
  return DocumentKind::kOther;
}

}  // namespace plimsoll::policy
