#include "engine/policy/bind.h"

namespace plimsoll::policy {
namespace {

GroupVersionKind kind_of_params(const ParamKind& kind) {
  const GroupVersion version = split_api_version(kind.api_version);
  return {version.group, version.version, kind.kind};
}

}  // namespace

std::optional<std::string> param_kind_error(const Policy& policy, const KindTable& kinds, bool strict) {
  if (!policy.param_kind || !strict) return std::nullopt;
  const GroupVersionKind kind = kind_of_params(*policy.param_kind);
  if (kinds.serves(kind)) return std::nullopt;
  return "failed to find resource referenced by paramKind: '" + kind.to_string() + "'";
}

std::expected<std::vector<Value>, std::string> collect_params(const Policy& policy, const Binding& binding,
                                                              RequestScope& scope) {
  if (!policy.param_kind || !binding.param_ref) return std::vector<Value>{Value::null()};
  const ParamKind& kind = *policy.param_kind;
  const ParamRef& ref = *binding.param_ref;
  const ObjectSource* objects = scope.surroundings().objects;
  std::string scratch;
  const KindTable::Match match = scope.surroundings().kinds->find(kind_of_params(kind), scratch);
  std::optional<bool> namespaced = match.namespaced;
  if (!match.known && objects != nullptr) namespaced = objects->namespaced(kind.api_version, kind.kind);
  std::string_view space;
  if (namespaced.value_or(match.namespaced)) {
    space = ref.namespace_name.empty() ? scope.request().namespace_name : std::string_view(ref.namespace_name);
    if (space.empty()) {
      return std::unexpected("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
    }
  } else if (!ref.namespace_name.empty()) {
    return std::unexpected("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
  }

  std::vector<Value> params;
  if (!ref.name.empty()) {
    if (ref.selector) return std::unexpected("paramRef.name and paramRef.selector are mutually exclusive");
    const Value* found = objects ? objects->get(kind.api_version, kind.kind, space, ref.name) : nullptr;
    if (found != nullptr) params.push_back(*found);
  } else if (ref.selector) {
    if (objects != nullptr) {
      for (const Value& object : objects->all(kind.api_version, kind.kind, space)) {
        if (ref.selector->matches(object["metadata"]["labels"])) params.push_back(object);
      }
    }
  } else {
    return std::unexpected("one of name or selector must be provided");
  }
  if (params.empty() && ref.parameter_not_found_action == "Deny") {
    return std::unexpected("no params found for policy binding with `Deny` parameterNotFoundAction");
  }
  return params;
}

}  // namespace plimsoll::policy
