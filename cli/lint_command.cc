#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <map>

#include "cli/command.h"
#include "cli/flags.h"
#include "cli/lint.h"
#include "cli/lint_flags.h"
#include "cli/output.h"
#include "engine/report/baseline.h"
#include "engine/report/format.h"
#include "engine/report/summary.h"

namespace plimsoll::cli {

namespace {

struct Flags {
  LintOptions lint;
  std::string severity;
  std::string fail_on;
  std::string format = "text";
  std::string output_file;
  std::string color = "auto";
  bool quiet = false;
  bool verbose = false;
  bool show_ignored = false;
};

int run(Flags flags) {
  if (!flags.severity.empty()) flags.lint.severity = policy::parse_severity(flags.severity);
  if (!flags.fail_on.empty()) flags.lint.fail_on = policy::parse_severity(flags.fail_on);
  report::Report report = run_lint(flags.lint);
  report.version = kVersion;

  if (!flags.lint.write_baseline.empty()) {
    // An incomplete baseline would hide that something could not be judged.
    if (report.errors.empty()) {
      if (auto written = write_file(flags.lint.write_baseline, report::write_baseline(report)); !written) {
        print_error(written.error());
        return kFailure;
      }
      return print(fmt::format("{} written to {}\n", report::plural(report.counts().total(), "known finding"),
                               flags.lint.write_baseline));
    }
    print_message("no baseline was written, for not all could be judged");
  }

  const bool to_file = !flags.output_file.empty();
  const report::Style style = {.color = !to_file && use_color(color_mode(flags.color)),
                               .quiet = flags.quiet,
                               .verbose = flags.verbose,
                               .show_suppressed = flags.show_ignored};
  const std::string text = report::find_format(flags.format)->write(report, style);
  const Result<void> written = to_file ? write_file(flags.output_file, text) : write_stdout(text);
  if (!written) {
    print_error(written.error());
    return kFailure;
  }
  // Who reads a file or a program's input does not see this run: say here what went wrong and how it ended.
  if (to_file || flags.format != "text") {
    for (const Error& error : report.errors) print_error(error);
    for (const std::string& warning : report.warnings) print_message("warning: " + warning);
    if (!flags.quiet) print_message(report::summary_line(report));
  }
  return !report.errors.empty() ? kFailure : report.failed() ? kFindings : kClean;
}

}  // namespace

void add_lint_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("lint", "Judge manifests and charts with policies");
  command->footer(
      "Exit code: 0 no finding at or above --fail-on, 1 such findings, 2 not all could be judged.\n"
      "Without --pack or --policy, the packs that fit the objects are taken, and pod-security-baseline.");
  auto flags = std::make_shared<Flags>();
  command->add_option("PATH", flags->lint.paths, "Files, folders, charts, values files, or - for standard input");
  add_rule_flags(*command, flags->lint.rules, flags->lint.config, flags->lint.no_config);
  add_input_flags(*command, flags->lint);
  const std::vector<std::string> severities = {"error", "warning", "info"};
  command->add_option("--severity", flags->severity, "Least severity to report [info]")
      ->type_name("LEVEL")
      ->transform(one_of(severities));
  command->add_option("--fail-on", flags->fail_on, "Least severity that makes the exit code 1 [error]")
      ->type_name("LEVEL")
      ->transform(one_of(severities));
  command->add_flag("--raw", flags->lint.raw, "Judge objects as they are written, without the API server's defaults");
  std::vector<std::string> formats;
  for (const report::Format& format : report::formats()) formats.emplace_back(format.name);
  command->add_option("-o,--output", flags->format, fmt::format("Format: {} [text]", fmt::join(formats, ", ")))
      ->type_name("FORMAT")
      ->transform(one_of(formats));
  command->add_option("--output-file", flags->output_file, "Write there instead of standard output")->type_name("FILE");
  command->add_option("--baseline", flags->lint.baseline, "Known findings, which do not count")->type_name("FILE");
  command->add_option("--write-baseline", flags->lint.write_baseline, "Take all findings as known from now on")
      ->type_name("FILE");
  command->add_flag("--show-ignored", flags->show_ignored, "Show findings that are ignored, too");
  add_color_flag(*command, flags->color);
  command->add_flag("-q,--quiet", flags->quiet, "No summary");
  command->add_flag("-v,--verbose", flags->verbose, "Name everything that was not judged");
  command->callback([flags, &exit_code] { exit_code = run(std::move(*flags)); });
}

}  // namespace plimsoll::cli
