#include "engine/cel/program.h"

#include <algorithm>
#include <array>

#include "engine/cel/plan.h"

namespace plimsoll::cel {

namespace {

// Slots that fit on the stack; programs with more take them from the arena.
constexpr size_t kInlineSlots = 24;

class PlannedProgram : public Program {
 public:
  PlannedProgram(Ast ast, std::shared_ptr<const FunctionTable> functions) : ast_(std::move(ast)), functions_(std::move(functions)) {
    if (!ast_.types.empty()) type_ = ast_.types[ast_.root];
  }

  std::expected<void, std::string> make() {
    auto made = make_plan(ast_, *functions_);
    if (!made) return std::unexpected(std::move(made.error()));
    plan_ = std::move(*made);
    return {};
  }

  Outcome evaluate(Activation& activation, Arena& arena, Budget& budget) const override {
    const size_t slots = plan_->variables.size() + plan_->locals;
    std::array<Value, kInlineSlots> inline_slots;
    Value* values = slots <= kInlineSlots ? inline_slots.data() : arena.allocate_array<Value>(slots);
    std::fill(values, values + slots, unset());
    Frame frame(arena, activation, budget.per_call, functions_->library(), values, values + plan_->variables.size());
    const Value result = run(*plan_->root, frame);
    const uint64_t cost = frame.cost();
    budget.last = cost;
    if (frame.budget_exceeded()) {
      budget.remaining = 0;
      return failure(frame.stop_error(), true);
    }
    if (cost > budget.remaining) {
      budget.remaining = 0;
      return Outcome(EvaluationError{"validation failed due to running out of cost budget, no further validation rules will be run", true});
    }
    budget.remaining -= cost;
    if (frame.stopped()) return failure(frame.stop_error(), false);
    if (is_error(result)) return failure(result, false);
    return Outcome(result);
  }

  const Type& type() const override { return type_; }
  std::string_view source() const override { return ast_.source; }
  const std::vector<size_t>& variables() const override { return plan_->variables; }
  const std::vector<std::pair<size_t, size_t>>& fields() const override { return plan_->fields; }
  const Ast& tree() const override { return ast_; }
  const Plan& plan() const override { return *plan_; }

 private:
  static Outcome failure(const Value& error, bool budget_exceeded) { return Outcome(EvaluationError{error_message(error), budget_exceeded}); }

  Ast ast_;
  Type type_;
  std::shared_ptr<const FunctionTable> functions_;
  std::unique_ptr<const Plan> plan_;
};

}  // namespace

Outcome Activation::field(size_t, size_t) { return Outcome(EvaluationError{.message = "no such key"}); }

std::expected<std::shared_ptr<const Program>, std::string> make_program(Ast ast, const EnvironmentOptions&,
                                                                        std::shared_ptr<const FunctionTable> functions) {
  auto program = std::make_shared<PlannedProgram>(std::move(ast), std::move(functions));
  if (auto planned = program->make(); !planned) return std::unexpected(std::move(planned.error()));
  return program;
}

}  // namespace plimsoll::cel
