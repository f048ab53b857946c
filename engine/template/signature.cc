#include "engine/template/signature.h"

#include <algorithm>
#include <vector>

namespace plimsoll::tmpl {
namespace {

// Splits "string, map[string]interface {}, ...int" at its top-level commas.
std::vector<std::string_view> split_types(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (c != ',' || depth != 0) continue;
    std::string_view part = text.substr(begin, i - begin);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.push_back(part);
    begin = i + 1;
  }
  return parts;
}

}  // namespace

TypeRef read_type(std::string_view name) {
  TypeRef ref;
  ref.name = name == "any" || name == "interface{}" ? "interface {}" : name;
  ref.type = find_type(ref.name);
  if (ref.type != GoType::kInvalid) {
    ref.kind = type_info(ref.type).kind;
  } else {
    ref.kind = name.starts_with('*')      ? GoKind::kPointer
               : name.starts_with("[]")   ? GoKind::kSlice
               : name.starts_with("map[") ? GoKind::kMap
               : name.starts_with("func") ? GoKind::kFunc
                                          : GoKind::kStruct;
    ref.is_reflect_value = name == "reflect.Value";
  }
  return ref;
}

Signature read_signature(Arena& arena, std::string_view text) {
  Signature signature;
  int depth = 0;
  size_t close = 0;
  for (; close < text.size(); ++close) {
    if (text[close] == '(') ++depth;
    if (text[close] == ')' && --depth == 0) break;
  }
  const auto parameters = split_types(text.substr(1, close - 1));
  auto* types = static_cast<TypeRef*>(arena.allocate(sizeof(TypeRef) * (parameters.size() + 1), alignof(TypeRef)));
  for (size_t i = 0; i < parameters.size(); ++i) {
    std::string_view name = parameters[i];
    if (name.starts_with("...")) {
      signature.variadic = true;
      name.remove_prefix(3);
    }
    new (&types[i]) TypeRef(read_type(name));
  }
  signature.parameters = {types, parameters.size()};
  std::string_view results = text.substr(std::min(close + 1, text.size()));
  while (results.starts_with(' ')) results.remove_prefix(1);
  if (results.starts_with('(')) results = results.substr(1, results.size() - 2);
  const auto result_types = split_types(results);
  if (!result_types.empty()) signature.result = read_type(result_types[0]);
  return signature;
}

}  // namespace plimsoll::tmpl
