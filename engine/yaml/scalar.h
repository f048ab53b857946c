// What a YAML scalar means to go-yaml v2, the library behind sigs.k8s.io/yaml, kubectl and Helm.
//
//   resolve_plain("yes").value;       // true
//   resolve_plain("0x1F").value;      // 31
//   resolve_plain("1_000").value;     // 1000
//   resolve_plain("2001-12-14").type; // kTimestamp; the value is the text
//
// YAML 1.1 with go-yaml's own choices: y, n, yes, no, on and off are booleans, numbers follow Go's literals (0b, 0o,
// 0x, leading zero for octal, underscores anywhere), base 60 does not exist. Source: go.yaml.in/yaml/v2, resolve.go.
#pragma once

#include <optional>
#include <string_view>

#include "engine/value/value.h"

namespace plimsoll::yaml {

enum class ScalarType : uint8_t { kString, kNull, kBool, kInt, kFloat, kTimestamp };

struct Scalar {
  ScalarType type = ScalarType::kString;
  // Null, bool, int, uint (above int64's range), double or string; borrows the text.
  Value value;
};

// A scalar written without quotes and without a tag.
Scalar resolve_plain(std::string_view text);

// A scalar with the (long) tag `tag`, quoted or not: `!!int "1"` is 1. Tags that go-yaml does not know leave the text
// as it is. nullopt if the text is not of the tag's type; `found` is then the type it has.
std::optional<Scalar> resolve_tagged(std::string_view tag, std::string_view text, ScalarType& found);

// "!!str", "!!int", ...: the short tag of a type, for messages.
std::string_view short_tag(ScalarType type);

// True if go-yaml would read `text` as a date or time (and therefore quotes it when it writes).
bool is_timestamp(std::string_view text);

inline constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

}  // namespace plimsoll::yaml
