// What each template of a release sees as its dot: .Values of its chart, .Chart, .Files, .Release, .Capabilities, .Subcharts.
//
// Source of the behaviour: recAllTpls in helm.sh/helm/v3/pkg/engine. All templates of a chart share one dot, and `set` on it is
// seen by the templates that run later.
#pragma once

#include <string_view>
#include <vector>

#include "engine/chart/release_chart.h"
#include "engine/value/value.h"

namespace plimsoll::chart {

struct ReleaseOptions;

struct ScopedTemplate {
  std::string_view name;  // "top/charts/sub/templates/x.yaml"; in the arena, as the base path
  const File* file = nullptr;
  Map* dot = nullptr;          // the chart's
  std::string_view base_path;  // "top/charts/sub/templates"
};

// All templates of the tree.
std::vector<ScopedTemplate> scope_templates(Arena& arena, const ReleaseChart& root, const Value& values,
                                            const ReleaseOptions& options);

}  // namespace plimsoll::chart
