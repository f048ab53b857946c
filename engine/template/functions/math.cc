// Arithmetic. Whole-number functions take anything that to_int64() takes and give int64; those that end in f give float64.
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/template/functions/decimal.h"
#include "engine/template/functions/families.h"
#include "engine/template/functions/go_number.h"
#include "engine/template/go_format.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

// Go's integers wrap around.
int64_t wrap_add(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }
int64_t wrap_subtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t wrap_multiply(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
int64_t greater_of(int64_t a, int64_t b) { return std::max(a, b); }
int64_t lesser_of(int64_t a, int64_t b) { return std::min(a, b); }

template <int64_t (*kOperation)(int64_t, int64_t)>
Result<Value> fold(CallContext&, Args args) {
  int64_t result = to_int64(args[0]);
  for (const Value& arg : args.subspan(1)) result = kOperation(result, to_int64(arg));
  return Value::integer(result);
}

Result<Value> add(CallContext& context, Args args) {
  if (args.empty()) return Value::integer(0);
  return fold<wrap_add>(context, args);
}

Result<Value> add1(CallContext&, Args args) { return Value::integer(wrap_add(to_int64(args[0]), 1)); }

Result<Value> div(CallContext&, Args args) {
  const int64_t divisor = to_int64(args[1]);
  if (divisor == 0) return go_error("runtime error: integer divide by zero");
  const int64_t dividend = to_int64(args[0]);
  return Value::integer(divisor == -1 ? wrap_subtract(0, dividend) : dividend / divisor);
}

Result<Value> mod(CallContext&, Args args) {
  const int64_t divisor = to_int64(args[1]);
  if (divisor == 0) return go_error("runtime error: integer divide by zero");
  return Value::integer(divisor == -1 ? 0 : to_int64(args[0]) % divisor);
}

Result<Value> decimals(DecimalOperation operation, double first, Args args) {
  std::vector<double> operands;
  operands.reserve(args.size());
  for (const Value& arg : args) operands.push_back(to_float64(arg));
  PLIMSOLL_ASSIGN_OR_RETURN(const double result, compute_decimal(operation, first, operands));
  return Value::real(result);
}

Result<Value> addf(CallContext&, Args args) { return decimals(DecimalOperation::kAdd, 0, args); }
Result<Value> add1f(CallContext&, Args args) {
  const Value one = Value::real(1);
  return decimals(DecimalOperation::kAdd, to_float64(args[0]), {&one, 1});
}

template <DecimalOperation kOperation>
Result<Value> chain(CallContext&, Args args) {
  return decimals(kOperation, to_float64(args[0]), args.subspan(1));
}

// math.Max and math.Min: NaN wins (except over +Inf and -Inf respectively), and -0 is less than 0.
double greater_float(double a, double b) {
  if (std::isinf(a) && a > 0) return a;
  if (std::isinf(b) && b > 0) return b;
  if (std::isnan(a) || std::isnan(b)) return std::nan("");
  if (a == 0 && b == 0) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}
double lesser_float(double a, double b) { return -greater_float(-a, -b); }

template <double (*kOperation)(double, double)>
Result<Value> fold_float(CallContext&, Args args) {
  double result = to_float64(args[0]);
  for (const Value& arg : args.subspan(1)) result = kOperation(result, to_float64(arg));
  return Value::real(result);
}

Result<Value> floor(CallContext&, Args args) { return Value::real(std::floor(to_float64(args[0]))); }
Result<Value> ceil(CallContext&, Args args) { return Value::real(std::ceil(to_float64(args[0]))); }

// math.Pow(10, exponent) by Go's own algorithm, whose last bit is not always the C library's.
double power_of_ten(int64_t exponent) {
  if (exponent == 0) return 1;
  if (exponent == 1) return 10;
  if (exponent == -1) return 1.0 / 10;
  int power = 0;
  double base = std::frexp(10.0, &power);
  double mantissa = 1;
  int result_power = 0;
  for (uint64_t rest = exponent < 0 ? -static_cast<uint64_t>(exponent) : static_cast<uint64_t>(exponent); rest != 0;
       rest >>= 1) {
    if (power > 1 << 12) {
      result_power += power;
      break;
    }
    if (rest & 1) {
      mantissa *= base;
      result_power += power;
    }
    base *= base;
    power <<= 1;
    if (base < 0.5) {
      base += base;
      --power;
    }
  }
  return exponent < 0 ? std::ldexp(1 / mantissa, -result_power) : std::ldexp(mantissa, result_power);
}

Result<Value> round(CallContext&, Args args) {
  const double round_on = args.size() > 2 ? args[2].as_double() : 0.5;
  const double power = power_of_ten(args[1].as_int());
  const double scaled = power * to_float64(args[0]);
  double whole = 0;
  const double fraction = std::modf(scaled, &whole);
  return Value::real((fraction >= round_on ? std::ceil(scaled) : std::floor(scaled)) / power);
}

Result<Value> to_int(CallContext&, Args args) { return go_int(to_int64(args[0])); }
Result<Value> to_int64_function(CallContext&, Args args) { return Value::integer(to_int64(args[0])); }
Result<Value> to_float64_function(CallContext&, Args args) { return Value::real(to_float64(args[0])); }

Result<Value> to_decimal(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view text, to_words(context, args[0]));
  const ParsedInt parsed = parse_int(text, 8);
  return Value::integer(parsed.ok() ? parsed.value : 0);
}

