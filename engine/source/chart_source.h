// Charts among the user's paths: with which values they are rendered.
//
//   ChartOptions options{.release = {.name = "web"}, .values = {.files = {"prod.yaml"}}};
//   Manifests manifests = read_chart({.kind = SourceFile::Kind::kChart, .path = "charts/web", .name = "charts/web"}, options);
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/chart/release.h"
#include "engine/source/discover.h"
#include "engine/source/manifest.h"

namespace plimsoll::source {

// Values that a chart is rendered with, under a name that findings show.
struct ValueSet {
  std::string name;
  chart::ValuesFlags values;
};

// What a configuration says of one chart.
struct ChartSetup {
  std::string path;        // absolute
  std::string release;     // name of the release; empty: as for all
  std::string name_space;  // empty: as for all
  std::vector<ValueSet> sets;
};

struct ChartOptions {
  // What holds for all charts. Its values, if there are any, replace the sets of ChartSetup.
  chart::ReleaseOptions release;
  std::vector<ChartSetup> setups;
  // Render once with each ci/*-values.yaml of the chart (chart-testing's convention), over the values given otherwise.
  bool ci_values = false;
  std::optional<uint64_t> seed;  // of random functions
  chart::FileReader read_file;   // of values files and --set-file arguments; must be thread-safe
};

// A chart cannot be rendered if it is a library: a note. Other failures are errors with the chart's or the template's place.
Manifests read_chart(const SourceFile& source, const ChartOptions& options);

}  // namespace plimsoll::source
