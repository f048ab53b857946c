// Values as YAML text, as sigs.k8s.io/yaml's Marshal (Helm's toYaml, kubectl -o yaml) prints them.
//
//   yaml::write(value);   // "a: 1\nb:\n- x\n": keys sorted, lists not indented, a line break at the end
//
// Marshal goes through JSON and back, so does this: whole floats print as integers, 1.5e+06 as Go's %g, invalid UTF-8
// as U+FFFD. Source: go.yaml.in/yaml/v2, encode.go, sorter.go and emitterc.go.
#pragma once

#include <string>

#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::yaml {

// Errors (kInvalid) are Marshal's: NaN and infinities, control characters beyond those that JSON escapes (U+007F to
// U+009F), keys of more than 1,022 characters, nesting beyond 10,000 levels. Helm's toYaml prints nothing then. Bytes
// become base64, extensions null.
Result<std::string> write(const Value& value);

// As go-yaml v3 prints with an indentation of two (Helm's toYamlPretty): lists are indented, long lines are not folded,
// numbers do not pass through JSON (1e+06 stays a float), text that is no UTF-8 becomes !!binary.
Result<std::string> write_pretty(const Value& value);

// Whether a string must be quoted to stay a string: it would be read as a number, boolean, null or timestamp.
bool reads_as_other_type(std::string_view text);

// The order in which go-yaml writes string keys: letters after other characters, runs of digits by their number.
// `digits_first`: v3's order, in which a letter comes before another character where a number ends.
bool natural_less(std::string_view a, std::string_view b, bool digits_first = false);

}  // namespace plimsoll::yaml
