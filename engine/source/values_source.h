// Values files that stand by themselves: what is known of them, and the objects that show them to policies.
//
//   LooseFile file = {.source = ..., .root = document.root()};
//   add_values({file}, options, set);     // HelmValues objects, or the chart beside the file rendered with it
//
// A values file is taken together with its chart where one is at hand: Chart.yaml in its folder (or above ci/), or a set of values of
// the configuration that names it. Else its values are judged alone, if ValuesOptions::is_values says that they are some. Files of one
// folder that the user named are layers in the order given, values.yaml first; in a folder that was walked, each is laid over the
// folder's values.yaml.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "engine/source/chart_source.h"
#include "engine/source/discover.h"
#include "engine/source/manifest.h"
#include "engine/yaml/document.h"

namespace plimsoll::source {

// A file that holds one mapping, which is no Kubernetes object.
struct LooseFile {
  SourceFile source;
  yaml::Document document;
  Note note;  // what is said of it if it is nothing
};

// Whether a mapping is the values of a chart that is not at hand; if so, a tree of the keys that are known of it, null for none.
// `named`: the user named the file.
using IsValues = std::function<std::optional<Value>(const Value& root, bool named)>;

struct ValuesResult {
  std::vector<Manifests> manifests;
  std::vector<Note> notes;  // of the files that are no values
  size_t charts = 0;        // rendered
};

ValuesResult read_values(std::vector<LooseFile> files, const ChartOptions& options, const IsValues& is_values);


}  // namespace plimsoll::source
