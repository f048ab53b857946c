// How Go prints what go-yaml decoded: only needed for the exact text of its errors.
#pragma once

#include <string>
#include <unordered_set>

#include "engine/value/value.h"

namespace plimsoll::yaml {

// fmt's %#v of a decoded value: map[interface {}]interface {}{"a":1}. `bare`: addresses of texts that stand for keys of
// other types, which are printed without quotes.
std::string go_syntax(const Value& value, const std::unordered_set<const char*>* bare = nullptr);

// strconv.FormatFloat(value, 'g', -1, bits): 1e+06, 0.5, +Inf.
std::string go_float(double value, int bits);

// The same as go-yaml writes it: .inf, -.inf, .nan. sigs.k8s.io/yaml makes text of float keys so, with 32 bits.
std::string yaml_float(double value, int bits);

// The first value, in the order encoding/json writes, that JSON cannot hold: "NaN", "+Inf" or "-Inf"; empty if there is
// none.
std::string first_unsupported_number(const Value& root);

}  // namespace plimsoll::yaml
