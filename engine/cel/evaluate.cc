// Runs the steps that are neither attributes nor comprehensions.
#include "engine/cel/message.h"
#include "engine/cel/step.h"

namespace plimsoll::cel {

namespace {

constexpr size_t kInlineArguments = 4;

template <typename T>
const T& as(const Step& step) {
  return static_cast<const T&>(step);
}

Value as_boolean(const Value& value) { return value.is_bool() || is_error(value) ? value : no_such_overload(); }

Value invoke(const CallStep& call, Frame& frame, const Value* arguments) {
  if (call.function != nullptr) return call.function(frame, arguments, call.count);
  if (call.implementation != nullptr) {
    if (call.implementation->admits(arguments, call.count)) return call.implementation->binding->function(frame, arguments, call.count);
  } else if (call.entry != nullptr) {
    for (const Implementation& candidate : call.entry->overloads) {
      if (candidate.admits(arguments, call.count)) return candidate.binding->function(frame, arguments, call.count);
    }
  } else {
    return no_such_overload(frame.arena(), call.name);
  }
  return no_such_overload(frame, call.name, arguments, call.count);
}

// Values that Go refuses as keys of its maps, by a panic that ends the evaluation.
bool is_unhashable(const Value& value) {
  return value.is_bytes() || value.as<SemverValue>() != nullptr || value.as<FormatValue>() != nullptr;
}

Value stop_at_unhashable(Frame& frame, const Value& value) {
  return frame.stop("internal error: runtime error: hash of unhashable type " + std::string(go_type(value)));
}

// Where cel-go's tracker of costs takes an argument's type for granted, another one is a panic that ends the evaluation.
std::string tracker_panic(CostRule rule, const Value* arguments, size_t count) {
  const auto go_name = [](const Value& value) { return is_error(value) ? "*types.Err" : std::string(go_type(value)); };
  if (rule == CostRule::kFlatten && count == 2 && !arguments[1].is_int()) {
    return "interface conversion: ref.Val is " + go_name(arguments[1]) + ", not types.Int";
  }
  if (rule != CostRule::kCompareFirst && rule != CostRule::kCompareSecond) return {};
  const Value& list = arguments[rule == CostRule::kCompareFirst ? 0 : 1];
  if (list.is_list()) return {};
  // Of the methods of a list, in Go's order, the first that a type lacks: what can be added to has Add.
  const bool adds = list.is_number() || list.is_string() || list.is_bytes() || list.as<DurationValue>() != nullptr ||
                    list.as<TimestampValue>() != nullptr;
  return "interface conversion: " + go_name(list) + " is not traits.Lister: missing method " + (adds ? "Contains" : "Add");
}

// The call once its arguments are there. What costs depend on the arguments alone is charged first.
Value finish_call(const CallStep& call, Frame& frame, const Value* arguments) {
  const Value* error = nullptr;
  for (uint32_t i = 0; i < call.count && error == nullptr; ++i) {
    if (is_error(arguments[i])) error = &arguments[i];
  }
  const bool by_result = is_priced_by_result(call.cost);
  if (call.cost == CostRule::kFlatten || call.cost == CostRule::kCompareFirst || call.cost == CostRule::kCompareSecond) [[unlikely]] {
    const std::string panic = tracker_panic(call.cost, arguments, call.count);
    if (!panic.empty()) return frame.stop("internal error: " + panic);
  }
  if (!by_result) frame.charge(call.cost == CostRule::kOne ? 1 : cost_of(call.cost, arguments, call.count, Value()));
  if (frame.stopped()) return frame.stop_error();
  const Value result = error != nullptr ? *error : invoke(call, frame, arguments);
  if (by_result) frame.charge(cost_of(call.cost, arguments, call.count, result));
  return result;
}

// An optional element or entry: its value, or nothing. An error if it is no optional.
Value unwrap_optional(Frame& frame, const Value& value, const std::string& what) {
  const auto* optional = value.as<Optional>();
  if (optional == nullptr) return frame.error("cannot initialize optional " + what + " from non-optional value " + go_text(value));
  return optional->has_value ? optional->value : unset();
}

// Whether two scalars of a constant list are one member: across kinds of number only where nothing is lost.
bool is_member(const Value& item, const Value& candidate) {
  if (item.kind() == candidate.kind()) return is_equal(item, candidate);
  if (!item.is_number() || !candidate.is_number()) return false;
  if (candidate.is_double()) {
    const double number = candidate.as_double();
    if (item.is_int()) {
      return number > -9223372036854775808.0 && number < 9223372036854775808.0 && number == static_cast<double>(static_cast<int64_t>(number)) &&
             static_cast<int64_t>(number) == item.as_int();
    }
    return number >= 0 && number < 18446744073709551616.0 && number == static_cast<double>(static_cast<uint64_t>(number)) &&
           static_cast<uint64_t>(number) == item.as_uint();
  }
  if (item.is_double()) {
    return item.as_double() == (candidate.is_int() ? static_cast<double>(candidate.as_int()) : static_cast<double>(candidate.as_uint()));
  }
  const Value& signed_value = item.is_int() ? item : candidate;
  const Value& unsigned_value = item.is_int() ? candidate : item;
  return signed_value.as_int() >= 0 && static_cast<uint64_t>(signed_value.as_int()) == unsigned_value.as_uint();
}

}  // namespace

Value run_constant(const Step& step, Frame&) { return as<ConstantStep>(step).value; }

Value run_and(const Step& step, Frame& frame) {
  const auto& logic = as<LogicStep>(step);
  const Value left = run(*logic.left, frame);
  if (left.is_bool() && !left.as_bool()) return left;
  if (frame.stopped()) return left;
  const Value right = run(*logic.right, frame);
  if (right.is_bool() && !right.as_bool()) return right;
  return as_boolean(left.is_bool() ? right : left);
}

Value run_or(const Step& step, Frame& frame) {
  const auto& logic = as<LogicStep>(step);
  const Value left = run(*logic.left, frame);
  if (left.is_bool() && left.as_bool()) return left;
  if (frame.stopped()) return left;
  const Value right = run(*logic.right, frame);
  if (right.is_bool() && right.as_bool()) return right;
  return as_boolean(left.is_bool() ? right : left);
}

Value run_equality(const Step& step, Frame& frame) {
  const auto& equality = as<EqualityStep>(step);
  const Value operands[] = {run(*equality.left, frame), run(*equality.right, frame)};
  frame.charge(cost_of(equality.negated ? CostRule::kSmallerTenth : CostRule::kEquals, operands, 2, Value()));
  if (is_error(operands[0])) return operands[0];
  if (is_error(operands[1])) return operands[1];
  const Value result = equals(operands[0], operands[1]);
  // What cannot be compared is an error to == and unequal to !=.
  return equality.negated ? Value::boolean(!result.is_bool() || !result.as_bool()) : result;
}

Value run_not_strictly_false(const Step& step, Frame& frame) {
  const Value value = run(*as<UnaryStep>(step).operand, frame);
  frame.charge(1);
  return value.is_bool() ? value : Value::boolean(true);
}

Value run_optional_or(const Step& step, Frame& frame) {
  const auto& choice = as<OptionalOrStep>(step);
  const Value left = run(*choice.left, frame);
  const auto* optional = left.as<Optional>();
  if (optional == nullptr) return left;
  if (optional->has_value) return choice.unwrap ? optional->value : left;
  return run(*choice.right, frame);
}

Value run_call(const Step& step, Frame& frame) {
  const auto& call = as<CallStep>(step);
  Value arguments[2];
  for (uint32_t i = 0; i < call.count; ++i) arguments[i] = run(*call.arguments[i], frame);
  return finish_call(call, frame, arguments);
}

Value run_variadic_call(const Step& step, Frame& frame) {
  const auto& call = as<CallStep>(step);
  Value inline_arguments[kInlineArguments];
  Value* arguments = call.count <= kInlineArguments ? inline_arguments : frame.arena().allocate_array<Value>(call.count);
  for (uint32_t i = 0; i < call.count; ++i) {
    arguments[i] = run(*call.arguments[i], frame);
    if (!is_error(arguments[i])) continue;
    // The tracker of costs does not find arguments that were never evaluated, and then leaves the call out.
    if (i + 1 < call.count) return arguments[i];
  }
  return finish_call(call, frame, arguments);
}

Value run_regex_call(const Step& step, Frame& frame) {
  const auto& call = as<RegexCallStep>(step);
  Value arguments[3];
  for (uint32_t i = 0; i < call.count; ++i) {
    arguments[i] = run(*call.arguments[i], frame);
    if (is_error(arguments[i]) && i + 1 < call.count) return arguments[i];
  }
  frame.charge(cost_of(call.cost, arguments, call.count, Value()));
  if (frame.stopped()) return frame.stop_error();
  if (is_error(arguments[call.count - 1])) return arguments[call.count - 1];
  return call.function(frame, *call.regex, arguments, call.count);
}

Value run_membership(const Step& step, Frame& frame) {
  const auto& membership = as<MembershipStep>(step);
  const Value item = run(*membership.item, frame);
  if (is_error(item)) return item;
  if (is_unhashable(item)) return stop_at_unhashable(frame, item);
  if (membership.strings != nullptr) {
    return Value::boolean(item.is_string() && membership.strings->find(item.as_string()) != nullptr);
  }
  for (const Value& candidate : *membership.list) {
    if (is_member(item, candidate)) return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value run_list(const Step& step, Frame& frame) {
  const auto& literal = as<ListStep>(step);
  List* list = List::create(frame.arena(), literal.count);
  Value result = Value::list(list);
  for (uint32_t i = 0; i < literal.count; ++i) {
    Value item = run(*literal.items[i], frame);
    if (!is_error(item) && literal.optional != nullptr && literal.optional[i]) {
      item = unwrap_optional(frame, item, "list element");
      if (is_unset(item)) continue;
    }
    if (is_error(item)) {
      result = item;
      break;
    }
    list->push_back(frame.arena(), item);
  }
  frame.charge(kListCost);
  return result;
}

Value put_entry(Frame& frame, Map& map, const Value& key, const Value& value) {
  if (is_unhashable(key)) return stop_at_unhashable(frame, key);
  Value* existing = map.find(key);
  if (existing != nullptr && key.is_number()) {  // 1, 1u and 1.0 are different keys of a literal
    existing = nullptr;
    for (Map::Entry& entry : map) {
      if (entry.key.kind() == key.kind() && is_equal(entry.key, key)) existing = &entry.value;
    }
  }
  if (existing != nullptr) {
    *existing = value;
  } else {
    map.append(frame.arena(), key, value);
  }
  return value;
}

void remove_entry(Arena& arena, Map*& map, const Value& key) {
  if (map->find(key) == nullptr) return;
  Map* rest = Map::create(arena, map->size());
  for (const Map::Entry& entry : *map) {
    if (entry.key.kind() != key.kind() || !is_equal(entry.key, key)) rest->append(arena, entry.key, entry.value);
  }
  map = rest;
}

Value run_map(const Step& step, Frame& frame) {
  const auto& literal = as<MapStep>(step);
  Map* map = Map::create(frame.arena(), literal.count);
  map->tag = kMapLiteral;
  Value error;
  for (uint32_t i = 0; i < literal.count; ++i) {
    const Value key = run(*literal.keys[i], frame);
    if (is_error(key)) {
      error = key;
      break;
    }
    Value value = run(*literal.values[i], frame);
    if (!is_error(value) && literal.optional != nullptr && literal.optional[i]) {
      value = unwrap_optional(frame, value, "entry '" + go_text(key) + "'");
      if (is_unset(value)) {
        remove_entry(frame.arena(), map, key);
        continue;
      }
    }
    if (!is_error(value)) value = put_entry(frame, *map, key, value);
    if (is_error(value)) {
      error = value;
      break;
    }
  }
  frame.charge(kMapCost);
  return is_error(error) ? error : Value::map(map);
}

Value run_message(const Step& step, Frame& frame) {
  const auto& literal = as<MessageStep>(step);
  Arena& arena = frame.arena();
  Map* fields = Map::create(arena, literal.count);
  Value result;
  for (uint32_t i = 0; i < literal.count && !is_error(result); ++i) {
    const Value name = Value::string(literal.names[i]);
    Value value = run(*literal.values[i], frame);
    if (!is_error(value) && literal.optional != nullptr && literal.optional[i]) {
      value = unwrap_optional(frame, value, "entry '" + std::string(literal.names[i]) + "'");
      if (is_unset(value)) {
        fields->erase(literal.names[i]);
        continue;
      }
    }
    if (is_error(value)) {
      result = value;
    } else {
      fields->set(arena, name, value);
    }
  }
  if (!is_error(result)) result = make_message(frame, literal.type_name, fields);
  frame.charge(kMessageCost);
  return result;
}

std::string_view go_type(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return "types.Null";
    case Kind::kBool: return "types.Bool";
    case Kind::kInt: return "types.Int";
    case Kind::kUint: return "types.Uint";
    case Kind::kDouble: return "types.Double";
    case Kind::kString: return "types.String";
    case Kind::kBytes: return "types.Bytes";
    case Kind::kList: return value.flavour() == kConcatenated ? "*types.concatList" : "*types.baseList";
    case Kind::kMap: return "*types.baseMap";
    case Kind::kExtension: break;
  }
  if (value.as<DurationValue>() != nullptr) return "types.Duration";
  if (value.as<TimestampValue>() != nullptr) return "types.Timestamp";
  if (value.as<TypeValue>() != nullptr) return "*types.Type";
  if (value.as<Optional>() != nullptr) return "*types.Optional";
  if (const auto* quantity = value.as<QuantityValue>()) return quantity->computed ? "*cel.Quantity" : "cel.Quantity";
  if (value.as<IpValue>() != nullptr) return "cel.IP";
  if (value.as<CidrValue>() != nullptr) return "cel.CIDR";
  if (value.as<UrlValue>() != nullptr) return "cel.URL";
  if (value.as<SemverValue>() != nullptr) return "cel.Semver";
  if (value.as<FormatValue>() != nullptr) return "cel.Format";
  if (value.as<ObjectValue>() != nullptr) return "*dynamic.ObjectVal";
  if (value.as<JsonPatchValue>() != nullptr) return "*mutation.JSONPatchVal";
  return type_name(value);
}

}  // namespace plimsoll::cel
