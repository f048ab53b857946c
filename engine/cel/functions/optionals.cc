// optional.of() and its kin. or() and orValue() are evaluated by the planner's nodes, for they short-circuit.
#include "engine/cel/functions.h"

namespace plimsoll::cel {

namespace {

const Optional& optional_of(const Value& value) { return *value.as<Optional>(); }

Value of(Frame& frame, const Value* arguments, size_t) { return make_optional(frame.arena(), arguments[0]); }
Value of_non_zero(Frame& frame, const Value* arguments, size_t) {
  return is_zero_value(arguments[0]) ? no_value() : make_optional(frame.arena(), arguments[0]);
}
Value none(Frame&, const Value*, size_t) { return no_value(); }
Value has_value(Frame&, const Value* arguments, size_t) { return Value::boolean(optional_of(arguments[0]).has_value); }
Value value(Frame& frame, const Value* arguments, size_t) {
  const Optional& optional = optional_of(arguments[0]);
  return optional.has_value ? optional.value : frame.error("optional.none() dereference");
}

Value first(Frame& frame, const Value* arguments, size_t) {
  const std::span<Value> items = arguments[0].items();
  return items.empty() ? no_value() : make_optional(frame.arena(), items.front());
}
Value last(Frame& frame, const Value* arguments, size_t) {
  const std::span<Value> items = arguments[0].items();
  return items.empty() ? no_value() : make_optional(frame.arena(), items.back());
}

Value unwrap(Frame& frame, const Value* arguments, size_t) {
  List* list = List::create(frame.arena());
  for (const Value& item : *arguments[0].as_list()) {
    const auto* optional = item.as<Optional>();
    if (optional == nullptr) return frame.error("value " + go_text(item) + " is not optional");
    if (optional->has_value) list->push_back(frame.arena(), optional->value);
  }
  return Value::list(list);
}

constexpr Binding kBindings[] = {
    {"optional_of", of},
    {"optional_ofNonZeroValue", of_non_zero},
    {"optional_none", none},
    {"optional_value", value},
    {"optional_hasValue", has_value},
    {"list_first", first},
    {"list_last", last},
    {"optional_unwrap", unwrap},
    {"optional_unwrapOpt", unwrap},
};

}  // namespace

std::span<const Binding> functions::optionals() { return kBindings; }

}  // namespace plimsoll::cel
