// A chart as one release uses it: dependencies enabled, renamed and imported from, values laid over defaults.
//
//   ReleaseChart root(chart, arena);
//   root.process_dependencies(user_values, warnings);
//   Map* values = coalesce_values(root, user_values, warnings);
//
// Sources of the behaviour: helm.sh/helm/v3/pkg/chartutil/{dependencies,coalesce}.go. Helm copies charts shallowly when a
// dependency has an alias, and the copies share what they point to; that shows in renders and is imitated.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/chart/chart.h"
#include "engine/chart/load.h"
#include "engine/value/error.h"

namespace plimsoll::chart {

class ReleaseChart {
 public:
  ReleaseChart(std::shared_ptr<const Chart> source, Arena& arena);
  ReleaseChart(const ReleaseChart&) = default;

  const Chart& source() const { return *source_; }
  const std::string& name() const { return name_; }
  bool is_root() const { return parent_ == nullptr; }
  bool is_library() const;
  const std::vector<std::shared_ptr<ReleaseChart>>& dependencies() const { return dependencies_; }
  // The requirements that are left, renamed to their alias.
  const std::vector<std::shared_ptr<Dependency>>& requirements() const { return requirements_; }
  // Default values, those imported from subcharts included.
  Map* values() const { return values_; }
  // "top/charts/sub": prefix of the names of its templates.
  std::string full_path() const;
  // "sub.subsub" below the root, "" for the root: where its values are in the root's.
  std::string values_path() const;

  // Drops disabled dependencies, applies aliases and import-values, down the tree.
  Result<void> process_dependencies(const Map& user_values, Warnings& warnings);

  // The values of the whole tree: `user_values` (copied) over the defaults.
  Result<Map*> coalesce_values(const Map* user_values, bool merge, Warnings& warnings) const;

 private:
  Result<void> enable_dependencies(const Map& values, const std::string& path, Warnings& warnings);
  Result<void> import_values(Warnings& warnings);
  Result<void> import_own_values(Warnings& warnings);
  std::shared_ptr<ReleaseChart> renamed_dependency(const Dependency& requirement) const;
  void set_dependencies(std::vector<std::shared_ptr<ReleaseChart>> dependencies);
  Result<void> coalesce_into(Map& values, const std::string& prefix, bool merge, Warnings& warnings) const;
  void coalesce_own(Map& values, const std::string& prefix, bool merge, Warnings& warnings) const;
  void coalesce_globals(Map& target, const Map& source, const std::string& prefix, Warnings& warnings) const;
  bool has_dependency(std::string_view name) const;

  std::shared_ptr<const Chart> source_;
  Arena* arena_;
  std::string name_;
  ReleaseChart* parent_ = nullptr;
  std::vector<std::shared_ptr<ReleaseChart>> dependencies_;
  bool has_requirements_ = false;
  std::vector<std::shared_ptr<Dependency>> requirements_;
  Map* values_ = nullptr;
};

}  // namespace plimsoll::chart
