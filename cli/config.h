// The configuration file .plimsoll.yaml; schemas/plimsoll.schema.json describes it for editors.
//
//   Result<std::string> path = find_config("/repo/deploy");      // looks upwards
//   Result<Configuration> config = read_config(*path);
//
// Unknown keys and wrong types are errors with their place. Paths in the file are relative to its folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/policy/exception.h"
#include "engine/policy/finding.h"
#include "engine/policy/pack_params.h"
#include "engine/source/chart_source.h"
#include "engine/value/error.h"

namespace plimsoll::cli {

inline constexpr std::string_view kConfigName = ".plimsoll.yaml";

// An entry of `ignores`.
struct Ignore {
  policy::Exception exception;
  Location location;
};

struct Configuration {
  std::string file;    // absolute; empty if there is none
  std::string folder;  // of the file; the working directory without one
  std::vector<std::string> packs;     // names, or absolute paths of folders
  std::vector<std::string> policies;  // absolute paths
  std::vector<policy::ParamSetting> params;
  std::vector<std::string> exclude;
  std::optional<policy::Severity> severity;
  std::optional<policy::Severity> fail_on;
  std::string namespace_name;
  std::string kube_version;
  bool raw = false;
  std::string baseline;  // absolute path
  std::vector<Ignore> ignores;
  std::vector<source::ChartSetup> charts;
};

// The nearest .plimsoll.yaml in `folder` or above, up to the one that holds .git; empty if there is none.
std::string find_config(const std::string& folder);
Result<Configuration> read_config(const std::string& path);
// The same for text at hand. `path`: absolute, that of the file; `name`: as messages call it.
Result<Configuration> parse_config(std::string_view text, const std::string& path, const std::string& name);

}  // namespace plimsoll::cli
