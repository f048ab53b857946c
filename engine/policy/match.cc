#include "engine/policy/match.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::policy {
namespace {

bool listed(const std::vector<std::string>& items, std::string_view wanted) {
  return std::ranges::any_of(items, [&](const std::string& item) { return item == "*" || item == wanted; });
}

bool scope_matches(const ResourceRule& rule, const GroupVersionResource& resource, std::string_view namespace_name) {
  if (rule.scope == "*") return true;
  // Requests for a Namespace carry its own name as namespace, yet namespaces are cluster-scoped.
  const bool cluster = resource == GroupVersionResource{"", "v1", "namespaces"} || namespace_name.empty();
  return rule.scope == "Cluster" ? cluster : rule.scope == "Namespaced" && !cluster;
}

bool names_resource(const std::string& pattern, std::string_view resource, std::string_view subresource) {
  const size_t slash = pattern.find('/');
  const std::string_view main = std::string_view(pattern).substr(0, slash);
  const std::string_view sub =
      slash == std::string::npos ? std::string_view() : std::string_view(pattern).substr(slash + 1);
  return (main == "*" || main == resource) && (sub == "*" || sub == subresource);
}

// Everything but resourceNames.
bool rule_names(const ResourceRule& rule, const Request& request, const GroupVersionResource& resource) {
  return scope_matches(rule, resource, request.namespace_name) && listed(rule.operations, request.operation) &&
         listed(rule.api_groups, resource.group) && listed(rule.api_versions, resource.version) &&
         std::ranges::any_of(rule.resources, [&](const std::string& pattern) {
           return names_resource(pattern, resource.resource, request.subresource);
         });
}

enum class Names {
  kCheck,   // resourceNames must contain the request's name
  kIgnore,  // assume they do
  kRefuse,  // assume they don't
};

bool name_matches(const ResourceRule& rule, std::string_view name, Names names) {
  if (rule.resource_names.empty()) return true;
  if (names != Names::kCheck) return names == Names::kIgnore;
  return std::ranges::find(rule.resource_names, name) != rule.resource_names.end();
}

// Whether one of the rules names the request, itself first and then its equivalents. `outcome` tells as what.
bool any_rule(const std::vector<ResourceRule>& rules, const std::string& match_policy, const Request& request,
              const KindTable& kinds, Names names, MatchOutcome& outcome) {
  for (const ResourceRule& rule : rules) {
    if (rule_names(rule, request, request.resource) && name_matches(rule, request.name, names)) {
      outcome.resource = request.resource;
      outcome.kind = request.kind;
      return true;
    }
  }
  if (rules.empty() || match_policy != "Equivalent") return false;
  const std::vector<KindTable::Equivalent> equivalents = kinds.equivalents(request.resource, request.subresource);
  for (const ResourceRule& rule : rules) {
    for (const KindTable::Equivalent& equivalent : equivalents) {
      if (rule_names(rule, request, equivalent.resource) && name_matches(rule, request.name, names)) {
        outcome.resource = equivalent.resource;
        outcome.kind = equivalent.kind;
        return true;
      }
    }
  }
  // Of a custom resource whose definition is not at hand, every version that a rule names may be served.
  if (kinds.knows(request.resource)) return false;
  for (const ResourceRule& rule : rules) {
    for (const std::string& version : rule.api_versions) {
      if (version == "*") continue;
      const GroupVersionResource other{request.resource.group, version, request.resource.resource};
      if (rule_names(rule, request, other) && name_matches(rule, request.name, names)) {
        outcome.resource = other;
        outcome.kind = request.kind;
        if (request.kind.group == other.group) outcome.kind.version = version;
        return true;
      }
    }
  }
  return false;
}

bool included(const MatchResources& match, const Request& request, const KindTable& kinds, Names names,
              MatchOutcome& outcome) {
  if (!match.resource_rules.empty()) {
    return any_rule(match.resource_rules, match.match_policy, request, kinds, names, outcome);
  }
  outcome.resource = request.resource;
  outcome.kind = request.kind;
  return true;
}

bool has_names(const std::vector<ResourceRule>& rules) {
  return std::ranges::any_of(rules, [](const ResourceRule& rule) { return !rule.resource_names.empty(); });
}

Value labels_of(const Value& object) { return object["metadata"]["labels"]; }

}  // namespace

RuleAnswer match_rules(const MatchResources& match, const Request& request, const KindTable& kinds,
                       MatchOutcome& outcome) {
  MatchOutcome ignored;
  const std::vector<ResourceRule>& excluded = match.exclude_resource_rules;
  if (any_rule(excluded, match.match_policy, request, kinds, Names::kRefuse, ignored)) return RuleAnswer::kNever;
  if (!included(match, request, kinds, Names::kIgnore, outcome)) return RuleAnswer::kNever;
  if (has_names(match.resource_rules)) return RuleAnswer::kAsk;
  return has_names(excluded) && any_rule(excluded, match.match_policy, request, kinds, Names::kIgnore, ignored)
             ? RuleAnswer::kAsk
             : RuleAnswer::kAlways;
}

bool match_selectors(const MatchResources& match, RequestScope& scope, std::string& error) {
  const Request& request = scope.request();
  const bool is_namespace = request.resource.resource == "namespaces";
  if (!match.namespace_selector.empty() && (!request.namespace_name.empty() || is_namespace)) {
    if (is_namespace && request.subresource.empty() &&
        (request.operation == "CREATE" || request.operation == "UPDATE")) {
      if (!match.namespace_selector.matches(labels_of(request.object))) return false;
    } else if (const Value* space = scope.namespace_value()) {
      if (!match.namespace_selector.matches(labels_of(*space))) return false;
    } else {
      error = "namespaces \"" + std::string(request.namespace_name) + "\" not found";
    }
  }
  if (match.object_selector.empty()) return true;
  const auto selected = [&](const Value& object) {
    return object.is_map() && match.object_selector.matches(labels_of(object));
  };
  return selected(request.object) || selected(request.old_object);
}

MatchOutcome match_resources(const MatchResources& match, RequestScope& scope) {
  MatchOutcome outcome, ignored;
  std::string selector_error;
  if (!match_selectors(match, scope, selector_error)) return outcome;
  const Request& request = scope.request();
  const KindTable& kinds = *scope.surroundings().kinds;
  if (any_rule(match.exclude_resource_rules, match.match_policy, request, kinds, Names::kCheck, ignored))
    return outcome;
  if (!included(match, request, kinds, Names::kCheck, outcome)) return outcome;
  // A selector that could not be judged matters only if everything else matched.
  outcome.matched = selector_error.empty();
  outcome.error = std::move(selector_error);
  return outcome;
}

}  // namespace plimsoll::policy
