// The Go objects that Helm puts into a template's dot: .Chart, .Capabilities, .Files and their methods.
//
//   Value capabilities = make_capabilities(arena, {.version = "v1.34.0", .major = "1", .minor = "34"}, versions, build);
//   Value files = make_files(arena, {{"config/app.yaml", text}});   // .Files.Get "config/app.yaml"
//
// Maps of defined types (chartutil.Values, engine.files) are Values of that flavour; structs are GoObjects.
#pragma once

#include <span>
#include <string_view>

#include "engine/template/go_object.h"
#include "engine/template/go_type.h"
#include "engine/value/arena.h"
#include "engine/value/value.h"

namespace plimsoll::tmpl {

// Methods of the types that are told apart by flavour: engine.files, chartutil.VersionSet, chartutil.Values.
std::span<const GoMethod> methods_of(GoType type);

extern const GoObjectType kMaintainerType;   // *chart.Maintainer
extern const GoObjectType kDependencyType;   // *chart.Dependency
extern const GoObjectType kMetadataType;     // chart.Metadata
extern const GoObjectType kChartType;        // struct { chart.Metadata; IsRoot bool }
extern const GoObjectType kCapabilitiesType; // *chartutil.Capabilities
extern const GoObjectType kKubeVersionType;  // chartutil.KubeVersion
extern const GoObjectType kBuildInfoType;    // version.BuildInfo

// .Chart from Chart.yaml: fields are read by their JSON names, as Go's decoder does (any case), wrong types left empty.
Value make_chart(Arena& arena, const Value& chart_yaml, bool is_root);

struct KubeVersion {
  std::string_view version;  // v1.34.0
  std::string_view major;
  std::string_view minor;
};
struct BuildInfo {
  std::string_view version = "v3.22.0";
  std::string_view git_commit = "";
  std::string_view git_tree_state = "";
  std::string_view go_version = "go1.26";
};
// .Capabilities. Text is borrowed.
Value make_capabilities(Arena& arena, const KubeVersion& kube_version, std::span<const std::string_view> api_versions,
                        const BuildInfo& build = {});

struct ChartFile {
  std::string_view name;  // relative to the chart: config/app.yaml
  std::string_view data;
};
// .Files. Borrows names and data.
Value make_files(Arena& arena, std::span<const ChartFile> files);

}  // namespace plimsoll::tmpl
