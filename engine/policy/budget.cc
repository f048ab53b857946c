#include "engine/policy/budget.h"

#include <fmt/format.h>

namespace plimsoll::policy {

bool Budget::run(const CompiledExpression& expression, GroupActivation& activation, bool declares_authorizer, Step& step) {
  step = Step();
  if (expression.program == nullptr) {
    step.error = "compilation error: " + expression.error;
    return true;
  }
  uint64_t cost = 0;
  const cel::Outcome outcome = activation.evaluate(expression, declares_authorizer, cost);
  const uint64_t variables = activation.take_variable_cost();
  if (variables > remaining_ || cost > remaining_ - variables) return false;
  remaining_ -= variables + cost;
  if (outcome.ok()) {
    step.ok = true;
    step.value = outcome.value();
  } else {
    step.error = fmt::format("expression '{}' resulted in error: {}", expression.source, outcome.error().message);
  }
  return true;
}

}  // namespace plimsoll::policy
