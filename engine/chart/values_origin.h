// Where a value of a release was set: the last --set flag, values file or chart default that wins.
//
//   ValuesLocator locator(&release_chart, user_values);
//   locator.locate(Path::parse("db.image.tag"));   // values.yaml:12:10, the default of the subchart db
//
// Values are looked up in the order in which Helm lays them over each other instead of being followed while they are merged:
// merging costs nothing, and only what a finding names is looked for.
#pragma once

#include <optional>
#include <string>

#include "engine/chart/release_chart.h"
#include "engine/chart/values.h"
#include "engine/value/path.h"
#include "engine/yaml/document.h"

namespace plimsoll::chart {

struct ValueOrigin {
  enum class Kind : uint8_t { kFile, kFlag, kDefault };
  Kind kind = Kind::kFile;
  std::string file;   // of files and defaults
  yaml::Range range;  // of the value, in that file
  yaml::Range key;
  std::string flag;   // "--set image.tag=1"
  // What the ranges are in; nullptr for flags. Lives as long as the release.
  const yaml::Document* document = nullptr;
};

class ValuesLocator {
 public:
  // Borrows both. Without a chart (nullptr) there are no defaults.
  ValuesLocator(const ReleaseChart* root, const UserValues& user) : root_(root), user_(user) {}

  // `path` as the root chart's templates see it, "sub.key" for the values of a subchart. nullopt: set nowhere.
  std::optional<ValueOrigin> locate(const Path& path) const;
  // The same without looking at flags: where a key that is missing could be written.
  std::optional<ValueOrigin> locate_in_files(const Path& path) const;

 private:
  std::optional<ValueOrigin> in_user_files(const Path& path) const;
  std::optional<ValueOrigin> in_user_values(const Path& path) const;
  std::optional<ValueOrigin> in_defaults(const ReleaseChart& chart, std::span<const Path::Step> path, int imports) const;

  const ReleaseChart* root_;
  const UserValues& user_;
};

}  // namespace plimsoll::chart
