// Validation of what policies and bindings match, and of their metadata.
#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "engine/policy/field_errors.h"
#include "engine/policy/names.h"
#include "engine/policy/text.h"
#include "engine/policy/validate_parts.h"

namespace plimsoll::policy {
namespace {

constexpr std::string_view kMatchPolicies[] = {"Equivalent", "Exact"};
constexpr std::string_view kScopes[] = {"*", "Cluster", "Namespaced"};
constexpr std::string_view kOperations[] = {"*", "CONNECT", "CREATE", "DELETE", "UPDATE"};

template <typename List>
bool contains(const List& list, std::string_view item) {
  return std::ranges::find(list, item) != std::ranges::end(list);
}

void check_wildcard(const std::vector<std::string>& items, std::string_view what, const FieldErrors& errors) {
  if (items.empty()) errors.required();
  if (items.size() > 1 && contains(items, "*")) {
    errors.invalid_json(json_list(items), "if '*' is present, must not specify other " + std::string(what));
  }
}

void check_resources(const std::vector<std::string>& resources, const FieldErrors& errors) {
  if (resources.empty()) errors.required();
  std::unordered_set<std::string_view> all_subresources_of, resources_of_wildcard;
  bool star = false, star_star = false, plain = false;
  for (size_t i = 0; i < resources.size(); ++i) {
    const std::string_view item = resources[i];
    if (item.empty()) {
      errors.at(i).required();
      continue;
    }
    if (item == "*/*") star_star = true;
    if (item == "*") star = true;
    const size_t slash = item.find('/');
    if (slash == std::string_view::npos) {
      // As the server has it: the last entry without subresource decides.
      plain = item != "*";
      continue;
    }
    const std::string_view resource = item.substr(0, slash), sub = item.substr(slash + 1);
    if (all_subresources_of.contains(resource)) {
      errors.at(i).invalid(item,
                           "if '" + std::string(resource) + "/*' is present, must not specify " + std::string(item));
    }
    if (resources_of_wildcard.contains(sub)) {
      errors.at(i).invalid(item, "if '*/" + std::string(sub) + "' is present, must not specify " + std::string(item));
    }
    if (sub == "*") all_subresources_of.insert(resource);
    if (resource == "*") resources_of_wildcard.insert(sub);
  }
  if (resources.size() > 1 && star_star) {
    errors.invalid_json(json_list(resources), "if '*/*' is present, must not specify other resources");
  }
  if (star && plain) {
    errors.invalid_json(json_list(resources),
                        "if '*' is present, must not specify other resources without subresources");
  }
}

void check_rule(const ResourceRule& rule, const FieldErrors& errors) {
  std::unordered_set<std::string_view> names;
  for (size_t i = 0; i < rule.resource_names.size(); ++i) {
    const FieldErrors place = errors.at("resourceNames").at(i);
    place.invalid_each(rule.resource_names[i], path_segment_errors(rule.resource_names[i]));
    if (!names.insert(rule.resource_names[i]).second) place.duplicate(rule.resource_names[i]);
  }
  check_wildcard(rule.operations, "operations", errors.at("operations"));
  for (size_t i = 0; i < rule.operations.size(); ++i) {
    if (!contains(kOperations, rule.operations[i])) {
      errors.at("operations").at(i).not_supported(rule.operations[i], kOperations);
    }
  }
  check_wildcard(rule.api_groups, "API groups", errors.at("apiGroups"));
  check_wildcard(rule.api_versions, "API versions", errors.at("apiVersions"));
  for (size_t i = 0; i < rule.api_versions.size(); ++i) {
    if (rule.api_versions[i].empty()) errors.at("apiVersions").at(i).required();
  }
  check_resources(rule.resources, errors.at("resources"));
  if (!contains(kScopes, rule.scope)) errors.at("scope").not_supported(rule.scope, kScopes);
}

void check_rules(const std::vector<ResourceRule>& rules, const FieldErrors& errors) {
  for (size_t i = 0; i < rules.size(); ++i) check_rule(rules[i], errors.at(i));
}

}  // namespace

void validate_selector(const LabelSelector& selector, const FieldErrors& errors) {
  for (const auto& [key, value] : selector.match_labels) {
    errors.at("matchLabels").invalid_each(key, label_key_errors(key));
    errors.at("matchLabels").invalid_each(value, label_value_errors(value));
  }
  for (size_t i = 0; i < selector.match_expressions.size(); ++i) {
    const LabelSelector::Requirement& requirement = selector.match_expressions[i];
    const FieldErrors place = errors.at("matchExpressions").at(i);
    if (requirement.operation == "In" || requirement.operation == "NotIn") {
      if (requirement.values.empty())
        place.at("values").required("must be specified when `operator` is 'In' or 'NotIn'");
    } else if (requirement.operation == "Exists" || requirement.operation == "DoesNotExist") {
      if (!requirement.values.empty()) {
        place.at("values").forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      }
    } else {
      place.at("operator").invalid(requirement.operation, "not a valid selector operator");
    }
    place.at("key").invalid_each(requirement.key, label_key_errors(requirement.key));
    for (size_t value = 0; value < requirement.values.size(); ++value) {
      place.at("values").at(value).invalid_each(requirement.values[value],
                                                label_value_errors(requirement.values[value]));
    }
  }
}

void validate_match(const MatchResources& match, const FieldErrors& errors) {
  if (!contains(kMatchPolicies, match.match_policy)) {
    errors.at("matchPolicy").not_supported(match.match_policy, kMatchPolicies);
  }
  validate_selector(match.namespace_selector, errors.at("namespaceSelector"));
  validate_selector(match.object_selector, errors.at("objectSelector"));
  check_rules(match.resource_rules, errors.at("resourceRules"));
  check_rules(match.exclude_resource_rules, errors.at("excludeResourceRules"));
}

void validate_metadata(const Metadata& metadata, const FieldErrors& errors) {
  if (!metadata.generate_name.empty()) {
    // A prefix may end in '-', for more is to follow.
    std::string_view prefix = metadata.generate_name;
    const std::string masked =
        prefix.ends_with('-') ? std::string(prefix.substr(0, prefix.size() - 1)) + "a" : std::string(prefix);
    errors.at("generateName").invalid_each(prefix, dns1123_subdomain_errors(masked));
  }
  if (metadata.name.empty()) {
    errors.at("name").required("name or generateName is required");
  } else {
    errors.at("name").invalid_each(metadata.name, dns1123_subdomain_errors(metadata.name));
  }
  if (!metadata.namespace_name.empty()) errors.at("namespace").forbidden("not allowed on this type");
  for (const auto& [key, value] : metadata.labels) {
    errors.at("labels").invalid_each(key, label_key_errors(key));
    errors.at("labels").invalid_each(value, label_value_errors(value));
  }
  for (const auto& [key, value] : metadata.annotations) {
    std::string lower = key;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    errors.at("annotations").invalid_each(key, label_key_errors(lower));
  }
}

}  // namespace plimsoll::policy
