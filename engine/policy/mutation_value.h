// What the expression of a mutation evaluated to, as the patch that it means.
//
// Source: k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch and pkg/cel/mutation/dynamic.
#pragma once

#include <vector>

#include "engine/value/error.h"
#include "engine/value/json_patch.h"
#include "engine/value/value.h"

namespace plimsoll::policy {

// Object{...} as a plain map. Errors: types that are not named after the path of their field ("type mismatch: ..."), values that are
// no JSON.
Result<Value> apply_configuration(const Value& object, Arena& arena);

// A list of JSONPatch{...}. An error of code kInternal stands for what crashes the API server: Object{} inside a list or map.
Result<std::vector<JsonPatchOperation>> json_patch(const Value& list, Arena& arena);

}  // namespace plimsoll::policy
