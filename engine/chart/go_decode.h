// What encoding/json says when a value does not fit a Go type: Helm prints these words for a Chart.yaml or a rendered manifest
// of the wrong shape.
#pragma once

#include <string>
#include <string_view>

#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::chart {

// "string", "number", "bool", "array", "object" or "null".
std::string_view json_kind(const Value& value);

// "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type chart.Metadata".
Error decode_error(const Value& value, std::string_view go_type);
// "... into Go struct field Metadata.version of type string".
Error decode_error(const Value& value, std::string_view go_struct, std::string_view field, std::string_view go_type);

// The text that sigs.k8s.io/yaml makes of a scalar where the Go field is a string; false for null and containers.
bool scalar_text(const Value& value, std::string& text);

}  // namespace plimsoll::chart
