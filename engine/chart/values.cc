#include "engine/chart/values.h"

#include <algorithm>

#include "engine/chart/go_decode.h"
#include "engine/template/go_format.h"

namespace plimsoll::chart {

namespace {

constexpr std::string_view kMapType = "map[string]interface {}";

Result<std::shared_ptr<const yaml::Document>> read_values_file(const std::string& path, const FileReader& read_file) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, read_file(path));
  yaml::ReadOptions options;
  options.file = path;
  options.dialect = yaml::Dialect::kGo;
  options.numbers_as_double = true;
  Result<yaml::Document> document = yaml::read(text, options);
  if (!document) {
    return std::unexpected(
        std::move(document.error()).with_context("failed to parse " + path + ": error converting YAML to JSON"));
  }
  const Value& root = document->root();
  if (!root.is_map() && !root.is_null()) {
    return std::unexpected(decode_error(root, kMapType).with_context("failed to parse " + path).in_file(path).at(1, 1));
  }
  return std::make_shared<const yaml::Document>(*std::move(document));
}

}  // namespace

Value copy_tree(Arena& arena, const Value& value) {
  if (value.is_list()) {
    List* copy = List::create(arena, value.size());
    for (const Value& item : value.items()) copy->push_back(arena, copy_tree(arena, item));
    return Value::list(copy).with_flavour(value.flavour());
  }
  if (value.is_map()) {
    Map* copy = Map::create(arena, value.size());
    for (const Map::Entry& entry : *value.as_map()) copy->append(arena, entry.key, copy_tree(arena, entry.value));
    return Value::map(copy).with_flavour(value.flavour());
  }
  return value;
}

Map* merge_maps(Arena& arena, const Map& base, const Map& over) {
  Map* merged = Map::copy_of(arena, base);
  for (const Map::Entry& entry : over) {
    const Value* existing = merged->find(entry.key);
    if (entry.value.is_map() && existing != nullptr && existing->is_map()) {
      merged->set(arena, entry.key, Value::map(merge_maps(arena, *existing->as_map(), *entry.value.as_map())));
    } else {
      merged->set(arena, entry.key, entry.value);
    }
  }
  return merged;
}

Result<UserValues> merge_user_values(Arena& arena, const ValuesFlags& flags, const FileReader& read_file) {
  UserValues user;
  user.merged = Map::create(arena);
  for (const std::string& path : flags.files) {
    PLIMSOLL_ASSIGN_OR_RETURN(auto document, read_values_file(path, read_file));
    if (document->root().is_map()) user.merged = merge_maps(arena, *user.merged, *document->root().as_map());
    user.files.push_back(std::move(document));
  }
  if (!user.files.empty()) user.merged = copy_tree(arena, Value::map(user.merged)).as_map();

  const struct {
    const std::vector<std::string>& texts;
    std::string_view option;
    SetFlag kind;
  } groups[] = {{flags.set_json, "--set-json", SetFlag::kJson},
                {flags.set, "--set", SetFlag::kTyped},
                {flags.set_string, "--set-string", SetFlag::kString},
                {flags.set_file, "--set-file", SetFlag::kFile},
                {flags.set_literal, "--set-literal", SetFlag::kLiteral}};
  for (const auto& group : groups) {
    for (const std::string& text : group.texts) {
      auto applied = apply_set_flag(arena, *user.merged, text, group.kind, read_file);
      if (!applied) {
        if (group.kind == SetFlag::kJson) {
          return std::unexpected(Error(ErrorCode::kUsage, "failed parsing --set-json data " + text)
                                     .with_remedy(applied.error().message()));
        }
        return std::unexpected(
            std::move(applied.error()).with_context("failed parsing " + std::string(group.option) + " data"));
      }
      // Once more alone, so that a finding can name the flag that set a key.
      UserValues::Flag flag{std::string(group.option), text, Map::create(arena)};
      // What fails only without the values before it ("a.b=" over an existing table) has set nothing.
      (void)apply_set_flag(arena, *flag.values, text, group.kind, read_file);
      user.flags.push_back(std::move(flag));
    }
  }
  return user;
}

void coalesce_tables(Arena& arena, Map& over, Map& base, const std::string& prefix, bool merge, Warnings& warnings) {
  // A null over a default removes it; a null over nothing, or over a null, stays.
  std::vector<std::string_view> nulls;
  for (const Map::Entry& entry : over) {
    if (!entry.value.is_null()) continue;
    const std::string_view key = entry.key.as_string();
    const Value* default_value = base.find(key);
    if (default_value != nullptr && !default_value->is_null() && !merge) nulls.push_back(key);
    base.set(arena, key, Value::null());
  }
  for (const Map::Entry& entry : base) {
    const std::string_view key = entry.key.as_string();
    const Value* existing = over.find(key);
    if (existing == nullptr) {
      over.set(arena, key, entry.value);
    } else if (entry.value.is_map()) {
      const std::string full = prefix.empty() ? std::string(key) : prefix + "." + std::string(key);
      if (existing->is_map()) {
        coalesce_tables(arena, *existing->as_map(), *entry.value.as_map(), full, merge, warnings);
      } else {
        warnings.push_back("warning: cannot overwrite table with non table for " + full + " (" +
                           tmpl::to_text(entry.value) + ")");
      }
    } else if (existing->is_map() && !entry.value.is_null()) {
      const std::string full = prefix.empty() ? std::string(key) : prefix + "." + std::string(key);
      warnings.push_back("warning: destination for " + full + " is a table. Ignoring non-table value (" +
                         tmpl::to_text(entry.value) + ")");
    }
  }
  for (const std::string_view key : nulls) over.erase(key);
}

}  // namespace plimsoll::chart
