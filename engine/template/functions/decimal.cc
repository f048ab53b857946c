#include "engine/template/functions/decimal.h"

#include <openssl/bn.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>

#include "engine/template/go_format.h"

namespace plimsoll::tmpl {
namespace {

// Beyond this many places a chain of operations is refused; Go would go on until its memory is used up.
constexpr int64_t kMaxExponent = 100'000;
constexpr int64_t kDivisionPlaces = 16;

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;
struct FreeContext {
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Context = std::unique_ptr<BN_CTX, FreeContext>;

Number make_number() { return Number(BN_new()); }

// digits * 10^exponent
struct Decimal {
  Number digits;
  int64_t exponent = 0;
};

class Arithmetic {
 public:
  Arithmetic() : context_(BN_CTX_new()) {}

  Result<Decimal> read(double value) const {
    if (!std::isfinite(value)) {
      std::string message = "Cannot create a Decimal from ";
      append_float_v(message, value);
      return fail(ErrorCode::kEvaluation, std::move(message));
    }
    char text[64];
    const auto [end, status] = std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific);
    const std::string_view shortest(text, static_cast<size_t>(end - text));
    const size_t e = shortest.find('e');
    std::string digits;
    for (const char c : shortest.substr(0, e)) {
      if (c != '.') digits += c;
    }
    const size_t point = shortest.substr(0, e).find('.');
    Decimal decimal;
    decimal.exponent = std::strtol(std::string(shortest.substr(e + 1)).c_str(), nullptr, 10);
    if (point != std::string_view::npos) decimal.exponent -= static_cast<int64_t>(e - point - 1);
    BIGNUM* number = nullptr;
    BN_dec2bn(&number, digits.c_str());
    decimal.digits.reset(number);
    if (value == 0) decimal.exponent = 0;
    return decimal;
  }

  Result<void> apply(DecimalOperation operation, Decimal& a, const Decimal& b) const {
    switch (operation) {
      case DecimalOperation::kAdd:
      case DecimalOperation::kSubtract: return add(a, b, operation == DecimalOperation::kSubtract);
      case DecimalOperation::kMultiply:
        BN_mul(a.digits.get(), a.digits.get(), b.digits.get(), context_.get());
        a.exponent += b.exponent;
        return check(a.exponent);
      case DecimalOperation::kDivide: return divide(a, b);
    }
    return {};
  }

  // The nearest float64: reading decimal text rounds correctly.
  static double to_double(const Decimal& decimal) {
    char* const digits = BN_bn2dec(decimal.digits.get());
    const std::string text = std::string(digits) + 'e' + std::to_string(decimal.exponent);
    OPENSSL_free(digits);
    return std::strtod(text.c_str(), nullptr);
  }

 private:
  static Result<void> check(int64_t exponent) {
    if (exponent > kMaxExponent || exponent < -kMaxExponent) {
      return fail(ErrorCode::kLimit, "number with too many decimal places");
    }
    return {};
  }

  Number power_of_ten(int64_t exponent) const {
    Number ten = make_number();
    Number power = make_number();
    Number result = make_number();
    BN_set_word(ten.get(), 10);
    BN_set_word(power.get(), static_cast<BN_ULONG>(exponent));
    BN_exp(result.get(), ten.get(), power.get(), context_.get());
    return result;
  }

  Result<void> add(Decimal& a, const Decimal& b, bool subtract) const {
    PLIMSOLL_RETURN_IF_ERROR(check(a.exponent - b.exponent));
    Number scaled(BN_dup(b.digits.get()));
    if (a.exponent > b.exponent) {
      BN_mul(a.digits.get(), a.digits.get(), power_of_ten(a.exponent - b.exponent).get(), context_.get());
      a.exponent = b.exponent;
    } else if (b.exponent > a.exponent) {
      BN_mul(scaled.get(), scaled.get(), power_of_ten(b.exponent - a.exponent).get(), context_.get());
    }
    (subtract ? BN_sub : BN_add)(a.digits.get(), a.digits.get(), scaled.get());
    return {};
  }

  // To 16 places, half away from zero.
  Result<void> divide(Decimal& a, const Decimal& b) const {
    if (BN_is_zero(b.digits.get())) return fail(ErrorCode::kEvaluation, "decimal division by 0");
    const int64_t shift = a.exponent - b.exponent + kDivisionPlaces;
    PLIMSOLL_RETURN_IF_ERROR(check(shift));
    Number divisor(BN_dup(b.digits.get()));
    BIGNUM* const dividend = a.digits.get();
    if (shift >= 0) {
      BN_mul(dividend, dividend, power_of_ten(shift).get(), context_.get());
    } else {
      BN_mul(divisor.get(), divisor.get(), power_of_ten(-shift).get(), context_.get());
    }
    const bool negative = BN_is_negative(dividend) != BN_is_negative(divisor.get());
    Number quotient = make_number();
    Number remainder = make_number();
    BN_div(quotient.get(), remainder.get(), dividend, divisor.get(), context_.get());
    BN_lshift1(remainder.get(), remainder.get());
    if (BN_ucmp(remainder.get(), divisor.get()) >= 0) {
      (negative ? BN_sub_word : BN_add_word)(quotient.get(), 1);
    }
    a.digits = std::move(quotient);
    a.exponent = -kDivisionPlaces;
    return {};
  }

  Context context_;
};

}  // namespace

Result<double> compute_decimal(DecimalOperation operation, double first, std::span<const double> rest) {
  const Arithmetic arithmetic;
  PLIMSOLL_ASSIGN_OR_RETURN(Decimal result, arithmetic.read(first));
  for (const double number : rest) {
    PLIMSOLL_ASSIGN_OR_RETURN(const Decimal operand, arithmetic.read(number));
    PLIMSOLL_RETURN_IF_ERROR(arithmetic.apply(operation, result, operand));
  }
  return Arithmetic::to_double(result);
}

}  // namespace plimsoll::tmpl
