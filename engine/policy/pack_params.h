// The params of a pack: typed defaults in its params.yaml, and what users set instead.
//
//   apiVersion: plimsoll.dev/v1
//   kind: PackParams
//   metadata: {name: lightrun}
//   spec:                      # the defaults: what rules see as params.spec
//     heapPercent: 80
//   schema:                    # JSON Schema (draft 7, and the format quantity) of spec; no other params are taken
//     properties:
//       heapPercent: {type: integer, minimum: 1, maximum: 100, description: How much of the limit ...}
//
//   for (const ParamInfo& param : describe_params(*pack.params)) print(param.name, param.type, param.description);
//   Result<Value> params = resolve_params(pack, settings, arena);
//
// Users set params by --param pack.name=value, by `params` of the configuration and by objects of kind PackParams among
// their policies, named after the pack.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/policy/pack.h"
#include "engine/policy/pack_info.h"
#include "engine/value/error.h"
#include "engine/value/path.h"
#include "engine/yaml/document.h"
#include "engine/yaml/field_reader.h"

namespace plimsoll::policy {

// One value that a user sets, in whole: a map replaces the default's map.
struct ParamSetting {
  std::string pack;
  Path path;                // of the param or below it: resourceMinimums.backend.cpu
  yaml::Document document;  // where the value is written
  Path place;               // of the value in `document`
  std::string flag = {};    // the value's own text if it comes from the command line, which has no lines to name
  bool from_flag = false;

  const Value& value() const { return *place.resolve(document.root()); }
};

// In the order of the schema, then what only the defaults name.
std::vector<ParamInfo> describe_params(const yaml::Document& params);

// `params` of a configuration file: pack -> param -> value. Keeps the reader's document.
Result<std::vector<ParamSetting>> read_params(const yaml::FieldReader& reader, const Value& value, const Path& path);

// What is wrong with a pack's own params.yaml: a schema that is none, defaults that do not satisfy it, params without
// description or default.
std::vector<Error> check_params(const yaml::Document& params);

// The pack's params object with the settings that are for it; a later setting goes before an earlier one. Errors name the
// param, the value, what it takes and, if it comes from a file, its place. `kube_version`: of a param kubeVersion, if the
// pack has one. Null if the pack has no params.
Result<Value> resolve_params(const Pack& pack, std::span<const ParamSetting> settings, std::string_view kube_version,
                             Arena& arena);

bool is_pack_params(const Value& object);
// The settings that an object of kind PackParams makes.
Result<std::vector<ParamSetting>> read_param_settings(const yaml::Document& document);

}  // namespace plimsoll::policy
