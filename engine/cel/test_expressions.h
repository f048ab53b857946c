// What the tests of expressions share: compile and evaluate in one go, and results as text.
//
//   TestRun run = run_expression("object.spec.replicas + 1");
//   run.text;   // "4", "error: no such key: spec", "ERROR: <input>:1:1: ...", "planning error: ..."
#pragma once

#include <string>
#include <string_view>

#include "engine/cel/cel.h"
#include "engine/cel/runtime/values.h"
#include "engine/value/json.h"

namespace plimsoll::cel {

struct TestRun {
  std::string text;
  std::string type;
  uint64_t cost = 0;
};

// The variable `object`; nothing else is bound.
class TestObject : public Activation {
 public:
  explicit TestObject(Value object) : object_(object) {}
  Outcome variable(size_t variable) override { return Outcome(variable == 0 ? object_ : Value()); }

 private:
  Value object_;
};

inline std::shared_ptr<const Environment> test_environment(Library library = Library::kKubernetes) {
  EnvironmentOptions options;
  options.library = library;
  options.variables = {{"object", Type::dyn()}, {"params", Type::dyn()}};
  return *Environment::create(std::move(options));
}

// Plain values as JSON, others in Go's form.
inline std::string show(const Value& value) {
  if (const auto* optional = value.as<Optional>()) return optional->has_value ? "optional " + show(optional->value) : "optional.none";
  return value.is_extension() ? go_text(value) : json::write(value);
}

inline TestRun run_with(const Environment& environment, std::string_view expression, Activation& activation) {
  const auto program = environment.compile(expression);
  if (!program) return {(program.error().planning ? "planning error: " : "") + program.error().text, "", 0};
  Arena arena;
  Budget budget;
  const Outcome outcome = (*program)->evaluate(activation, arena, budget);
  return {outcome.ok() ? show(outcome.value()) : "error: " + outcome.error().message, (*program)->type().to_string(), budget.last};
}

inline TestRun run_expression(const Environment& environment, std::string_view expression, Value object = {}) {
  TestObject activation(object);
  return run_with(environment, expression, activation);
}

}  // namespace plimsoll::cel
