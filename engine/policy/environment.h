// The typed variables that the API server gives to policies.
#pragma once

#include <vector>

#include "engine/cel/cel.h"

namespace plimsoll::policy {

inline constexpr std::string_view kVariablesType = "kubernetes.variables";

// Declared types of `request` and `namespaceObject` (admission/plugin/cel/compile.go: BuildRequestType,
// BuildNamespaceType).
std::vector<cel::ObjectDeclaration> admission_types();

// The type that other expressions see of a variable: scalars, lists and maps stay; all else, such as quantities and
// optionals, becomes dyn (composition.go: convertCelTypeToDeclType).
cel::Type declared_type(const cel::Type& type);

}  // namespace plimsoll::policy
