// Tests only: is a JSON document what a JSON Schema (draft 7) says?
#pragma once

#include <string>
#include <vector>

namespace plimsoll::report {

// What valijson has against `document`; empty if nothing. Both are JSON texts.
std::vector<std::string> schema_errors(const std::string& schema, const std::string& document);
// Text of a file of the source tree, such as "schemas/report.v1.schema.json".
std::string source_file(const std::string& path);

}  // namespace plimsoll::report
