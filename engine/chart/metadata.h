// Chart.yaml (and the requirements.yaml of old charts), checked as Helm checks it.
//
// Source of the behaviour: helm.sh/helm/v3/pkg/chart (Metadata, Dependency) read through sigs.k8s.io/yaml: scalars become
// text where the field is text, names of fields match regardless of case, unknown fields are ignored.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::chart {

struct Maintainer {
  std::string name;
  std::string email;
  std::string url;
};

// `import-values` of a dependency: the table `child` of the subchart is merged at `parent` of the chart.
struct ImportValue {
  std::string child;
  std::string parent;
  bool exported = false;  // written as a plain name: "exports.<name>" of the subchart
};

struct Dependency {
  std::string name;
  std::string version;
  std::string repository;
  std::string condition;
  std::string alias;
  std::vector<std::string> tags;
  std::vector<ImportValue> import_values;
  bool enabled = false;
};

struct Metadata {
  std::string name;
  std::string home;
  std::vector<std::string> sources;
  std::string version;
  std::string description;
  std::vector<std::string> keywords;
  std::vector<std::optional<Maintainer>> maintainers;
  std::string icon;
  std::string api_version;
  std::string condition;
  std::string tags;
  std::string app_version;
  bool deprecated = false;
  std::map<std::string, std::string> annotations;
  std::string kube_version;
  // Absent and empty differ: without any, subcharts keep their place and null defaults their meaning.
  std::optional<std::vector<std::optional<Dependency>>> dependencies;
  std::string type;

  // Reads the fields that `text` has over those already here. Errors as Go words them.
  Result<void> read(std::string_view text, const std::string& file);
  // Helm's checks and clean-ups; false findings start with "validation: ".
  Result<void> validate();
};

}  // namespace plimsoll::chart
