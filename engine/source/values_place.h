// Where a values key is written, as a Place to show: a line of a values file, a chart's default, or a flag.
//
//   ValuesPlaces places(release.locator());
//   places.of(Path::parse("image.tag"));          // values.yaml:3:8, note "values key image.tag, a default"
//   places.nearest(Path::parse("general.name"));  // where the missing key belongs: the line of `general`
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/chart/values_origin.h"
#include "engine/source/object.h"

namespace plimsoll::source {

// Texts of files that places show, each held once. Thread-safe.
class ShownTexts {
 public:
  std::shared_ptr<const File> of(const std::string& name, std::string_view text) const;

 private:
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const File>> texts_;
};

// Relative to the working directory where it lies below it.
std::string shown_path(const std::string& path);

class ValuesPlaces {
 public:
  // Borrows `texts` and what the locator borrows.
  ValuesPlaces(const chart::ValuesLocator& locator, const ShownTexts& texts) : locator_(locator), texts_(texts) {}

  // A related place with role kValues. Without file: the key is set by a flag, or nowhere; the note says so.
  Place of(const Path& path) const;
  // The place to look at for a key that may be missing: the key itself, else the nearest table around it that the user or
  // the chart sets. A flag is a file named "--set image.tag" without lines. No file: nothing is known of it.
  Place nearest(const Path& path) const;
  // Of the key itself instead of its value.
  Place key(const Path& path) const;

 private:
  Place place_of(const chart::ValueOrigin& origin) const;

  const chart::ValuesLocator& locator_;
  const ShownTexts& texts_;
};

// Whether a values key is likely to hold a secret, by its name: password, token, license, ... Its line is not shown then.
bool is_secret_key(const Path& path);

}  // namespace plimsoll::source
