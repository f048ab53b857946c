// What the API server says of an object while it decodes it, as findings: a field that it does not know and drops, a value of the wrong
// type for which it refuses the object.
//
//   add_schema_findings(rules, catalog, defaulting.create(object, arena), findings);
//
// They come from the types of Kubernetes, not from a pack: kubernetes/unknown-field (warning) and kubernetes/wrong-type (error).
#pragma once

#include <vector>

#include "engine/policy/default.h"
#include "engine/policy/finding.h"

namespace plimsoll::policy {

struct SchemaRules {
  RuleInfo unknown_field, wrong_type;
};
SchemaRules schema_rules();

// `rules` outlive the findings.
void add_schema_findings(const SchemaRules& rules, const schema::TypeCatalog& catalog, const DefaultedObject& seen,
                         std::vector<Finding>& findings);

}  // namespace plimsoll::policy
