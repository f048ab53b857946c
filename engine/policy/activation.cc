#include "engine/policy/activation.h"

#include <fmt/format.h>

#include <bit>
#include <utility>

#include "engine/cel/runtime/values.h"
#include "engine/value/go_quote.h"

namespace plimsoll::policy {
namespace {

// Limits are kept by the caller, for a group shares one budget and variables are charged apart from the expression that
// uses them.
cel::Budget call_budget() {
  cel::Budget budget;
  budget.remaining = UINT64_MAX;
  return budget;
}

// The fields that VariableMemo::Entry::needed has bits for.
constexpr size_t kMaxNeeded = 64;

bool same_object(const Value& a, const Value& b) {
  return a.kind() == b.kind() && (!a.is_map() || a.as_map() == b.as_map());
}

cel::Outcome failure(std::string message) { return cel::Outcome(cel::EvaluationError{std::move(message), false}); }

Value kind_value(const GroupVersionKind& kind, Arena& arena) {
  Map* map = Map::create(arena, 3);
  map->append(arena, Value::string("group"), Value::string(kind.group));
  map->append(arena, Value::string("version"), Value::string(kind.version));
  map->append(arena, Value::string("kind"), Value::string(kind.kind));
  return Value::map(map);
}

Value resource_value(const GroupVersionResource& resource, Arena& arena) {
  Map* map = Map::create(arena, 3);
  map->append(arena, Value::string("group"), Value::string(resource.group));
  map->append(arena, Value::string("version"), Value::string(resource.version));
  map->append(arena, Value::string("resource"), Value::string(resource.resource));
  return Value::map(map);
}

}  // namespace

GroupActivation::GroupActivation(const EvaluationInput& input, bool namespaced, bool authorized)
    : input_(input), namespaced_(namespaced), authorized_(authorized), shown_resource_(input.as.resource) {
  const Request& request = input.scope.request();
  const bool converted = !same_object(input.object, request.object) || !same_object(input.old_object, request.old_object);
  memo_ = converted ? nullptr : input.scope.memo();
  const size_t count = input.policy.variables().size();
  slots_ = input.scope.arena().allocate_array<Slot>(count);
  for (size_t i = 0; i < count; ++i) slots_[i] = Slot{State::kUnknown, Value(), 0, false};
}

uint64_t GroupActivation::take_variable_cost() { return std::exchange(variable_cost_, 0); }

const uint64_t* GroupActivation::known_cost(size_t field) const {
  const State state = slots_[field].state;
  return state == State::kValue || state == State::kError ? &slots_[field].cost : nullptr;
}

cel::Outcome GroupActivation::evaluate(const CompiledExpression& expression, bool declares_authorizer, uint64_t& cost) {
  const bool outer = std::exchange(declares_authorizer_, declares_authorizer);
  cel::Budget budget = call_budget();
  cel::Outcome outcome = expression.program->evaluate(*this, input_.scope.arena(), budget);
  declares_authorizer_ = outer;
  cost = budget.last;
  return outcome;
}

cel::Outcome GroupActivation::variable(size_t index) {
  if (!declares_authorizer_ && index >= static_cast<size_t>(VariableId::kAuthorizer)) index += 2;
  return value_of(static_cast<VariableId>(index));
}

cel::Outcome GroupActivation::value_of(VariableId variable) {
  const Request& request = input_.scope.request();
  switch (variable) {
    case VariableId::kObject:
      return cel::Outcome(input_.object);
    case VariableId::kOldObject:
      return cel::Outcome(input_.old_object);
    case VariableId::kNamespaceObject:
      return cel::Outcome(namespaced_ ? input_.scope.namespace_variable() : Value::null());
    case VariableId::kRequest:
      return cel::Outcome(request_value());
    case VariableId::kParams:
      return cel::Outcome(input_.params);
    case VariableId::kAuthorizer:
      if (!authorized_) return failure("no such attribute(s): authorizer");
      if (authorizer() == nullptr) return failure("authorizer is not available here: there is no cluster to ask");
      return cel::Outcome(cel::make_authorizer(input_.scope.arena()));
    case VariableId::kRequestResource:
      if (!authorized_) return failure("no such attribute(s): authorizer.requestResource");
      if (authorizer() == nullptr) return failure("authorizer is not available here: there is no cluster to ask");
      return cel::Outcome(cel::make_resource_check(input_.scope.arena(), request.resource.group,
                                                   request.resource.resource, request.subresource,
                                                   request.namespace_name, request.name));
    case VariableId::kResources:
      if (resources() == nullptr) return failure("resources are not available here: nothing but the object is at hand");
      return cel::Outcome(cel::make_resources(input_.scope.arena()));
    case VariableId::kNow:
      return cel::Outcome(
          cel::make_timestamp(input_.scope.arena(), {.seconds = input_.scope.surroundings().now.time_since_epoch().count()}));
    case VariableId::kVariables:
      break;
  }
  return failure("no such attribute(s): variables");
}

bool GroupActivation::recall(size_t field, Slot& slot) {
  const uint32_t number = input_.policy.variables()[field].shared;
  const VariableMemo::Entry* entry = number != 0 && memo_ != nullptr ? memo_->find(number) : nullptr;
  if (entry == nullptr) return false;
  // What it asked for would have been computed now.
  for (uint64_t rest = entry->needed; rest != 0; rest &= rest - 1) {
    const auto other = static_cast<size_t>(std::countr_zero(rest));
    if (slots_[other].state == State::kUnknown) static_cast<void>(this->field(0, other));
  }
  slot = {entry->failed ? State::kError : State::kValue, entry->value, entry->cost, true};
  variable_cost_ += slot.cost;
  return true;
}

cel::Outcome GroupActivation::field(size_t, size_t field) {
  Slot& slot = slots_[field];
  if (field < kMaxNeeded) {
    needed_ |= uint64_t{1} << field;
  } else {
    shareable_ = false;
  }
  if (slot.state == State::kUnknown) recall(field, slot);
  if (slot.state != State::kUnknown) shareable_ &= slot.shareable;
  const std::string& name = input_.policy.variable_names()[field];
  switch (slot.state) {
    case State::kValue:
      return cel::Outcome(slot.value);
    case State::kError:
      return failure(std::string(slot.value.as_string()));
    // Of two variables with one name the earlier is gone, so that the later may find itself. The API server overflows
    // its stack.
    case State::kRunning:
      return failure(fmt::format("composited variable {} refers to itself", go::quoted(name)));
    case State::kUnknown:
      break;
  }
  const CompiledExpression& expression = input_.policy.variables()[field];
  const uint64_t outer_needed = std::exchange(needed_, 0);
  const bool outer_shareable = std::exchange(shareable_, expression.shared != 0);
  const auto remember = [&] {
    if (shareable_ && memo_ != nullptr)
      memo_->add(expression.shared, {slot.state == State::kError, slot.value, slot.cost, needed_});
    slot.shareable = shareable_;
    needed_ = outer_needed;
    shareable_ &= outer_shareable;
  };
  std::string error;
  if (expression.program == nullptr) {
    error = fmt::format("composited variable {} fails to compile: {}", go::quoted(name), expression.error);
  } else {
    slot.state = State::kRunning;
    const cel::Outcome outcome = evaluate(expression, true, slot.cost);
    variable_cost_ += slot.cost;
    if (outcome.ok()) {
      slot.state = State::kValue;
      slot.value = outcome.value();
      remember();
      return outcome;
    }
    error = fmt::format("composited variable {} fails to evaluate: {}", go::quoted(name), outcome.error().message);
  }
  slot.state = State::kError;
  slot.value = Value::string(input_.scope.arena().copy(error));
  remember();
  return failure(std::move(error));
}

// AdmissionRequest as JSON would show it: what is empty is absent, except in kind and resource.
Value GroupActivation::request_value() {
  if (!request_.is_null()) return request_;
  const Request& request = input_.scope.request();
  Arena& arena = input_.scope.arena();
  Map* map = Map::create(arena, 13);
  const auto set = [&](std::string_view key, Value value) { map->append(arena, Value::string(key), value); };
  const auto set_text = [&](std::string_view key, std::string_view text) {
    if (!text.empty()) set(key, Value::string(text));
  };
  set("uid", Value::string(""));
  set("kind", kind_value(input_.as.kind, arena));
  set("resource", resource_value(shown_resource_, arena));
  set_text("subResource", request.subresource);
  set("requestKind", kind_value(request.kind, arena));
  set("requestResource", resource_value(request.resource, arena));
  set_text("requestSubResource", request.subresource);
  set_text("name", request.name);
  set_text("namespace", request.namespace_name);
  set("operation", Value::string(request.operation));
  Map* user = Map::create(arena, 4);
  if (!request.user.name.empty()) user->append(arena, Value::string("username"), Value::string(request.user.name));
  if (!request.user.uid.empty()) user->append(arena, Value::string("uid"), Value::string(request.user.uid));
  if (request.user.groups.size() > 0) user->append(arena, Value::string("groups"), request.user.groups);
  if (request.user.extra.size() > 0) user->append(arena, Value::string("extra"), request.user.extra);
  set("userInfo", Value::map(user));
  set("dryRun", Value::boolean(request.dry_run));
  set("options", request.options);
  request_ = Value::map(map);
  return request_;
}

}  // namespace plimsoll::policy
