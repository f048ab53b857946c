// A Helm chart in memory: what its folder or archive holds, subcharts included.
//
// Charts are loaded once (load.h) and then only read; what a render changes (enabled dependencies, merged values) lives in
// the Release (release.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chart/metadata.h"
#include "engine/value/value.h"
#include "engine/yaml/document.h"

namespace plimsoll::chart {

// A file of a chart, named relative to the chart with '/'.
struct File {
  std::string name;
  std::string data;
};

struct Chart {
  Metadata metadata;
  std::vector<File> templates;  // below templates/
  std::vector<File> files;      // everything that is nothing else: what `.Files` shows, crds/ included
  std::string schema;           // values.schema.json; empty: none
  bool has_schema = false;
  // values.yaml; nullptr: none, or empty. Numbers are doubles, as Helm reads them.
  std::shared_ptr<const yaml::Document> values;
  std::vector<std::shared_ptr<const Chart>> dependencies;  // in the order of their names
  // Where the chart lies, for messages and positions: "charts/web", "web-1.0.tgz", "web/charts/db". Templates are below it.
  std::string path;

  const std::string& name() const { return metadata.name; }
};

}  // namespace plimsoll::chart
