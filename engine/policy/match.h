// Whether a policy or binding applies to a request: resource rules, exclusions, selectors, equivalent resources.
//
//   MatchOutcome outcome = match_resources(*policy.match_constraints, scope);
//   if (outcome.matched) outcome.resource;     // the equivalent that the rules name, maybe not what was requested
//
// Source: k8s.io/apiserver/pkg/admission/plugin/policy/matching and webhook/predicates.
#pragma once

#include <optional>
#include <string>

#include "engine/policy/policy.h"
#include "engine/policy/request.h"

namespace plimsoll::policy {

struct MatchOutcome {
  bool matched = false;
  // As which resource and kind the policy shall see the object.
  GroupVersionResource resource;
  GroupVersionKind kind;
  std::string error;  // a namespace that does not exist, an equivalent without kind; `matched` is false then
};

MatchOutcome match_resources(const MatchResources& match, RequestScope& scope);

// The part that depends on kind, resource and operation only, so that it can be asked once for many objects.
enum class RuleAnswer {
  kNever,   // no rule names the resource, or an exclusion always does
  kAlways,  // rules name it whatever the object's name
  kAsk,     // depends on resourceNames
};
RuleAnswer match_rules(const MatchResources& match, const Request& request, const KindTable& kinds,
                       MatchOutcome& outcome);
// The part that depends on labels: namespaceSelector and objectSelector. Sets `error`, and is true, if the namespace is
// unknown.
bool match_selectors(const MatchResources& match, RequestScope& scope, std::string& error);

}  // namespace plimsoll::policy
