// JSON as Go's encoding/json writes and reads template values.
//
//   Result<std::string> text = marshal_json(arena, value);       // {"a":1.5}
//   Result<Value> value = unmarshal_json(arena, "{\"a\": 1}");   // map[a:1], the number a float64
#pragma once

#include <string>
#include <string_view>

#include "engine/value/arena.h"
#include "engine/value/error.h"
#include "engine/value/json.h"
#include "engine/value/value.h"

namespace plimsoll::tmpl {

// What encoding/json sees of a value: structs as maps in the order of their fields, times and versions as text. Maps are sorted,
// except those made of structs. A value without any of these is returned as it is, which is what `changed` tells. Errors have
// Go's words: "json: unsupported value: NaN".
struct PlainValue {
  Value value;
  bool changed = false;
};
enum class NilLists : uint8_t {
  kNull,   // a nil slice or map is null, as in JSON
  kEmpty,  // it is empty, as in YAML by go-yaml v3
};
Result<PlainValue> to_plain(Arena& arena, const Value& value, NilLists nils = NilLists::kNull);

// json.Marshal; `options` add what MarshalIndent and SetEscapeHTML(false) change.
Result<std::string> marshal_json(Arena& arena, const Value& value,
                                 json::WriteOptions options = {.indent = 0, .sort_keys = true, .escape_html = true});

// json.Unmarshal into an interface {}: all numbers are float64, text is copied into the arena. Numbers beyond float64's range
// become nil and are told in `range_error`, for Go reads on after them.
Result<Value> unmarshal_json(Arena& arena, std::string_view text, std::string* range_error = nullptr);

// "array", "object", "string", "number", "bool": JSON's name for a value in errors.
std::string_view json_type_name(const Value& value);

}  // namespace plimsoll::tmpl
