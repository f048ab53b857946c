// MutatingAdmissionPolicies change the object of a request.
//
//   MutationOutcome outcome = mutate(request, policies, surroundings, defaulting, arena);
//   if (outcome.allowed) use(outcome.object);
//   for (const Change& change : outcome.changes) ...    // which policy set which field, from what to what
//   yaml::write(outcome.written);                       // the manifest with just these changes, if the request came from one
//   for (const Conflict& conflict : outcome.conflicts)  // two policies that want different values of a field
//
// Policies run in the given order, twice where reinvocationPolicy asks for it; after each mutation the object is decoded and defaulted
// anew, between the passes the server's own plugins run. (The server's own order is that of a hash map.)
//
// Source: k8s.io/apiserver/pkg/admission/plugin/policy/mutating (dispatcher.go, patch, reinvocationcontext.go) and
// policy/generic/policy_dispatcher.go.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/policy/default.h"
#include "engine/policy/request.h"
#include "engine/policy/review.h"
#include "engine/schema/kubernetes_merge.h"

namespace plimsoll::policy {

// A field that a policy changed. Values live in the arena of the mutation; they are what the policy said, without the defaults that the
// server adds to them.
struct Change {
  std::string policy, binding;
  const RuleInfo* rule = nullptr;  // BoundPolicy::rule
  size_t mutation = 0;             // index in spec.mutations
  schema::Difference difference;
};

// A field that one policy set and a later one set to something else: the result depends on their order.
struct Conflict {
  std::string place;  // as schema::Difference::place, of the later change
  std::string first, second;
  const RuleInfo* first_rule = nullptr;  // BoundPolicy::rule
  const RuleInfo* second_rule = nullptr;
  Value first_value, second_value;
};

struct MutationOutcome {
  bool allowed = true;
  // Of the returned Status, only if not allowed.
  std::string message;
  std::string reason;
  int code = 200;
  std::vector<std::string> causes;
  bool crashes_server = false;  // the API server's handler would panic; `message` says why

  Value object;
  Value written;                // see mutate(); shares what no policy changed
  std::vector<Change> changes;  // in the order of their making
  std::vector<Conflict> conflicts;

  bool changed() const { return !changes.empty(); }
};

// The object must have been through Defaulting::decode() and admit() already, as it has in the API server. `written`: the object as its
// manifest has it, to which the changes are made as well; null: there is none. kLimit once the deadline has passed, or the arena's budget is
// used up, before all policies had their turn.
Result<MutationOutcome> mutate(const Request& request, std::span<const BoundPolicy> policies, const Surroundings& surroundings,
                               const Defaulting& defaulting, Arena& arena, const Value& written = {},
                               std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt);

// The changes at or below a path, or above it: those that a finding about the path contradicts. Indexes into `changes`.
std::vector<size_t> changes_at(std::span<const Change> changes, const Path& path);

}  // namespace plimsoll::policy
