// A release as objects of group plimsoll.dev, so that policies judge values, charts and releases as they judge any object.
//
//   apiVersion: plimsoll.dev/v1
//   kind: HelmValues                    # resource helmvalues, namespaced
//   metadata: {name: <release>, namespace: <namespace>}
//   chart: {name, version, appVersion, ...}   # absent where the chart is not at hand
//   values: {...}                       # what templates see: defaults and the user's values, those of subcharts included
//   user: {...}                         # what the user set
//   origins: {general.name: {kind: file, name: values.yaml}, ...}   # of each scalar and list that the user set; kind file or flag
//   unknown: [{path: general.nmae, suggestion: general.name}]       # keys of the user's that nothing reads
//
//   kind: Chart                         # resource charts, cluster-scoped
//   metadata: {name: <chart>}
//   chart: {...}  values: {defaults}  templates: [names]  files: [names]
//
//   kind: Release                       # resource releases, namespaced: only where the chart was rendered
//   metadata: {name, namespace}  chart: {...}  values: {...}  objects: [the rendered objects]
//
// Numbers of values are integers where they are whole. A place below `values` is a line of a values file, below `objects`
// that of the object.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "engine/chart/release.h"
#include "engine/source/manifest.h"
#include "engine/source/object.h"

namespace plimsoll::source {

inline constexpr std::string_view kPseudoVersion = "plimsoll.dev/v1";

// Adds HelmValues and Chart of a release; and Release, with the objects from number `first` of manifests.objects on, if
// `rendered`.
void add_release_objects(std::shared_ptr<const chart::Release> release, const std::string& variant, bool rendered, size_t first,
                         Manifests& manifests);

// Values without their chart.
struct LooseValues {
  std::string release, name_space;
  Arena arena;
  chart::UserValues user;  // in `arena`
  Value known;             // keys that are known, as a tree; null: none. Outlives the object
};
Object values_object(std::shared_ptr<const LooseValues> values);

}  // namespace plimsoll::source
