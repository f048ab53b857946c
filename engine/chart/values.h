// Values: what the user gives, what charts default to, and how Helm lays one over the other.
//
// Sources of the behaviour: helm.sh/helm/v3/pkg/cli/values and pkg/chartutil (coalesce.go).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/chart/load.h"
#include "engine/chart/set_flags.h"
#include "engine/value/error.h"
#include "engine/value/value.h"
#include "engine/yaml/document.h"

namespace plimsoll::chart {

// The values flags of one command line. Helm applies the kinds in this order, whatever their order on the command line.
struct ValuesFlags {
  std::vector<std::string> files;
  std::vector<std::string> set_json;
  std::vector<std::string> set;
  std::vector<std::string> set_string;
  std::vector<std::string> set_file;
  std::vector<std::string> set_literal;

  bool empty() const {
    return files.empty() && set_json.empty() && set.empty() && set_string.empty() && set_file.empty() &&
           set_literal.empty();
  }
};

// User values merged, and what they were merged from.
struct UserValues {
  Map* merged = nullptr;
  // In order of application: later ones win.
  std::vector<std::shared_ptr<const yaml::Document>> files;
  struct Flag {
    std::string option;  // "--set"
    std::string text;    // "image.tag=1"
    Map* values;         // what this flag alone sets
  };
  std::vector<Flag> flags;
};

// Reads and merges. `read_file` yields the text of a values file or of a --set-file argument ("-" is standard input).
// Errors as Helm words them, with the place for YAML errors.
Result<UserValues> merge_user_values(Arena& arena, const ValuesFlags& flags, const FileReader& read_file);

// Lays `over` over `base` as Helm lays one values file over another: tables merge, anything else replaces. Shares subtrees.
Map* merge_maps(Arena& arena, const Map& base, const Map& over);

// Copies containers, shares text.
Value copy_tree(Arena& arena, const Value& value);

// Fills `over` with what it lacks from `base` (coalesceTables). In merge mode nulls stay; else a null in `over` removes
// the key that `base` has. Both trees may be changed and share parts afterwards.
void coalesce_tables(Arena& arena, Map& over, Map& base, const std::string& prefix, bool merge, Warnings& warnings);

}  // namespace plimsoll::chart
