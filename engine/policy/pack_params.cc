#include "engine/policy/pack_params.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/policy/kinds.h"
#include "engine/policy/param_type.h"
#include "engine/policy/text.h"
#include "engine/schema/json_schema.h"
#include "engine/value/json.h"
#include "engine/value/suggest.h"

namespace plimsoll::policy {
namespace {

using CompiledSchema = std::shared_ptr<const schema::JsonSchema>;

constexpr size_t kMaxShown = 80;  // bytes of a value in a message
constexpr size_t kMaxSteps = 64;  // of a setting's path

// The schema as written, closed: a param that it does not name is none. nullptr if params.yaml has no schema.
Result<CompiledSchema> compile_schema(const yaml::Document& params) {
  const Value written = params.root()["schema"];
  if (!written.is_map()) return CompiledSchema();
  Arena arena;
  Map* closed = Map::copy_of(arena, *written.as_map());
  closed->set(arena, "$schema", Value::string("http://json-schema.org/draft-07/schema#"));
  closed->set(arena, "type", Value::string("object"));
  closed->set(arena, "additionalProperties", Value::boolean(false));
  auto compiled = schema::JsonSchema::compile(json::write(Value::map(closed)), "schema", schema::Formats::kKubernetes);
  if (compiled) return compiled;
  const Location place = params.location(Path().key("schema"));
  return std::unexpected(std::move(compiled).error().with_context("schema").at(place.line, place.column).in_file(params.file()));
}

std::vector<std::string> keys_of(const Value& map) {
  std::vector<std::string> keys;
  if (!map.is_map()) return keys;
  for (const Map::Entry& entry : *map.as_map()) keys.emplace_back(entry.key.string_or());
  return keys;
}

// Keys that a map may have, as far as its schema names them.
std::vector<std::string> known_keys(const Value& schema) {
  std::vector<std::string> keys = keys_of(schema["properties"]);
  for (const Value& name : schema["propertyNames"]["enum"].items()) keys.emplace_back(name.string_or());
  return keys;
}

std::vector<std::string> param_names(const yaml::Document& params) {
  std::vector<std::string> names = keys_of(params.root()["schema"]["properties"]);
  for (std::string& name : keys_of(params.root()["spec"])) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

std::string shown(const Value& value) {
  std::string text = json::write(value);
  if (text.size() <= kMaxShown) return text;
  size_t end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// "lightrun.resourceMinimums.backend".
std::string param_name(std::string_view pack, const Path& path) {
  const std::string below = path.to_string();
  return below.empty() ? std::string(pack) : fmt::format("{}.{}", pack, below);
}

Error unknown_key(std::string_view what, std::string_view key, const std::vector<std::string>& known) {
  return Error(ErrorCode::kNotFound, fmt::format("{} has no param {}{}", what, key, suggestion(key, known)))
      .with_remedy(known.empty() ? "it takes none" : fmt::format("its params: {}", fmt::join(known, ", ")));
}

// What a violation of the schema says to the one who set the value.
Error violation_error(std::string_view pack, const Value& schema, const Value& spec, const schema::Violation& violation) {
  const Path& path = violation.location;
  const Value wanted = subschema_at(schema, path);
  const Value* given = path.resolve(spec);
  if (!violation.refused.empty()) {
    const std::string what = path.empty() ? "pack " + std::string(pack) : "param " + param_name(pack, path);
    return unknown_key(what, violation.refused.front().name, known_keys(wanted));
  }
  const std::string name = param_name(pack, path);
  if (path.empty() || given == nullptr || !wanted.is_map()) {
    return Error(ErrorCode::kType, fmt::format("param {}: {}", name, violation.message));
  }
  if ((given->is_map() && wanted["type"].string_or() == "object") ||
      (given->is_list() && wanted["type"].string_or() == "array")) {
    return Error(ErrorCode::kType, fmt::format("param {}: {}", name, violation.message));
  }
  return Error(ErrorCode::kType, fmt::format("param {}: got {}, want {}", name, shown(*given), describe_type(wanted)));
}

// The setting that brought the value at `path` (or a part of it): the last one that is above or below.
const ParamSetting* origin_of(const Path& path, std::span<const ParamSetting> settings) {
  for (size_t i = settings.size(); i > 0; --i) {
    const ParamSetting& setting = settings[i - 1];
    if (path.starts_with(setting.path) || setting.path.starts_with(path)) return &setting;
  }
  return nullptr;
}

// Params are set below maps only: registries[0] is a key that its map does not have.
Path as_keys(const Path& path) {
  Path keys;
  for (const Path::Step& step : path.steps()) {
    const auto* key = std::get_if<std::string>(&step);
    keys = keys.key(key ? *key : std::to_string(std::get<size_t>(step)));
  }
  return keys;
}

// `base` and the steps of `path` from `first` on.
Path joined(Path base, const Path& path, size_t first = 0) {
  for (size_t i = first; i < path.steps().size(); ++i) {
    const auto* key = std::get_if<std::string>(&path.steps()[i]);
    base = key ? base.key(*key) : base.index(std::get<size_t>(path.steps()[i]));
  }
  return base;
}

Error located(Error error, const ParamSetting& setting, const Path& path) {
  if (setting.from_flag) return error;
  const yaml::Place place = setting.document.locate(joined(setting.place, path, setting.path.steps().size()));
  // What is unknown is the key.
  const yaml::Range& range = error.code() == ErrorCode::kNotFound && place.key.known() ? place.key : place.value;
  return std::move(error).at(range.line, range.column).in_file(setting.document.file());
}

// Replaces or adds the value at `steps` below `map`. Only the maps on the way are copied, for the pack's own tree is
// shared.
void set_path(Map* map, std::span<const Path::Step> steps, const Value& value, Arena& arena) {
  const std::string_view name = arena.copy(std::get<std::string>(steps.front()));
  if (steps.size() == 1) {
    map->set(arena, name, value);
    return;
  }
  const Value* old = map->find(name);
  Map* child = old && old->is_map() ? Map::copy_of(arena, *old->as_map()) : Map::create(arena);
  map->set(arena, name, Value::map(child));
  set_path(child, steps.subspan(1), value, arena);
}

Value value_of(const ParamSetting& setting, const Value& schema, Arena& arena) {
  const Value& value = setting.value();
  const bool scalar = !value.is_map() && !value.is_list() && !value.is_string();
  if (setting.from_flag && scalar && takes_only_text(subschema_at(schema, setting.path))) {
    return Value::string(arena.copy(setting.flag));
  }
  return deep_copy(arena, value);
}

Result<void> check_spec(const Pack& pack, const Value& spec, std::span<const ParamSetting> settings) {
  PLIMSOLL_ASSIGN_OR_RETURN(const CompiledSchema compiled, compile_schema(*pack.params));
  if (!compiled) return {};
  PLIMSOLL_ASSIGN_OR_RETURN(const std::optional<schema::Violation> violation, compiled->validate(spec));
  if (!violation) return {};
  const Value schema = pack.params->root()["schema"];
  // A key that should not be there explains what is wrong below it.
  const std::vector<const schema::Violation*> leaves = violation->leaves();
  const auto refused = std::ranges::find_if(leaves, [](const schema::Violation* leaf) { return !leaf->refused.empty(); });
  const schema::Violation& first = refused != leaves.end() ? **refused : *leaves.front();
  const Path path = first.refused.empty() ? first.location : first.location.key(first.refused.front().name);
  Error error = violation_error(pack.name, schema, spec, first);
  if (const ParamSetting* setting = origin_of(path, settings)) return std::unexpected(located(std::move(error), *setting, path));
  const Location place = pack.params->location(Path().key("spec"));
  return std::unexpected(std::move(error).at(place.line, place.column).in_file(pack.params->file()));
}

}  // namespace

std::vector<ParamInfo> describe_params(const yaml::Document& params) {
  const Value properties = params.root()["schema"]["properties"], spec = params.root()["spec"];
  std::vector<ParamInfo> result;
  for (std::string& name : param_names(params)) {
    const Value schema = properties[name];
    const Value* value = spec.find(name);
    const std::string_view description = trim_space(schema["description"].string_or());
    result.push_back({name, describe_type(schema), value ? json::write(*value) : std::string(), std::string(description)});
  }
  return result;
}

std::vector<Error> check_params(const yaml::Document& params) {
  std::vector<Error> errors;
  const std::string_view pack = params.root()["metadata"]["name"].string_or();
  const auto add = [&](Error error, const Path& path) {
    const Location place = params.location(path);
    errors.push_back(std::move(error).at(place.line, place.column).in_file(params.file()));
  };
  const auto compiled = compile_schema(params);
  if (!compiled) {
    errors.push_back(compiled.error());
    return errors;
  }
  const Value spec = params.root()["spec"], schema = params.root()["schema"];
  for (const ParamInfo& param : describe_params(params)) {
    if (schema["properties"].find(param.name) == nullptr) {
      add(Error(ErrorCode::kInvalid, fmt::format("param {} has no schema", param.name)), Path().key("spec").key(param.name));
      continue;
    }
    const Path place = Path().key("schema").key("properties").key(param.name);
    if (param.description.empty()) add(Error(ErrorCode::kInvalid, fmt::format("param {} has no description", param.name)), place);
    if (spec.find(param.name) == nullptr) add(Error(ErrorCode::kInvalid, fmt::format("param {} has no default", param.name)), place);
  }
  if (!*compiled || !spec.is_map()) return errors;
  const auto violation = (*compiled)->validate(spec);
  if (!violation) {
    errors.push_back(violation.error());
  } else if (*violation) {
    for (const schema::Violation* leaf : (*violation)->leaves()) {
      // Params without schema are told of above.
      if (!leaf->location.empty()) add(violation_error(pack, schema, spec, *leaf), joined(Path().key("spec"), leaf->location));
    }
  }
  return errors;
}

Result<Value> resolve_params(const Pack& pack, std::span<const ParamSetting> settings, std::string_view kube_version,
                             Arena& arena) {
  std::vector<ParamSetting> own;
  for (const ParamSetting& setting : settings) {
    if (setting.pack != pack.name) continue;
    own.push_back(setting);
    own.back().path = as_keys(setting.path);
  }
  if (!pack.params) {
    if (own.empty()) return Value::null();
    const Path& path = own.front().path;
    return std::unexpected(located(unknown_key("pack " + pack.name, path.to_string(), {}), own.front(), path));
  }
  const Value& root = pack.params->root();
  const Value defaults = root["spec"];
  Map* spec = defaults.is_map() ? Map::copy_of(arena, *defaults.as_map()) : Map::create(arena);
  const std::vector<std::string> names = param_names(*pack.params);
  for (const ParamSetting& setting : own) {
    const std::string name = setting.path.empty() ? std::string() : std::get<std::string>(setting.path.steps().front());
    const auto refuse = [&](Error error) { return std::unexpected(located(std::move(error), setting, setting.path)); };
    if (std::ranges::find(names, name) == names.end()) return refuse(unknown_key("pack " + pack.name, name, names));
    if (setting.path.steps().size() > kMaxSteps) {
      return refuse(Error(ErrorCode::kLimit, fmt::format("param {}.{}: its path is too long", pack.name, name)));
    }
    set_path(spec, setting.path.steps(), value_of(setting, root["schema"], arena), arena);
  }
  if (!own.empty()) PLIMSOLL_RETURN_IF_ERROR(check_spec(pack, Value::map(spec), own));
  if (!kube_version.empty() && spec->contains("kubeVersion")) {
    spec->set(arena, "kubeVersion", Value::string(arena.copy(kube_version)));
  }
  Map* params = Map::copy_of(arena, *root.as_map());
  params->erase("schema");
  params->set(arena, "spec", Value::map(spec));
  return Value::map(params);
}

Result<std::vector<ParamSetting>> read_params(const yaml::FieldReader& reader, const Value& value, const Path& path) {
  if (!value.is_map()) return reader.type_error(value, path, "a mapping of packs to their params");
  std::vector<ParamSetting> settings;
  for (const Map::Entry& pack : *value.as_map()) {
    const std::string pack_name(pack.key.string_or());
    if (!pack.value.is_map()) return reader.type_error(pack.value, path.key(pack_name), "a mapping of params");
    for (const Map::Entry& param : *pack.value.as_map()) {
      const std::string name(param.key.string_or());
      settings.push_back({pack_name, Path::parse(name), reader.document(), path.key(pack_name).key(name)});
    }
  }
  return settings;
}

bool is_pack_params(const Value& object) {
  return object["kind"].string_or() == "PackParams" &&
         split_api_version(object["apiVersion"].string_or()).group == kOwnGroup;
}

Result<std::vector<ParamSetting>> read_param_settings(const yaml::Document& document) {
  const Value& root = document.root();
  const auto failure = [&](const Path& path, std::string message) {
    return std::unexpected(error_at(document, {path, std::move(message)}));
  };
  const std::string_view pack = root["metadata"]["name"].string_or();
  if (pack.empty()) return failure(Path::parse("metadata.name"), "must be the name of the pack that the params are for");
  if (!root["spec"].is_map()) return failure(Path().key("spec"), "must be a map of params");
  for (const Map::Entry& entry : *root.as_map()) {
    const std::string_view key = entry.key.string_or();
    if (key != "apiVersion" && key != "kind" && key != "metadata" && key != "spec") {
      return failure(Path().key(key), "unknown field; params are set in spec");
    }
  }
  std::vector<ParamSetting> settings;
  for (const Map::Entry& entry : *root["spec"].as_map()) {
    const std::string_view name = entry.key.string_or();
    settings.push_back({std::string(pack), Path().key(name), document, Path().key("spec").key(name)});
  }
  return settings;
}

}  // namespace plimsoll::policy