constexpr Function kFunctions[] = {
    {"add", "(...interface {}) int64", "Sum of whole numbers: add 1 2 3 == 6.", add},
    {"add1", "(interface {}) int64", "One more: add1 2 == 3.", add1},
    {"sub", "(interface {}, interface {}) int64", "Difference: sub 5 2 == 3.", fold<wrap_subtract>},
    {"mul", "(interface {}, ...interface {}) int64", "Product: mul 2 3 4 == 24.", fold<wrap_multiply>},
    {"div", "(interface {}, interface {}) int64", "Quotient, rounded towards zero: div 7 2 == 3.", div},
    {"mod", "(interface {}, interface {}) int64", "Remainder: mod 7 2 == 1.", mod},
    {"max", "(interface {}, ...interface {}) int64", "The greatest: max 1 3 2 == 3.", fold<greater_of>},
    {"biggest", "(interface {}, ...interface {}) int64", "The old name of max.", fold<greater_of>},
    {"min", "(interface {}, ...interface {}) int64", "The least: min 1 3 2 == 1.", fold<lesser_of>},
    {"addf", "(...interface {}) float64", "Sum of decimal numbers: addf 1.5 2 == 3.5.", addf},
    {"add1f", "(interface {}) float64", "One more: add1f 1.5 == 2.5.", add1f},
    {"subf", "(interface {}, ...interface {}) float64", "Difference: subf 7.5 2 3 == 2.5.", chain<DecimalOperation::kSubtract>},
    {"mulf", "(interface {}, ...interface {}) float64", "Product: mulf 1.5 2 2 == 6.", chain<DecimalOperation::kMultiply>},
    {"divf", "(interface {}, ...interface {}) float64", "Quotient to 16 places: divf 10 2 4 == 1.25.", chain<DecimalOperation::kDivide>},
    {"maxf", "(interface {}, ...interface {}) float64", "The greatest: maxf 1 2.5 2 == 2.5.", fold_float<greater_float>},
    {"minf", "(interface {}, ...interface {}) float64", "The least: minf 1.5 2 == 1.5.", fold_float<lesser_float>},
    {"floor", "(interface {}) float64", "The whole number below: floor 1.9 == 1.", floor},
    {"ceil", "(interface {}) float64", "The whole number above: ceil 1.1 == 2.", ceil},
    {"round", "(interface {}, int, ...float64) float64", "Rounded to so many places: round 123.555 2 == 123.56.", round},
    {"int", "(interface {}) int", "As int: int \"12\" == 12.", to_int},
    {"int64", "(interface {}) int64", "As int64: int64 1.9 == 1.", to_int64_function},
    {"float64", "(interface {}) float64", "As float64: float64 \"1.5\" == 1.5.", to_float64_function},
    {"toDecimal", "(interface {}) int64", "The value of octal digits: toDecimal \"0755\" == 493.", to_decimal},
};

}  // namespace

FunctionFamily math_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
