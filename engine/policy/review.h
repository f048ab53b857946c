// The API server's answer to a request under a set of policies and bindings: one Status, warnings, audit annotations.
//
//   Verdict verdict = review(request, bound_policies, surroundings, arena);
//   if (!verdict.allowed) verdict.message;   // pods "p" is forbidden: ValidatingAdmissionPolicy 'x' with binding 'y'
//   denied request: ...
//
// Policies are judged in the given order. (The server's own order is that of a hash map; it reports the first denial it
// meets.)
//
// Source: k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go and, for warnings,
// endpoints/filters/warning.go.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/policy/compile.h"
#include "engine/policy/request.h"

namespace plimsoll::policy {

struct RuleInfo;

struct BoundPolicy {
  std::shared_ptr<const CompiledPolicy> policy;
  std::vector<Binding> bindings;
  // Of a mutating policy without bindings, which then applies wherever it matches: the rule that it is, and its params.
  const RuleInfo* rule = nullptr;
  Value params = {};
};

struct Verdict {
  bool allowed = true;
  // Of the returned Status, only if not allowed.
  std::string message;
  std::string reason;
  int code = 200;
  std::vector<std::string> causes;

  std::vector<std::string> warnings;  // as the client sees them: no repetitions, shortened if there are too many
  std::vector<std::pair<std::string, std::string>> audit_annotations;
};

Verdict review(const Request& request, std::span<const BoundPolicy> policies, const Surroundings& surroundings,
               Arena& arena);

// Groups policies with the bindings that name them, dropping policies without any, as the server does.
std::vector<BoundPolicy> bind_policies(std::span<const std::shared_ptr<const CompiledPolicy>> policies,
                                       std::span<const Binding> bindings);

// HTTP status of a Status reason that a validation may have; 422 for others.
int code_of_reason(std::string_view reason);

}  // namespace plimsoll::policy
