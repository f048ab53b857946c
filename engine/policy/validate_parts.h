// Parts of the validation that policies and bindings share; see validate.h.
#pragma once

#include "engine/policy/field_errors.h"
#include "engine/policy/policy.h"

namespace plimsoll::policy {

void validate_metadata(const Metadata& metadata, const FieldErrors& errors);
void validate_match(const MatchResources& match, const FieldErrors& errors);
void validate_selector(const LabelSelector& selector, const FieldErrors& errors);

}  // namespace plimsoll::policy
