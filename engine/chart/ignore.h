// .helmignore: which files of a chart folder are no part of the chart.
//
// Source of the behaviour: helm.sh/helm/v3/pkg/ignore. A subset of .gitignore with rules of its own: the first rule that
// decides wins, and a negated rule decides against everything that it does *not* match.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"

namespace plimsoll::chart {

class IgnoreRules {
 public:
  // Rules of a .helmignore text ("" for none) and Helm's default, hidden files below templates/.
  static Result<IgnoreRules> parse(std::string_view text);

  // `path` is relative to the chart, with '/'.
  bool ignores(std::string_view path, bool is_directory) const;

 private:
  struct Rule {
    std::string pattern;
    bool negated = false;
    bool directories_only = false;
    bool whole_path = false;  // else only the last element is matched
  };
  Result<void> add(std::string_view line);

  std::vector<Rule> rules_;
};

}  // namespace plimsoll::chart
