// Objects as the API server has them once it decoded them: a null in a manifest is a field that is not there.
//
//   Value object = without_nulls(document.root(), arena);   // {"value": null, "name": "a"}  ->  {"name": "a"}
//
// Kubernetes' own kinds are decoded into Go structs, where null leaves a field at its empty value, and fields of such a value are not
// shown to CEL. In maps of strings null becomes the empty string, in maps of quantities "0"; byte strings (Secret.data) stay null, as do
// items of lists. Custom resources keep their nulls.
#pragma once

#include "engine/value/arena.h"
#include "engine/value/value.h"

namespace plimsoll::policy {

// The object itself if it has no null; else a copy of the containers on the way to one, in `arena`.
Value without_nulls(const Value& object, Arena& arena);

}  // namespace plimsoll::policy
