#include "engine/policy/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/cel/blame.h"
#include "engine/policy/activation.h"
#include "engine/policy/budget.h"
#include "engine/policy/text.h"

namespace plimsoll::policy {
namespace {

constexpr size_t kMaxMessageBytes = 5 * 1024;
// More than any message expression of sane size can cost: a call is stopped at 1,000,000, and the step that crossed the
// limit is counted to its end.
constexpr uint64_t kMessageCostBound = 2'000'000;

// utilerrors.Aggregate: one message as it is, several in brackets without repetition.
std::string join_errors(const std::vector<std::string>& errors) {
  std::vector<std::string_view> distinct;
  for (const std::string& error : errors) {
    if (std::ranges::find(distinct, error) == distinct.end()) distinct.push_back(error);
  }
  if (distinct.size() == 1) return std::string(distinct.front());
  return fmt::format("[{}]", fmt::join(distinct, ", "));
}

// A whole evaluation; the phases in their order.
class Evaluation {
 public:
  Evaluation(const EvaluationInput& input, PolicyResult& result, Detail detail)
      : input_(input), policy_(input.policy), result_(result), detail_(detail) {}

  void run_all() {
    if (!match() || !validate()) return;
    annotate();
  }

 private:
  bool fails_closed() const { return policy_.fails_closed(); }

  // The policy as a whole failed: one decision, whatever was decided before.
  void fault(std::string message, std::vector<Path> paths = {}) {
    result_.denials.clear();
    if (fails_closed()) result_.denials.push_back({std::nullopt, true, std::move(message), {}, std::move(paths)});
  }

  // What made an expression false, or fail, that has just been evaluated in this group.
  std::vector<Path> blame(const CompiledExpression& expression, GroupActivation& activation) const {
    if (detail_ != Detail::kPaths || expression.program == nullptr) return {};
    const auto variable = [this](size_t, size_t field) { return policy_.variables()[field].program.get(); };
    return cel::blame({*expression.program, activation, input_.scope.arena(), static_cast<size_t>(VariableId::kObject), variable});
  }

  // False: nothing further to do.
  bool match() {
    if (policy_.match_conditions().empty()) return true;
    GroupActivation activation(input_, false, true);
    activation.show_request_as(input_.scope.request().resource);
    Budget budget(Budget::kMatchConditions);
    std::vector<std::string> errors;
    std::vector<Path> paths;
    bool excluded = false;
    for (const CompiledExpression& condition : policy_.match_conditions()) {
      Step step;
      if (!budget.run(condition, activation, true, step)) {
        result_.applicable = fails_closed();
        if (fails_closed()) fault(std::string(Budget::kExceeded));
        return false;
      }
      if (!step.ok) {
        errors.push_back(std::move(step.error));
        if (fails_closed() && paths.empty()) paths = blame(condition, activation);
      } else if (!step.value.bool_or(true)) {
        excluded = true;  // the server evaluates them all, and any false wins over errors
      }
    }
    if (excluded || (!errors.empty() && !fails_closed())) {
      result_.applicable = false;
      return false;
    }
    if (errors.empty()) return true;
    fault(join_errors(errors), std::move(paths));
    return false;
  }

  bool validate() {
    GroupActivation activation(input_, true, true);
    Budget budget(Budget::kGroup);
    const std::vector<CompiledExpression>& validations = policy_.validations();
    for (size_t i = 0; i < validations.size(); ++i) {
      Step step;
      if (!budget.run(validations[i], activation, true, step)) {
        fault(std::string(Budget::kExceeded));
        return false;
      }
      if (!step.ok) {
        if (fails_closed()) result_.denials.push_back({i, true, std::move(step.error), {}});
        failed_.push_back(i);
      } else if (!step.value.bool_or(false)) {
        result_.denials.push_back({i, false, {}, policy_.policy().validations[i].reason.value_or("Invalid")});
      }
    }
    write_messages(activation, budget);
    for (Denial& denial : result_.denials) denial.paths = blame(validations[*denial.validation], activation);
    return true;
  }

