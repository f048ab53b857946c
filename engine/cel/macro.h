// Macros: calls that the parser replaces by other expressions, chiefly comprehensions. Expansions are cel-go's, node by node, since
// what they cost can be seen.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/cel/build.h"

namespace plimsoll::cel {

// The expansion of a call at `offset`, or nothing if no macro has this name, style and number of arguments. Wrong arguments are an issue.
std::optional<NodeId> expand_macro(TreeBuilder& builder, uint32_t offset, NodeId target, std::string_view function,
                                   std::span<const NodeId> arguments);

// Name of a macro's accumulator: not a name that an expression can spell.
inline constexpr std::string_view kAccumulator = "@result";

}  // namespace plimsoll::cel
