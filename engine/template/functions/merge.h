// Merging of dictionaries as dario.cat/mergo does it for sprig's merge functions.
//
//   merge_maps(context, target, source, MergeMode::kKeep);   // fills what target lacks; target changes in place
#pragma once

#include "engine/template/function.h"
#include "engine/value/value.h"

namespace plimsoll::tmpl {

enum class MergeMode : uint8_t {
  kKeep,       // merge: what target has stays unless it is empty
  kOverwrite,  // mergeOverwrite: what source has wins, empty values and nils included, but maps are merged
};

// Changes `target` and the maps within it. Maps that target lacks are shared with source afterwards, not copied: `set` on one is
// seen in the other. An error only for maps that are too deep or contain themselves.
Result<void> merge_maps(CallContext& context, Map& target, const Map& source, MergeMode mode);

}  // namespace plimsoll::tmpl
