// The careful parser: reads an expression as cel-go's ANTLR-generated parser does, error recovery included, and reports every
// syntax error in its words. Slower than parse.cc by an order of magnitude, and used only for what parse.cc refuses.
#pragma once

#include "engine/cel/build.h"
#include "engine/cel/issues.h"

namespace plimsoll::cel {

// The root of the tree; of no use if there are issues.
NodeId parse_with_recovery(TreeBuilder& builder, Issues& issues);

}  // namespace plimsoll::cel
