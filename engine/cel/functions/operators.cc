// Operators, size() and `in`: each looks at its operands itself, as cel-go's do, and knows two ways of refusing them.
#include <cmath>

#include "engine/cel/functions.h"

namespace plimsoll::cel {

namespace {

// cel-go asks values of some types to answer a function themselves; their refusal does not name it.
bool is_receiver(const Value& value) {
  return value.is_string() || value.as<DurationValue>() != nullptr || value.as<TimestampValue>() != nullptr;
}

Value refuse(Frame& frame, const Value& operand, std::string_view function) {
  return is_receiver(operand) ? no_such_overload() : no_such_overload(frame.arena(), function);
}

Value int_overflow(Frame& frame) { return frame.error("integer overflow"); }
Value uint_overflow(Frame& frame) { return frame.error("unsigned integer overflow"); }

Value concatenate(Frame& frame, const Value& a, const Value& b) {
  const std::string_view left = a.as_string(), right = b.as_string();
  const size_t size = left.size() + right.size();
  if (!frame.reserve(size) || size > UINT32_MAX) return frame.stop("operation cancelled: memory limit exceeded");
  char* text = frame.arena().allocate_array<char>(size);
  std::copy(left.begin(), left.end(), text);
  std::copy(right.begin(), right.end(), text + left.size());
  return a.is_string() ? Value::string({text, size}) : Value::bytes({text, size});
}

Value join_lists(Frame& frame, const Value& a, const Value& b) {
  Arena& arena = frame.arena();
  List* left = a.as_list();
  const List* right = b.as_list();
  if (!frame.reserve(sizeof(Value) * right->size())) return frame.stop_error();
  if (a.flavour() == kMutable) {
    const size_t count = right->size();  // an accumulator may be added to itself
    for (size_t i = 0; i < count; ++i) left->push_back(arena, (*right)[i]);
    return a;
  }
  if (left->empty()) return b;
  if (right->empty()) return a;
  if (!frame.reserve(sizeof(Value) * (left->size() + right->size()))) return frame.stop_error();
  List* result = List::create(arena, left->size() + right->size());
  for (const Value& item : *left) result->push_back(arena, item);
  for (const Value& item : *right) result->push_back(arena, item);
  return Value::list(result).with_flavour(kConcatenated);
}

Value shift(Frame& frame, const TimestampValue& time, int64_t nanoseconds) {
  const std::optional<Time> result = add_duration(time.time, nanoseconds);
  if (!result) return int_overflow(frame);
  if (!result->in_range()) return frame.error("timestamp overflow");
  return make_timestamp(frame.arena(), *result);
}

Value add(Frame& frame, const Value* arguments, size_t) {
  const Value &a = arguments[0], &b = arguments[1];
  switch (a.kind()) {
    case Kind::kInt: {
      int64_t result;
      if (!b.is_int()) return no_such_overload();
      return __builtin_add_overflow(a.as_int(), b.as_int(), &result) ? int_overflow(frame) : Value::integer(result);
    }
    case Kind::kUint: {
      uint64_t result;
      if (!b.is_uint()) return no_such_overload();
      return __builtin_add_overflow(a.as_uint(), b.as_uint(), &result) ? uint_overflow(frame) : Value::uinteger(result);
    }
    case Kind::kDouble: return b.is_double() ? Value::real(a.as_double() + b.as_double()) : no_such_overload();
    case Kind::kString:
    case Kind::kBytes: return a.kind() == b.kind() ? concatenate(frame, a, b) : no_such_overload();
    case Kind::kList: return b.is_list() ? join_lists(frame, a, b) : no_such_overload();
    default: break;
  }
  if (const auto* duration = a.as<DurationValue>()) {
    if (const auto* other = b.as<DurationValue>()) {
      int64_t result;
      if (__builtin_add_overflow(duration->nanoseconds, other->nanoseconds, &result)) return int_overflow(frame);
      return make_duration(frame.arena(), result);
    }
    if (const auto* time = b.as<TimestampValue>()) return shift(frame, *time, duration->nanoseconds);
    return no_such_overload();
  }
  if (const auto* time = a.as<TimestampValue>()) {
    if (const auto* duration = b.as<DurationValue>()) return shift(frame, *time, duration->nanoseconds);
    return no_such_overload();
  }
  return no_such_overload(frame.arena(), "_+_");
}

Value subtract(Frame& frame, const Value* arguments, size_t) {
  const Value &a = arguments[0], &b = arguments[1];
  switch (a.kind()) {
    case Kind::kInt: {
      int64_t result;
      if (!b.is_int()) return no_such_overload();
      return __builtin_sub_overflow(a.as_int(), b.as_int(), &result) ? int_overflow(frame) : Value::integer(result);
    }
    case Kind::kUint: {
      uint64_t result;
      if (!b.is_uint()) return no_such_overload();
      return __builtin_sub_overflow(a.as_uint(), b.as_uint(), &result) ? uint_overflow(frame) : Value::uinteger(result);
    }
    case Kind::kDouble: return b.is_double() ? Value::real(a.as_double() - b.as_double()) : no_such_overload();
    default: break;
  }
  if (const auto* duration = a.as<DurationValue>()) {
    const auto* other = b.as<DurationValue>();
    int64_t result;
    if (other == nullptr) return no_such_overload();
    if (__builtin_sub_overflow(duration->nanoseconds, other->nanoseconds, &result)) return int_overflow(frame);
    return make_duration(frame.arena(), result);
  }
  if (const auto* time = a.as<TimestampValue>()) {
    if (const auto* duration = b.as<DurationValue>()) {
      int64_t negated;
      if (__builtin_sub_overflow(int64_t{0}, duration->nanoseconds, &negated)) return int_overflow(frame);
      return shift(frame, *time, negated);
    }
    if (const auto* other = b.as<TimestampValue>()) {
      const std::optional<int64_t> result = subtract_times(time->time, other->time);
      return result ? make_duration(frame.arena(), *result) : int_overflow(frame);
    }
    return no_such_overload();
  }
  return refuse(frame, a, "_-_");
}

Value multiply(Frame& frame, const Value* arguments, size_t) {
  const Value &a = arguments[0], &b = arguments[1];
  switch (a.kind()) {
    case Kind::kInt: {
      int64_t result;
      if (!b.is_int()) return no_such_overload();
      return __builtin_mul_overflow(a.as_int(), b.as_int(), &result) ? int_overflow(frame) : Value::integer(result);
    }
    case Kind::kUint: {
      uint64_t result;
      if (!b.is_uint()) return no_such_overload();
      return __builtin_mul_overflow(a.as_uint(), b.as_uint(), &result) ? uint_overflow(frame) : Value::uinteger(result);
    }
    case Kind::kDouble: return b.is_double() ? Value::real(a.as_double() * b.as_double()) : no_such_overload();
    default: return refuse(frame, a, "_*_");
  }
}

Value divide(Frame& frame, const Value* arguments, size_t) {
  const Value &a = arguments[0], &b = arguments[1];
  switch (a.kind()) {
    case Kind::kInt:
      if (!b.is_int()) return no_such_overload();
      if (b.as_int() == 0) return frame.error("division by zero");
      if (a.as_int() == INT64_MIN && b.as_int() == -1) return int_overflow(frame);
      return Value::integer(a.as_int() / b.as_int());
    case Kind::kUint:
      if (!b.is_uint()) return no_such_overload();
      if (b.as_uint() == 0) return frame.error("division by zero");
      return Value::uinteger(a.as_uint() / b.as_uint());
    case Kind::kDouble: return b.is_double() ? Value::real(a.as_double() / b.as_double()) : no_such_overload();
    default: return refuse(frame, a, "_/_");
  }
}

Value modulo(Frame& frame, const Value* arguments, size_t) {
  const Value &a = arguments[0], &b = arguments[1];
  switch (a.kind()) {
    case Kind::kInt:
      if (!b.is_int()) return no_such_overload();
      if (b.as_int() == 0) return frame.error("modulus by zero");
      if (a.as_int() == INT64_MIN && b.as_int() == -1) return int_overflow(frame);
      return Value::integer(a.as_int() % b.as_int());
    case Kind::kUint:
      if (!b.is_uint()) return no_such_overload();
      if (b.as_uint() == 0) return frame.error("modulus by zero");
      return Value::uinteger(a.as_uint() % b.as_uint());
    default: return refuse(frame, a, "_%_");
  }
}

Value negate(Frame& frame, const Value* arguments, size_t) {
  const Value& a = arguments[0];
  if (a.is_int()) return a.as_int() == INT64_MIN ? int_overflow(frame) : Value::integer(-a.as_int());
  if (a.is_double()) return Value::real(-a.as_double());
  if (a.is_bool()) return no_such_overload();
  if (const auto* duration = a.as<DurationValue>()) {
    if (duration->nanoseconds == INT64_MIN) return int_overflow(frame);
    return make_duration(frame.arena(), -duration->nanoseconds);
  }
  return refuse(frame, a, "-_");
}

Value logical_not(Frame&, const Value* arguments, size_t) {
  return arguments[0].is_bool() ? Value::boolean(!arguments[0].as_bool()) : no_such_overload();
}

enum class Relation { kLess, kLessEquals, kGreater, kGreaterEquals };
constexpr std::string_view kRelationNames[] = {"_<_", "_<=_", "_>_", "_>=_"};

template <Relation kRelation>
Value relate(Frame& frame, const Value* arguments, size_t) {
  const Value &a = arguments[0], &b = arguments[1];
  if (!is_comparable(a)) return no_such_overload(frame.arena(), kRelationNames[static_cast<int>(kRelation)]);
  const Ordering ordering = compare(a, b);
  if (ordering == Ordering::kNotANumber) return frame.error("NaN values cannot be ordered");
  if (ordering == Ordering::kIncomparable) return no_such_overload();
  switch (kRelation) {
    case Relation::kLess: return Value::boolean(ordering == Ordering::kLess);
    case Relation::kLessEquals: return Value::boolean(ordering != Ordering::kGreater);
    case Relation::kGreater: return Value::boolean(ordering == Ordering::kGreater);
    case Relation::kGreaterEquals: return Value::boolean(ordering != Ordering::kLess);
  }
  return Value();
}

Value in(Frame&, const Value* arguments, size_t) {
  const Value &item = arguments[0], &container = arguments[1];
  if (container.is_map()) return Value::boolean(find_key(*container.as_map(), item) != nullptr);
  if (!container.is_list()) return no_such_overload();
  for (const Value& candidate : *container.as_list()) {
    if (is_equal(item, candidate)) return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value size(Frame& frame, const Value* arguments, size_t) {
  if (!has_size(arguments[0])) return refuse(frame, arguments[0], "size");
  return Value::integer(static_cast<int64_t>(size_of(arguments[0])));
}

constexpr Binding kBindings[] = {
    {"_+_", add},
    {"_-_", subtract},
    {"_*_", multiply},
    {"_/_", divide},
    {"_%_", modulo},
    {"-_", negate},
    {"!_", logical_not},
    {"_<_", relate<Relation::kLess>},
    {"_<=_", relate<Relation::kLessEquals>},
    {"_>_", relate<Relation::kGreater>},
    {"_>=_", relate<Relation::kGreaterEquals>},
    {"@in", in},
    {"size", size},
};

}  // namespace

std::span<const Binding> functions::operators() { return kBindings; }

}  // namespace plimsoll::cel
