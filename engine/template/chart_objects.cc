#include "engine/template/chart_objects.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/template/function.h"
#include "engine/template/functions/date_objects.h"
#include "engine/template/glob.h"
#include "engine/value/base64.h"

namespace plimsoll::tmpl {
namespace {

constexpr GoField kMaintainerFields[] = {
    {"Name", "string", "name", true}, {"Email", "string", "email", true}, {"URL", "string", "url", true}};

constexpr GoField kDependencyFields[] = {{"Name", "string", "name"},
                                         {"Version", "string", "version", true},
                                         {"Repository", "string", "repository"},
                                         {"Condition", "string", "condition", true},
                                         {"Tags", "[]string", "tags", true},
                                         {"Enabled", "bool", "enabled", true},
                                         {"ImportValues", "[]interface {}", "import-values", true},
                                         {"Alias", "string", "alias", true}};

constexpr GoField kMetadataFields[] = {{"Name", "string", "name", true},
                                       {"Home", "string", "home", true},
                                       {"Sources", "[]string", "sources", true},
                                       {"Version", "string", "version", true},
                                       {"Description", "string", "description", true},
                                       {"Keywords", "[]string", "keywords", true},
                                       {"Maintainers", "[]*chart.Maintainer", "maintainers", true},
                                       {"Icon", "string", "icon", true},
                                       {"APIVersion", "string", "apiVersion", true},
                                       {"Condition", "string", "condition", true},
                                       {"Tags", "string", "tags", true},
                                       {"AppVersion", "string", "appVersion", true},
                                       {"Deprecated", "bool", "deprecated", true},
                                       {"Annotations", "map[string]string", "annotations", true},
                                       {"KubeVersion", "string", "kubeVersion", true},
                                       {"Dependencies", "[]*chart.Dependency", "dependencies", true},
                                       {"Type", "string", "type", true}};

constexpr GoField kChartFields[] = {{"Metadata", "chart.Metadata", "Metadata", false, true}, {"IsRoot", "bool"}};

constexpr GoField kKubeVersionFields[] = {{"Version", "string"}, {"Major", "string"}, {"Minor", "string"}};

constexpr GoField kBuildInfoFields[] = {{"Version", "string", "version", true},
                                        {"GitCommit", "string", "git_commit", true},
                                        {"GitTreeState", "string", "git_tree_state", true},
                                        {"GoVersion", "string", "go_version", true}};

constexpr GoField kCapabilitiesFields[] = {{"KubeVersion", "chartutil.KubeVersion"},
                                           {"APIVersions", "chartutil.VersionSet"},
                                           {"HelmVersion", "version.BuildInfo"}};

std::string kube_version_text(const GoObject& object) { return std::string(object.fields[0].as_string()); }

Result<Value> kube_version_string(CallContext&, std::span<const Value> args) {
  return as_object(args[0])->fields[0];
}

Result<Value> same_value(CallContext&, std::span<const Value> args) { return args[0]; }

constexpr GoMethod kKubeVersionMethods[] = {{"String", "() string", kube_version_string},
                                            {"GitVersion", "() string", kube_version_string}};
constexpr GoMethod kCapabilitiesMethods[] = {{"Copy", "() *chartutil.Capabilities", same_value}};

const GoObjectType kMaintainerStruct = {{"chart.Maintainer"}, GoKind::kStruct, kMaintainerFields};
const GoObjectType kDependencyStruct = {{"chart.Dependency"}, GoKind::kStruct, kDependencyFields};
const GoObjectType kCapabilitiesStruct = {{"chartutil.Capabilities"}, GoKind::kStruct, kCapabilitiesFields};
const GoObjectType kKubeVersionPointer = {
    {"*chartutil.KubeVersion"}, GoKind::kPointer, kKubeVersionFields, kKubeVersionMethods, kube_version_text, false,
    nullptr, nullptr, &kKubeVersionType};

// .Files

std::string_view file_data(const Value& files, std::string_view name) {
  const Value* found = files.is_map() ? std::as_const(*files.as_map()).find(name) : nullptr;
  return found != nullptr && found->is_bytes() ? found->as_bytes() : std::string_view();
}

Result<Value> files_get(CallContext&, std::span<const Value> args) {
  return Value::string(file_data(args[0], args[1].as_string()));
}

Result<Value> files_get_bytes(CallContext&, std::span<const Value> args) {
  return Value::bytes(file_data(args[0], args[1].as_string()));
}

Result<Value> files_glob(CallContext& context, std::span<const Value> args) {
  Map* matched = Map::create(context.arena);
  // A pattern that is none matches everything.
  const auto glob = Glob::compile(args[1].as_string());
  if (args[0].is_map()) {
    for (const Map::Entry& entry : *args[0].as_map()) {
      if (!glob || glob->matches(entry.key.as_string())) matched->append(context.arena, entry.key, entry.value);
    }
  }
  return Value::map(matched).with_flavour(flavour(GoType::kFiles));
}

Result<Value> files_lines(CallContext& context, std::span<const Value> args) {
  std::string_view text = file_data(args[0], args[1].as_string());
  List* lines = List::create(context.arena);
  if (text.empty()) return go_strings(lines);
  if (text.ends_with('\n')) text.remove_suffix(1);
  while (true) {
    const size_t end = text.find('\n');
    lines->push_back(context.arena, Value::string(text.substr(0, end)));
    if (end == std::string_view::npos) return go_strings(lines);
    text.remove_prefix(end + 1);
  }
}

// Writes `map` as the function toYaml does, which is a sprig_families() row.
Result<Value> to_yaml(CallContext& context, Map* map) {
  const Value value = go_string_map(map);
  for (const FunctionFamily& family : sprig_families()) {
    for (const Function& function : family) {
      if (function.name == "toYaml") return function.call(context, std::span(&value, 1));
    }
  }
  return fail(ErrorCode::kInternal, "toYaml is missing from the function table");
}

template <typename Convert>
Result<Value> files_as(CallContext& context, const Value& files, Convert convert) {
  if (files.is_null()) return Value::string("");
  Map* map = Map::create(context.arena);
  Arena scratch;
  for (const Map::Entry* entry : std::as_const(*files.as_map()).sorted(scratch)) {
    const std::string_view name = entry->key.as_string();
    const size_t slash = name.rfind('/');
    const std::string_view base = slash == std::string_view::npos ? name : name.substr(slash + 1);
    map->set(context.arena, base, convert(entry->value.as_bytes()));
  }
  return to_yaml(context, map);
}

Result<Value> files_as_config(CallContext& context, std::span<const Value> args) {
  return files_as(context, args[0], [](std::string_view data) { return Value::string(data); });
}

Result<Value> files_as_secrets(CallContext& context, std::span<const Value> args) {
  return files_as(context, args[0], [&](std::string_view data) { return context.text(base64::encode(data)); });
}

constexpr GoMethod kFilesMethods[] = {{"AsConfig", "() string", files_as_config},
                                      {"AsSecrets", "() string", files_as_secrets},
                                      {"Get", "(string) string", files_get},
                                      {"GetBytes", "(string) []uint8", files_get_bytes},
                                      {"Glob", "(string) engine.files", files_glob},
                                      {"Lines", "(string) []string", files_lines}};

// chartutil.VersionSet and chartutil.Values

Result<Value> version_set_has(CallContext&, std::span<const Value> args) {
  const auto versions = args[0].items();
  return Value::boolean(std::any_of(versions.begin(), versions.end(), [&](const Value& version) {
    return version.string_or() == args[1].as_string();
  }));
}

constexpr GoMethod kVersionSetMethods[] = {{"Has", "(string) bool", version_set_has}};

Result<Value> values_as_map(CallContext& context, std::span<const Value> args) {
  if (args[0].size() == 0) return Value::map(Map::create(context.arena));
  return args[0].with_flavour(0);
}

Result<Value> values_yaml(CallContext& context, std::span<const Value> args) {
  if (!args[0].is_map()) return Value::string("{}\n");
  PLIMSOLL_ASSIGN_OR_RETURN(const Value text, to_yaml(context, args[0].as_map()));
  return context.text(std::string(text.as_string()) + "\n");
}

// The table or value at a dotted path; Go's ErrNoTable and ErrNoValue.
Result<Value> values_table(CallContext&, std::span<const Value> args) {
  Value table = args[0];
  std::string_view path = args[1].as_string();
  while (true) {
    const size_t dot = path.find('.');
    const std::string_view key = path.substr(0, dot);
    const Value* next = table.is_map() ? std::as_const(*table.as_map()).find(key) : nullptr;
    if (next == nullptr || !next->is_map()) return go_error(fmt::format("\"{}\" is not a table", key));
    table = *next;
    if (dot == std::string_view::npos) return table.with_flavour(flavour(GoType::kValues));
    path.remove_prefix(dot + 1);
  }
}

Result<Value> values_path_value(CallContext& context, std::span<const Value> args) {
  const std::string_view path = args[1].as_string();
  if (path.empty()) return go_error("YAML path cannot be empty");
  const size_t dot = path.rfind('.');
  Value table = args[0];
  const auto missing = [&] { return go_error(fmt::format("\"{}\" is not a value", path)); };
  if (dot != std::string_view::npos) {
    const Value parent[] = {args[0], Value::string(path.substr(0, dot))};
    const auto found = values_table(context, parent);
    if (!found) return missing();
    table = *found;
  }
  const std::string_view key = dot == std::string_view::npos ? path : path.substr(dot + 1);
  const Value* value = table.is_map() ? std::as_const(*table.as_map()).find(key) : nullptr;
  if (value == nullptr || (value->is_map() && value->flavour() == 0)) {
    return go_error(fmt::format("\"{}\" is not a value", key));
  }
  return *value;
}

constexpr GoMethod kValuesMethods[] = {{"AsMap", "() map[string]interface {}", values_as_map},
                                       {"PathValue", "(string) (interface {}, error)", values_path_value},
                                       {"Table", "(string) (chartutil.Values, error)", values_table},
                                       {"YAML", "() (string, error)", values_yaml}};

// Chart.yaml

// Go's decoder accepts a field's name in any case, the exact one first.
const Value* find_json(const Value& map, std::string_view name) {
  if (!map.is_map()) return nullptr;
  if (const Value* exact = std::as_const(*map.as_map()).find(name)) return exact;
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  for (const Map::Entry& entry : *map.as_map()) {
    const std::string_view key = entry.key.string_or();
    if (std::equal(key.begin(), key.end(), name.begin(), name.end(), same)) return &entry.value;
  }
  return nullptr;
}

Value typed_list(Arena& arena, const Value& source, GoType type, const GoObjectType* element);

Value read_field(Arena& arena, const Value& source, const GoField& field) {
  const Value* found = find_json(source, field.json);
  if (field.type == "string") return found != nullptr && found->is_string() ? *found : Value::string("");
  if (field.type == "bool") return Value::boolean(found != nullptr && found->bool_or(false));
  const GoType type = find_type(field.type);
  if (found == nullptr) return typed_nil(type);
  if (type_info(type).kind == GoKind::kMap) {
    if (!found->is_map()) return typed_nil(type);
    Map* map = Map::create(arena, found->size());
    for (const Map::Entry& entry : *found->as_map()) {
      map->append(arena, entry.key, entry.value.is_string() ? entry.value : Value::string(""));
    }
    return Value::map(map).with_flavour(flavour(type));
  }
  const GoObjectType* element = type == GoType::kMaintainers    ? &kMaintainerType
                                : type == GoType::kDependencies ? &kDependencyType
                                                                : nullptr;
  return typed_list(arena, *found, type, element);
}

Value read_struct(Arena& arena, const Value& source, const GoObjectType& type) {
  auto* object = arena.make<GoObject>();
  object->type = &type;
  auto* fields = arena.allocate_array<Value>(type.fields.size());
  for (size_t i = 0; i < type.fields.size(); ++i) fields[i] = read_field(arena, source, type.fields[i]);
  object->fields = fields;
  return Value::extension(object);
}

Value typed_list(Arena& arena, const Value& source, GoType type, const GoObjectType* element) {
  if (!source.is_list()) return typed_nil(type);
  List* list = List::create(arena, source.size());
  for (const Value& item : source.items()) {
    if (element != nullptr) {
      list->push_back(arena, read_struct(arena, item, *element));
    } else if (type == GoType::kStrings) {
      list->push_back(arena, item.is_string() ? item : Value::string(""));
    } else {
      list->push_back(arena, item);
    }
  }
  return Value::list(list).with_flavour(type == GoType::kAnys ? 0 : flavour(type));
}

}  // namespace

const GoObjectType kMaintainerType = {
    {"*chart.Maintainer"}, GoKind::kPointer, kMaintainerFields, {}, nullptr, false, nullptr, nullptr, &kMaintainerStruct};
const GoObjectType kDependencyType = {
    {"*chart.Dependency"}, GoKind::kPointer, kDependencyFields, {}, nullptr, false, nullptr, nullptr, &kDependencyStruct};
const GoObjectType kMetadataType = {{"chart.Metadata"}, GoKind::kStruct, kMetadataFields};
const GoObjectType kChartType = {{"struct { chart.Metadata; IsRoot bool }"}, GoKind::kStruct, kChartFields};
const GoObjectType kCapabilitiesType = {{"*chartutil.Capabilities"}, GoKind::kPointer, kCapabilitiesFields,
                                        kCapabilitiesMethods, nullptr, false, nullptr, nullptr, &kCapabilitiesStruct};
const GoObjectType kKubeVersionType = {
    {"chartutil.KubeVersion"}, GoKind::kStruct, kKubeVersionFields, {}, nullptr, false, nullptr, nullptr, nullptr,
    &kKubeVersionPointer};
const GoObjectType kBuildInfoType = {{"version.BuildInfo"}, GoKind::kStruct, kBuildInfoFields};

std::span<const GoMethod> methods_of(GoType type) {
  switch (type) {
    case GoType::kFiles: return kFilesMethods;
    case GoType::kVersionSet: return kVersionSetMethods;
    case GoType::kValues: return kValuesMethods;
    case GoType::kDuration:
    case GoType::kMonth:
    case GoType::kWeekday: return time_methods(type);
    default: return {};
  }
}

Value make_chart(Arena& arena, const Value& chart_yaml, bool is_root) {
  return make_struct(arena, kChartType, {read_struct(arena, chart_yaml, kMetadataType), Value::boolean(is_root)});
}

Value make_capabilities(Arena& arena, const KubeVersion& kube_version, std::span<const std::string_view> api_versions,
                        const BuildInfo& build) {
  const Value version = make_struct(arena, kKubeVersionType,
                                    {Value::string(kube_version.version), Value::string(kube_version.major),
                                     Value::string(kube_version.minor)});
  List* versions = List::create(arena, api_versions.size());
  for (const std::string_view api_version : api_versions) versions->push_back(arena, Value::string(api_version));
  const Value info = make_struct(arena, kBuildInfoType,
                                 {Value::string(build.version), Value::string(build.git_commit),
                                  Value::string(build.git_tree_state), Value::string(build.go_version)});
  return make_struct(arena, kCapabilitiesType,
                     {version, Value::list(versions).with_flavour(flavour(GoType::kVersionSet)), info});
}

Value make_files(Arena& arena, std::span<const ChartFile> files) {
  Map* map = Map::create(arena, files.size());
  for (const ChartFile& file : files) map->set(arena, file.name, Value::bytes(file.data));
  return Value::map(map).with_flavour(flavour(GoType::kFiles));
}

}  // namespace plimsoll::tmpl
