#include "engine/yaml/field_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/value/suggest.h"

namespace plimsoll::yaml {

Result<void> FieldReader::read_map(const Value& value, const Path& path, const std::vector<Key>& keys) const {
  if (!value.is_map()) return type_error(value, path, "a mapping");
  for (const Map::Entry& entry : *value.as_map()) {
    const std::string_view name = entry.key.string_or();
    const auto key = std::ranges::find(keys, name, &Key::name);
    if (key == keys.end()) {
      std::vector<std::string> names;
      for (const Key& known : keys) names.push_back(known.name);
      const Range place = document_.locate(path.key(name)).key;
      return std::unexpected(
          Error(ErrorCode::kUsage, fmt::format("unknown key \"{}\"{}", name, suggestion(name, names)))
              .at(place.line, place.column)
              .in_file(document_.file())
              .with_remedy(fmt::format("known keys: {}", fmt::join(names, ", "))));
    }
    if (entry.value.is_null()) continue;
    PLIMSOLL_RETURN_IF_ERROR(key->read(entry.value, path.key(name)));
  }
  return {};
}

FieldReader::Field FieldReader::text(std::string& to) const {
  return [this, &to](const Value& value, const Path& path) -> Result<void> {
    if (!value.is_string()) return type_error(value, path, "text (put it in quotes)");
    to = value.as_string();
    return {};
  };
}

FieldReader::Field FieldReader::texts(std::vector<std::string>& to) const {
  return [this, &to](const Value& value, const Path& path) -> Result<void> {
    to.clear();
    if (value.is_string()) {
      to.emplace_back(value.as_string());
      return {};
    }
    if (!value.is_list()) return type_error(value, path, "a list of texts");
    for (size_t i = 0; i < value.size(); ++i) {
      const Value item = value.items()[i];
      if (!item.is_string()) return type_error(item, path.index(i), "text (put it in quotes)");
      to.emplace_back(item.as_string());
    }
    return {};
  };
}

FieldReader::Field FieldReader::flag(bool& to) const {
  return [this, &to](const Value& value, const Path& path) -> Result<void> {
    if (!value.is_bool()) return type_error(value, path, "true or false");
    to = value.as_bool();
    return {};
  };
}

FieldReader::Field FieldReader::each(Field item) const {
  return [this, item = std::move(item)](const Value& value, const Path& path) -> Result<void> {
    if (!value.is_list()) return type_error(value, path, "a list");
    for (size_t i = 0; i < value.size(); ++i) PLIMSOLL_RETURN_IF_ERROR(item(value.items()[i], path.index(i)));
    return {};
  };
}

std::unexpected<Error> FieldReader::type_error(const Value& value, const Path& path, std::string_view wanted) const {
  const Location place = document_.location(path);
  const std::string name = path.to_string();
  const std::string found =
      value.is_string() ? fmt::format("\"{}\"", value.as_string()) : fmt::format("a {}", kind_name(value.kind()));
  return std::unexpected(Error(ErrorCode::kUsage, fmt::format("{} must be {}, not {}",
                                                              name.empty() ? "the configuration" : name, wanted, found))
                             .at(place.line, place.column)
                             .in_file(document_.file()));
}

}  // namespace plimsoll::yaml
