// Runs the expressions of a policy within the cost that a group of them may take together.
//
//   Budget budget(Budget::kGroup);
//   Step step;
//   if (!budget.run(expression, activation, true, step)) return std::string(Budget::kExceeded);
//   if (step.ok) use(step.value); else report(step.error);
//
// Source: k8s.io/apiserver/pkg/apis/cel/config.go, plugin/cel/condition.go.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/policy/activation.h"
#include "engine/policy/compile.h"

namespace plimsoll::policy {

// What one expression came to.
struct Step {
  bool ok = false;
  Value value;
  std::string error;  // as the API server words it, if not ok
};

class Budget {
 public:
  static constexpr uint64_t kGroup = 10'000'000;
  static constexpr uint64_t kMatchConditions = 2'500'000;
  static constexpr std::string_view kExceeded =
      "validation failed due to running out of cost budget, no further validation rules will be run";

  explicit Budget(uint64_t cost) : remaining_(cost) {}

  // Takes the cost of the expression, and of the variables that it made to be computed, off the budget. False: it is exceeded.
  bool run(const CompiledExpression& expression, GroupActivation& activation, bool declares_authorizer, Step& step);
  uint64_t remaining() const { return remaining_; }

 private:
  uint64_t remaining_;
};

}  // namespace plimsoll::policy