  // Most that computing all messages can cost, given what variables have cost already.
  uint64_t message_cost_bound(const GroupActivation& validations) const {
    uint64_t bound = 0;
    for (const CompiledExpression& message : policy_.messages()) {
      if (message.program) bound += kMessageCostBound;
    }
    if (bound == 0) return 0;
    for (size_t field = 0; field < policy_.variables().size(); ++field) {
      const uint64_t* known = validations.known_cost(field);
      bound += known ? *known : kMessageCostBound;
    }
    return bound;
  }

  void write_messages(const GroupActivation& validations, Budget& budget) {
    const bool all = message_cost_bound(validations) > budget.remaining();
    const bool any_denied = std::ranges::any_of(result_.denials, [](const Denial& denial) { return !denial.fault; });
    if (!all && !any_denied) return;

    GroupActivation activation(input_, true, false);
    std::vector<Step> steps(policy_.messages().size());
    for (size_t i = 0; i < steps.size(); ++i) {
      const CompiledExpression& message = policy_.messages()[i];
      if (!message.present() || (!all && !denied(i))) continue;
      if (!budget.run(message, activation, false, steps[i])) {
        replace_by_budget_faults();
        return;
      }
    }
    for (Denial& denial : result_.denials) {
      if (!denial.fault) denial.message = message_of(*denial.validation, steps[*denial.validation]);
    }
  }

  bool denied(size_t validation) const {
    return std::ranges::any_of(result_.denials,
                               [&](const Denial& denial) { return !denial.fault && denial.validation == validation; });
  }

  // The message phase ran out of budget: every validation that did not fail itself counts as failed, the true ones too.
  void replace_by_budget_faults() {
    std::vector<Denial> faults;
    for (size_t i = 0; i < policy_.validations().size(); ++i) {
      const auto own = std::ranges::find_if(
          result_.denials, [&](const Denial& denial) { return denial.fault && denial.validation == i; });
      if (own != result_.denials.end()) {
        faults.push_back(std::move(*own));
      } else if (fails_closed() && std::ranges::find(failed_, i) == failed_.end()) {
        faults.push_back({i, true, "failed messageExpression: " + std::string(Budget::kExceeded), {}});
      }
    }
    result_.denials = std::move(faults);
  }

  std::string message_of(size_t index, const Step& computed) const {
    if (computed.ok && computed.value.is_string()) {
      const std::string_view text = trim_space(computed.value.as_string());
      if (!text.empty() && text.size() <= kMaxMessageBytes && text.find('\n') == std::string_view::npos) {
        return std::string(text);
      }
    }
    const Validation& validation = policy_.policy().validations[index];
    if (const std::string_view text = trim_space(validation.message); !text.empty()) return std::string(text);
    return fmt::format("failed expression: {}", trim_space(validation.expression));
  }

  void annotate() {
    if (policy_.audit_annotations().empty()) return;
    GroupActivation activation(input_, true, false);
    Budget budget(Budget::kGroup);
    for (size_t i = 0; i < policy_.audit_annotations().size(); ++i) {
      Step step;
      if (!budget.run(policy_.audit_annotations()[i], activation, true, step)) {
        result_.audit_values.clear();
        fault(std::string(Budget::kExceeded));
        return;
      }
      if (!step.ok) {
        if (fails_closed()) result_.audit_values.push_back({i, std::move(step.error), true});
      } else if (step.value.is_string()) {
        const std::string_view text = trim_space(step.value.as_string());
        if (!text.empty()) result_.audit_values.push_back({i, std::string(text), false});
      }
    }
  }

  const EvaluationInput& input_;
  const CompiledPolicy& policy_;
  PolicyResult& result_;
  Detail detail_;
  std::vector<size_t> failed_;  // validations whose own evaluation failed
};

}  // namespace

void PolicyResult::clear() {
  applicable = true;
  denials.clear();
  audit_values.clear();
}

void evaluate_policy(const CompiledPolicy& policy, const MatchOutcome& as, const Value& params, RequestScope& scope,
                     const Value& object, const Value& old_object, PolicyResult& result, Detail detail) {
  result.clear();
  const EvaluationInput input{policy, scope, as, object, old_object, params};
  Evaluation(input, result, detail).run_all();
}

}  // namespace plimsoll::policy
