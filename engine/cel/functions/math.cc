// math.*: cel-go's extension.
#include <cmath>

#include "engine/cel/functions.h"

namespace plimsoll::cel {

namespace {

Value identity(Frame&, const Value* arguments, size_t) { return arguments[0]; }

template <double (*kFunction)(double)>
Value apply(Frame&, const Value* arguments, size_t) {
  return Value::real(kFunction(arguments[0].as_double()));
}
double ceil_of(double x) { return std::ceil(x); }
double floor_of(double x) { return std::floor(x); }
double round_of(double x) { return std::round(x); }
double trunc_of(double x) { return std::trunc(x); }
double abs_of(double x) { return std::fabs(x); }
double sign_of(double x) { return std::isnan(x) ? x : x > 0 ? 1 : x < 0 ? -1 : 0; }

Value is_inf(Frame&, const Value* arguments, size_t) { return Value::boolean(std::isinf(arguments[0].as_double())); }
Value is_nan(Frame&, const Value* arguments, size_t) { return Value::boolean(std::isnan(arguments[0].as_double())); }
Value is_finite(Frame&, const Value* arguments, size_t) { return Value::boolean(std::isfinite(arguments[0].as_double())); }

Value abs_int(Frame& frame, const Value* arguments, size_t) {
  const int64_t value = arguments[0].as_int();
  if (value == INT64_MIN) return frame.error("integer overflow");
  return Value::integer(value < 0 ? -value : value);
}
Value sign_int(Frame&, const Value* arguments, size_t) {
  const int64_t value = arguments[0].as_int();
  return Value::integer(value > 0 ? 1 : value < 0 ? -1 : 0);
}
Value sign_uint(Frame&, const Value* arguments, size_t) { return Value::uinteger(arguments[0].as_uint() == 0 ? 0 : 1); }

Value sqrt(Frame&, const Value* arguments, size_t) {
  const Value& value = arguments[0];
  const double number = value.is_int() ? static_cast<double>(value.as_int()) : value.is_uint() ? static_cast<double>(value.as_uint()) : value.as_double();
  return Value::real(std::sqrt(number));
}

enum class Bits { kAnd, kOr, kXor };
template <Bits kBits>
Value combine(Frame&, const Value* arguments, size_t) {
  const auto operate = [](uint64_t a, uint64_t b) { return kBits == Bits::kAnd ? a & b : kBits == Bits::kOr ? a | b : a ^ b; };
  const Value &a = arguments[0], &b = arguments[1];
  if (a.is_uint()) return Value::uinteger(operate(a.as_uint(), b.as_uint()));
  return Value::integer(static_cast<int64_t>(operate(static_cast<uint64_t>(a.as_int()), static_cast<uint64_t>(b.as_int()))));
}
Value bit_not(Frame&, const Value* arguments, size_t) {
  const Value& a = arguments[0];
  return a.is_uint() ? Value::uinteger(~a.as_uint()) : Value::integer(~a.as_int());
}
// Zeros come in on both sides, also for negative numbers.
template <bool kLeft>
Value shift(Frame& frame, const Value* arguments, size_t) {
  const Value& a = arguments[0];
  const int64_t count = arguments[1].as_int();
  if (count < 0) {
    return frame.error(std::string(kLeft ? "math.bitShiftLeft()" : "math.bitShiftRight()") + " negative offset: " + std::to_string(count));
  }
  const uint64_t bits = a.is_uint() ? a.as_uint() : static_cast<uint64_t>(a.as_int());
  const uint64_t shifted = count > 63 ? 0 : kLeft ? bits << count : bits >> count;
  return a.is_uint() ? Value::uinteger(shifted) : Value::integer(static_cast<int64_t>(shifted));
}

// Of two numbers, of any kinds: the first if they are equal.
template <Ordering kReplaces>
Value pick(Frame& frame, const Value& a, const Value& b) {
  const Ordering ordering = compare(a, b);
  const std::string name = kReplaces == Ordering::kGreater ? "math.@min" : "math.@max";
  if (ordering == Ordering::kNotANumber) return frame.error("NaN values cannot be ordered: " + name);
  if (ordering == Ordering::kIncomparable) return frame.error("no such overload: " + name);
  return ordering == kReplaces ? b : a;
}

template <Ordering kReplaces>
Value extreme(Frame& frame, const Value* arguments, size_t count) {
  const std::string name = kReplaces == Ordering::kGreater ? "math.@min" : "math.@max";
  if (count == 2) return pick<kReplaces>(frame, arguments[0], arguments[1]);
  const std::span<Value> items = arguments[0].items();
  if (items.empty()) return frame.error(name + "(list) argument must not be empty");
  Value result = items[0];
  for (const Value& item : items.subspan(1)) {
    result = pick<kReplaces>(frame, result, item);
    if (is_error(result)) return result;
  }
  return result.is_number() ? result : frame.error("no such overload: " + name);
}

constexpr Function kMin = extreme<Ordering::kGreater>;
constexpr Function kMax = extreme<Ordering::kLess>;

constexpr Binding kBindings[] = {
    {"math_@min_double", identity},
    {"math_@min_int", identity},
    {"math_@min_uint", identity},
    {"math_@min_double_double", kMin},
    {"math_@min_int_int", kMin},
    {"math_@min_uint_uint", kMin},
    {"math_@min_int_uint", kMin},
    {"math_@min_int_double", kMin},
    {"math_@min_double_int", kMin},
    {"math_@min_double_uint", kMin},
    {"math_@min_uint_int", kMin},
    {"math_@min_uint_double", kMin},
    {"math_@min_list_double", kMin},
    {"math_@min_list_int", kMin},
    {"math_@min_list_uint", kMin},
    {"math_@max_double", identity},
    {"math_@max_int", identity},
    {"math_@max_uint", identity},
    {"math_@max_double_double", kMax},
    {"math_@max_int_int", kMax},
    {"math_@max_uint_uint", kMax},
    {"math_@max_int_uint", kMax},
    {"math_@max_int_double", kMax},
    {"math_@max_double_int", kMax},
    {"math_@max_double_uint", kMax},
    {"math_@max_uint_int", kMax},
    {"math_@max_uint_double", kMax},
    {"math_@max_list_double", kMax},
    {"math_@max_list_int", kMax},
    {"math_@max_list_uint", kMax},
    {"math_ceil_double", apply<ceil_of>},
    {"math_floor_double", apply<floor_of>},
    {"math_round_double", apply<round_of>},
    {"math_trunc_double", apply<trunc_of>},
    {"math_isInf_double", is_inf},
    {"math_isNaN_double", is_nan},
    {"math_isFinite_double", is_finite},
    {"math_abs_double", apply<abs_of>},
    {"math_abs_int", abs_int},
    {"math_abs_uint", identity},
    {"math_sign_double", apply<sign_of>},
    {"math_sign_int", sign_int},
    {"math_sign_uint", sign_uint},
    {"math_sqrt_double", sqrt},
    {"math_sqrt_int", sqrt},
    {"math_sqrt_uint", sqrt},
    {"math_bitAnd_int_int", combine<Bits::kAnd>},
    {"math_bitAnd_uint_uint", combine<Bits::kAnd>},
    {"math_bitOr_int_int", combine<Bits::kOr>},
    {"math_bitOr_uint_uint", combine<Bits::kOr>},
    {"math_bitXor_int_int", combine<Bits::kXor>},
    {"math_bitXor_uint_uint", combine<Bits::kXor>},
    {"math_bitNot_int_int", bit_not},
    {"math_bitNot_uint_uint", bit_not},
    {"math_bitShiftLeft_int_int", shift<true>},
    {"math_bitShiftLeft_uint_int", shift<true>},
    {"math_bitShiftRight_int_int", shift<false>},
    {"math_bitShiftRight_uint_int", shift<false>},
};

}  // namespace

std::span<const Binding> functions::math() { return kBindings; }

}  // namespace plimsoll::cel
