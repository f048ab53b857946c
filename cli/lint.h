// `plimsoll lint`: judges objects with rules and reports.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/rule_selection.h"
#include "engine/report/report.h"

namespace plimsoll::cli {

struct LintOptions {
  std::vector<std::string> paths;
  RuleSelection rules;
  std::vector<std::string> exclude;
  std::optional<policy::Severity> severity;
  std::optional<policy::Severity> fail_on;
  std::string namespace_name;
  chart::ReleaseOptions release;  // of charts: name, values, capabilities
  bool ci_values = false;
  std::string chart;  // --chart: `paths` are values files for it
  bool raw = false;  // rules see objects as they are written
  std::string config;
  bool no_config = false;
  std::string baseline;
  std::string write_baseline;
  size_t jobs = 0;
};

// What rules are about to judge.
struct LintInput {
  const Configuration& config;
  const policy::RuleSet& rules;
  std::vector<source::Object>& objects;  // may be replaced
  std::string_view default_namespace;
  std::string_view kube_version;  // "1.36"
};
using LintStep = std::function<void(LintInput& input, report::Report& report)>;

// Does the work; what could not be done is in Report::errors.
report::Report run_lint(const LintOptions& options, const LintStep& before_judging = {});

}  // namespace plimsoll::cli
