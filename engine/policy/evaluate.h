// One policy judges one request, with one param object.
//
//   PolicyResult result;
//   evaluate_policy(*policy, outcome, params, scope, result);
//   for (const Denial& denial : result.denials) denial.message;
//
// Expressions run in the API server's order and within its budgets (k8s.io/apiserver/pkg/apis/cel): match conditions,
// validations, message expressions, audit annotations, each group with fresh `variables`. What differs is only what
// cannot be observed: a message that nobody will read is not computed when its cost cannot exhaust the budget.
//
// Source: k8s.io/apiserver/pkg/admission/plugin/policy/validating/validator.go, plugin/cel/condition.go,
// webhook/matchconditions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/policy/compile.h"
#include "engine/policy/match.h"
#include "engine/policy/request.h"
#include "engine/value/path.h"

namespace plimsoll::policy {

struct Denial {
  // Which of spec.validations; absent if the policy as a whole could not be evaluated.
  std::optional<size_t> validation;
  // True: an expression failed and failurePolicy is Fail; false: the validation was false.
  bool fault = false;
  std::string message;
  std::string reason;  // Status reason of the validation; empty for faults
  // Only if asked for: the fields of the object that made it so (cel/blame.h). Empty if none had a part in it.
  std::vector<Path> paths = {};
};

enum class Detail { kVerdict, kPaths };

struct AuditValue {
  size_t annotation = 0;  // index in spec.auditAnnotations
  std::string value;      // trimmed; not yet truncated
  bool fault = false;     // `value` is the error that denies the request
};

struct PolicyResult {
  // False: a match condition excluded the request.
  bool applicable = true;
  std::vector<Denial> denials;           // in order of validations
  std::vector<AuditValue> audit_values;  // those to publish, and faults

  void clear();
};

// `as`: what the policy's rules matched. `params`: null if there is none. `object` and `old_object`: those of the
// request as `as.kind`.
void evaluate_policy(const CompiledPolicy& policy, const MatchOutcome& as, const Value& params, RequestScope& scope,
                     const Value& object, const Value& old_object, PolicyResult& result,
                     Detail detail = Detail::kVerdict);

}  // namespace plimsoll::policy
