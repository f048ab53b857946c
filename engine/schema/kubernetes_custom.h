// Types of custom resources, from the structural schema of their definition.
//
//   const Type* widget = custom_type(definition["spec"]["versions"].items()[0]["schema"]["openAPIV3Schema"], *object_meta, arena);
//
// Source of the behaviour: the API server publishes such a schema as OpenAPI, and merges by its x-kubernetes-list-type,
// x-kubernetes-list-map-keys and x-kubernetes-map-type; lists are atomic unless they say otherwise.
#pragma once

#include "engine/schema/kubernetes_type.h"

namespace plimsoll::schema {

// `object_meta`: the type of metadata. A schema nested deeper than the API admits (512) is taken for any value there.
const Type* custom_type(const Value& schema, const Type& object_meta, Arena& arena);

// What a schema that allows anything is: an object with metadata and any other fields.
const Type* unknown_type(const Type& object_meta, Arena& arena);

}  // namespace plimsoll::schema
