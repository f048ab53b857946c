// eq, ne, lt, le, gt, ge of text/template: which types may be compared, and the words for those that may not.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "engine/template/executor.h"

namespace plimsoll::tmpl {

using ComparisonResult = std::expected<bool, std::string>;

ComparisonResult compare_eq(std::span<const Operand> args);
ComparisonResult compare_ne(std::span<const Operand> args);
ComparisonResult compare_lt(std::span<const Operand> args);
ComparisonResult compare_le(std::span<const Operand> args);
ComparisonResult compare_gt(std::span<const Operand> args);
ComparisonResult compare_ge(std::span<const Operand> args);

}  // namespace plimsoll::tmpl
