// The values of CEL's variables while a policy judges a request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/cel/cel.h"
#include "engine/policy/compile.h"
#include "engine/policy/match.h"
#include "engine/policy/request.h"

namespace plimsoll::policy {

// What all groups of expressions of one evaluation share.
struct EvaluationInput {
  const CompiledPolicy& policy;
  RequestScope& scope;
  const MatchOutcome& as;  // resource and kind as which the policy sees the request
  Value object, old_object, params;
};

// One group of expressions (validations, say): `variables` are computed at most once in a group, when first used.
class GroupActivation final : public cel::Activation {
 public:
  // `namespaced`: whether namespaceObject is given (match conditions get null). `authorized`: whether the authorizer
  // is. `declares_authorizer`: whether the environment declares it, which shifts the numbers of later variables.
  GroupActivation(const EvaluationInput& input, bool namespaced, bool authorized);

  // Evaluates `expression` within the cost limit for one call. The cost of variables that it made to be computed is
  // added to variable_cost(); the expression's own is `cost`.
  cel::Outcome evaluate(const CompiledExpression& expression, bool declares_authorizer, uint64_t& cost);
  uint64_t take_variable_cost();
  // The resource that `request.resource` and `request.kind` tell: of match conditions it is what was requested.
  void show_request_as(const GroupVersionResource& resource) { shown_resource_ = resource; }

  cel::Outcome variable(size_t index) override;
  cel::Outcome field(size_t index, size_t field) override;
  cel::Authorizer* authorizer() override { return input_.scope.surroundings().authorizer; }
  const cel::Resources* resources() override { return input_.scope.resources(); }

  // Cost of variable number `field` if this group has computed it.
  const uint64_t* known_cost(size_t field) const;

 private:
  enum class State : uint8_t { kUnknown, kRunning, kValue, kError };
  struct Slot {
    State state;
    Value value;  // kError: the message as a string
    uint64_t cost;
    bool shareable;  // it, and what it asked for, depends on nothing of this policy
  };

  cel::Outcome value_of(VariableId variable);
  // The value that another policy came to for this request.
  bool recall(size_t field, Slot& slot);
  Value request_value();

  const EvaluationInput& input_;
  bool namespaced_;
  bool authorized_;
  bool declares_authorizer_ = true;
  GroupVersionResource shown_resource_;
  Slot* slots_;
  uint64_t variable_cost_ = 0;
  VariableMemo* memo_;  // nullptr: this policy sees other objects than the request's
  // Of the variable that is being computed:
  uint64_t needed_ = 0;  // VariableMemo::Entry::needed
  bool shareable_ = true;  // so far
  Value request_;
};

}  // namespace plimsoll::policy
