// Message literals: Object{...} and JSONPatch{...} of mutating policies, and the protobuf messages that CEL knows by itself,
// google.protobuf.Int64Value{value: 1} and the like, which are just their values.
#pragma once

#include <string_view>

#include "engine/cel/frame.h"

namespace plimsoll::cel {

// The value of type_name{fields}; the checker has seen to the names of the fields. An error value if a field does not fit.
Value make_message(Frame& frame, std::string_view type_name, Map* fields);

}  // namespace plimsoll::cel
