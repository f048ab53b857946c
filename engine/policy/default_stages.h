// The stages of defaulting that come after decoding; see default.h.
#pragma once

#include "engine/policy/default.h"

namespace plimsoll::policy {

// Both change the object in place.
void admit_object(const Value& object, const DefaultOptions& options, Arena& arena);
void prepare_object(const Value& object, const schema::KindInfo& info, const DefaultOptions& options, Arena& arena);

}  // namespace plimsoll::policy
