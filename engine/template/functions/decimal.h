// Decimal arithmetic of any length, for sprig's addf, subf, mulf and divf, which compute with shopspring/decimal so that
// 0.1 + 0.2 is 0.3.
#pragma once

#include <span>

#include "engine/value/error.h"

namespace plimsoll::tmpl {

enum class DecimalOperation : uint8_t { kAdd, kSubtract, kMultiply, kDivide };

// Applies the operation from left to right: ((first op rest[0]) op rest[1]) ..., each number taken by its shortest decimal
// form, quotients rounded to 16 places. Errors have Go's words: "decimal division by 0", "Cannot create a Decimal from +Inf".
Result<double> compute_decimal(DecimalOperation operation, double first, std::span<const double> rest);

}  // namespace plimsoll::tmpl
