#include "engine/source/object.h"

#include <fmt/format.h>

namespace plimsoll::source {

Location Place::location() const {
  return {.file = file ? file->name() : std::string(), .line = range.line, .column = range.column};
}

std::string Object::name() const {
  const Value metadata = root_["metadata"];
  if (const std::string_view name = metadata["name"].string_or(); !name.empty()) return std::string(name);
  const std::string_view prefix = metadata["generateName"].string_or();
  return prefix.empty() ? std::string() : std::string(prefix) + "*";
}

std::string Object::description() const {
  std::string text(kind());
  const std::string object_name = name();
  if (object_name.empty()) return text;
  const std::string_view space = namespace_name();
  return space.empty() ? fmt::format("{} {}", text, object_name) : fmt::format("{} {}/{}", text, space, object_name);
}

yaml::Range marked_range(const yaml::Document& document, const Path& path) {
  const yaml::Place place = document.locate(path);
  if (!place.key.known() || place.key.line == place.value.line) return place.value;
  std::vector<Path::Step> steps = path.steps();
  steps.resize(path.resolvable(document.root()));
  const Value* node = Path(std::move(steps)).resolve(document.root());
  return node != nullptr && (node->is_map() || node->is_list()) ? place.key : place.value;
}

bool is_secret(const Value& object, const Path& path) {
  if (object["kind"].string_or() != "Secret" || object["apiVersion"].string_or() != "v1" || path.empty()) return false;
  const auto* first = std::get_if<std::string>(&path.steps().front());
  return first != nullptr && (*first == "data" || *first == "stringData");
}

std::string_view role_name(Place::Role role) {
  switch (role) {
    case Place::Role::kPrimary: return "";
    case Place::Role::kInclude: return "include";
    case Place::Role::kValues: return "values";
    case Place::Role::kRendered: return "rendered";
  }
  return "";
}

}  // namespace plimsoll::source
