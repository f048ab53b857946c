#include "engine/chart/go_decode.h"

#include "engine/template/go_format.h"

namespace plimsoll::chart {

std::string_view json_kind(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool: return "bool";
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble: return "number";
    case Kind::kList: return "array";
    case Kind::kMap: return "object";
    case Kind::kNull: return "null";
    default: return "string";
  }
}

Error decode_error(const Value& value, std::string_view go_type) {
  return Error(ErrorCode::kType, "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " +
                                     std::string(json_kind(value)) + " into Go value of type " + std::string(go_type));
}

Error decode_error(const Value& value, std::string_view go_struct, std::string_view field, std::string_view go_type) {
  return Error(ErrorCode::kType, "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " +
                                     std::string(json_kind(value)) + " into Go struct field " + std::string(go_struct) +
                                     "." + std::string(field) + " of type " + std::string(go_type));
}

bool scalar_text(const Value& value, std::string& text) {
  switch (value.kind()) {
    case Kind::kString: text = value.as_string(); return true;
    case Kind::kBool: text = value.as_bool() ? "true" : "false"; return true;
    case Kind::kInt: text = std::to_string(value.as_int()); return true;
    case Kind::kUint: text = std::to_string(value.as_uint()); return true;
    case Kind::kDouble:
      text.clear();
      tmpl::append_float(text, value.as_double(), 'g', -1);
      return true;
    default: return false;
  }
}

}  // namespace plimsoll::chart
