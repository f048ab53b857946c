// What a param of a pack may be, in words, after the JSON Schema of params.yaml.
//
//   describe_type(schema["properties"]["heapPercent"])   // "integer from 1 to 100"
//   subschema_at(schema, Path::parse("resourceMinimums.backend.cpu"))
#pragma once

#include <string>

#include "engine/value/path.h"
#include "engine/value/value.h"

namespace plimsoll::policy {

// "default or production", "list of string", "map of {cpu: quantity, memory: quantity}"; "anything" if the schema does not say.
std::string describe_type(const Value& schema);

// The schema of the value at `path`, by properties, additionalProperties and items; null if it is not said there.
Value subschema_at(const Value& schema, const Path& path);

// Whether only text will do: then 12 and yes on a command line are meant as text.
bool takes_only_text(const Value& schema);

}  // namespace plimsoll::policy
