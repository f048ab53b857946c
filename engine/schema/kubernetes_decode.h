// An object as the API server has it once it decoded it into Go and wrote it again: unknown fields dropped, nulls gone, zero values
// left out or written as the Go type has it, quantities canonical.
//
//   DecodeReport report;
//   Value pod = decode(*types->type("", "v1", "Pod"), document.root(), arena, report);
//   for (const Path& path : report.unknown) ...      // spec.containers[0].unknownField
//
// A value of the wrong type is reported and read as absent; the API server refuses such an object. Custom resources keep their values:
// unknown fields are pruned, and nulls where the schema does not allow them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/schema/kubernetes_type.h"
#include "engine/value/path.h"

namespace plimsoll::schema {

struct TypeMismatch {
  Path path;
  std::string message;  // as Go words it: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32
};

struct DecodeReport {
  std::vector<Path> unknown;              // in the order of the text
  std::optional<TypeMismatch> mismatch;  // the first
};

// The result lives in `arena` and may share parts of `value`.
Value decode(const Type& type, const Value& value, Arena& arena, DecodeReport& report);

// The zero value of a type as Go writes it, with what it always writes inside.
Value empty_value(const Type& type, Arena& arena);

}  // namespace plimsoll::schema
