// Which kinds of other objects a policy asks for: what the view of a cluster has to hold for it.
//
//   AskedKinds asked;
//   add_asked_kinds(*compiled_policy, asked);
//   asked.kinds;        // v1 Secret, for an expression has resources.get('v1', 'Secret', ...); and the kind of its params
//   asked.computed;     // calls whose kind shows only when they run, unless the policy names the kinds:
//
//   metadata: {annotations: {plimsoll.dev/resources: "apps/v1/Deployment, apps/v1/StatefulSet"}}
//
// Arguments count as known where they are texts, or choices among texts: of a conditional, of a literal list or map that a macro walks
// over or an index looks into, of a variable, put together with +.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "engine/policy/policy.h"
#include "engine/value/error.h"
#include "engine/value/path.h"

namespace plimsoll::policy {

class CompiledPolicy;

inline constexpr std::string_view kResourcesAnnotation = "plimsoll.dev/resources";

struct AskedKind {
  std::string api_version, kind;
  friend auto operator<=>(const AskedKind&, const AskedKind&) = default;
};

// A call of get(), list() or complete() that computes the kind it asks for.
struct ComputedKind {
  Path field;  // of the policy, such as spec.variables[0].expression
  std::string function;
};

struct AskedKinds {
  std::vector<AskedKind> kinds;  // with repetitions
  std::vector<ComputedKind> computed;
};

void add_asked_kinds(const CompiledPolicy& policy, AskedKinds& asked);
// Those of the annotation. Errors name the part that is no kind.
Result<std::vector<AskedKind>> declared_kinds(const Metadata& metadata);

}  // namespace plimsoll::policy
