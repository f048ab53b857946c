#include "cli/lint_flags.h"

#include <CLI/CLI.hpp>

#include "cli/chart_flags.h"
#include "cli/flags.h"

namespace plimsoll::cli {

void add_input_flags(CLI::App& command, LintOptions& options) {
  add_repeated(command, "--exclude", options.exclude, "Leave out paths, by a pattern as of .gitignore")->type_name("GLOB");
  command.add_option("-n,--namespace", options.namespace_name, "Namespace of objects that name none [default]")->type_name("NAME");
  add_values_flags(command, options.release.values);
  add_release_flags(command, options.release);
  command.add_option("--release-name", options.release.name, "Name of the release of charts [release-name]")->type_name("NAME");
  command.add_option("--chart", options.chart, "Chart that the values files (PATH) are for; it is rendered with them")->type_name("CHART");
  command.add_flag("--ci-values", options.ci_values, "Render charts once with each of their ci/*-values.yaml");
  command.add_option("-j,--jobs", options.jobs, "Threads [one for each core]")->type_name("N")->check(CLI::Range(1, 1024));
}

}  // namespace plimsoll::cli
