#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/fix.h"
#include "cli/flags.h"
#include "cli/lint_flags.h"
#include "cli/output.h"
#include "cli/secret_mask.h"
#include "engine/report/summary.h"
#include "engine/report/terminal.h"
#include "engine/source/atomic_write.h"
#include "engine/value/unified_diff.h"

namespace plimsoll::cli {

namespace {

struct Flags {
  FixOptions fix;
  std::string fail_on;
  bool write = false;
  bool dry_run = false;
  bool quiet = false;
};

std::string names(const std::vector<const policy::RuleInfo*>& rules) {
  std::string text;
  for (const policy::RuleInfo* rule : rules) text += (text.empty() ? " [" : ", ") + rule->qualified_id();
  return text.empty() ? text : text + "]";
}

std::string path_text(const Path& path) { return path.empty() ? "" : ": " + path.to_string(); }

// What stays as it is, and why.
std::vector<std::string> remains(const Fix& fix) {
  std::vector<std::string> lines;
  for (const RefusedFix& refused : fix.refused) {
    const Location& place = refused.reason.location();
    lines.push_back(fmt::format("{}{}not fixed: {}{}: {}{}", place.to_string(), place.file.empty() ? "" : ": ", refused.subject.description(),
                                path_text(refused.path), report::visible(refused.reason.message()), names(refused.rules)));
  }
  for (const report::Finding& finding : fix.report.findings) {
    if (finding.suppression) continue;
    lines.push_back(fmt::format("{}: {}: {} [{}]", finding.location().to_string(), policy::severity_name(finding.severity),
                                report::visible(finding.message), finding.rule->qualified_id()));
    const bool has_mutation = finding.rule->mutations > 0;
    if (has_mutation) continue;
    lines.push_back(fmt::format("     = no automatic fix: {}", finding.rule->remediation.empty()
                                                                   ? "the rule says nothing about it"
                                                                   : report::wrap(report::visible(finding.rule->remediation), 110, "       ")));
  }
  return lines;
}

std::string diff_of(const std::vector<source::FileEdit>& edits) {
  std::string diff;
  for (const source::FileEdit& edit : edits) {
    const bool absolute = edit.name.starts_with('/');
    const std::string before = absolute ? edit.name : "a/" + edit.name;
    const std::string after = absolute ? edit.name : "b/" + edit.name;
    diff += unified_diff(without_secrets(edit.before), without_secrets(edit.after), {.before_name = before, .after_name = after});
  }
  return diff;
}

// Paths below which files may be written: what the user named.
std::vector<std::string> roots_of(const FixOptions& options) {
  std::vector<std::string> roots = options.lint.paths;
  const std::vector<std::string>& values = options.lint.release.values.files;
  roots.insert(roots.end(), values.begin(), values.end());
  if (!options.lint.chart.empty()) roots.push_back(options.lint.chart);
  roots.emplace_back(".");
  return roots;
}

size_t count_objects(const std::vector<FixedField>& fields) {
  std::vector<std::string> subjects;
  for (const FixedField& field : fields) subjects.push_back(field.subject.description());
  std::sort(subjects.begin(), subjects.end());
  return static_cast<size_t>(std::unique(subjects.begin(), subjects.end()) - subjects.begin());
}

int run(Flags flags) {
  if (!flags.fail_on.empty()) flags.fix.lint.fail_on = policy::parse_severity(flags.fail_on);
  if (std::find(flags.fix.lint.paths.begin(), flags.fix.lint.paths.end(), "-") != flags.fix.lint.paths.end() && flags.write) {
    print_error(Error(ErrorCode::kUsage, "standard input cannot be written").with_remedy("leave out --write: the diff is printed"));
    return kFailure;
  }
  Fix fix = plan_fix(flags.fix);
  bool failed = false;
  size_t written = 0;
  if (flags.write) {
    const std::vector<std::string> roots = roots_of(flags.fix);
    for (const source::FileEdit& edit : fix.edits) {
      if (auto done = source::replace_file(edit.name, edit.before, edit.after, roots); !done) {
        print_error(done.error());
        failed = true;
        continue;
      }
      ++written;
    }
    // Lines have moved: the places of what remains are looked for in what was written.
    if (written > 0) {
      FixOptions again = flags.fix;
      report::Report report = run_lint(again.lint);
      std::erase_if(report.findings, [&](const report::Finding& finding) { return !is_asked_for(again, *finding.rule); });
      fix.report = std::move(report);
    }
  } else if (const int code = print(diff_of(fix.edits)); code != kClean) {
    return code;
  }
  for (const Error& error : fix.report.errors) print_error(error);
  for (const std::string& warning : fix.report.warnings) print_message("warning: " + warning);
  for (const std::string& line : remains(fix)) print_bare(line);
  if (!flags.quiet) {
    const std::string what = fmt::format("{} of {} in {}", report::plural(fix.fixed.size(), "field"),
                                         report::plural(count_objects(fix.fixed), "object"), report::plural(fix.edits.size(), "file"));
    const size_t left = fix.report.counts().total();
    const std::string rest = left == 0 && fix.refused.empty() ? "nothing remains"
                             : fix.refused.empty()
                                 ? fmt::format("{} remain{}", report::plural(left, "finding"), left == 1 ? "s" : "")
                                 : fmt::format("{} remain{}, {} could not be edited", report::plural(left, "finding"), left == 1 ? "s" : "",
                                               report::plural(fix.refused.size(), "field"));
    print_message(fix.edits.empty() ? fmt::format("nothing can be fixed; {}", rest)
                  : flags.write     ? fmt::format("{} fixed; {}", what, rest)
                                      : fmt::format("{} can be fixed, --write does; {} then", what, rest));
  }
  if (failed || !fix.report.errors.empty()) return kFailure;
  const bool unwritten = !flags.write && !fix.edits.empty();
  return unwritten || !fix.refused.empty() || fix.report.failed() ? kFindings : kClean;
}

}  // namespace

void add_fix_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("fix", "Edit manifests, values files and templates so that rules are met");
  command->footer(
      "Prints a diff of what can be fixed, and what cannot and why; --write edits the files. Edits touch nothing but what changes.\n"
      "Exit code: 0 nothing to fix, or all fixed and written; 1 something remains, or is not written; 2 not all could be done.");
  auto flags = std::make_shared<Flags>();
  command->add_option("PATH", flags->fix.lint.paths, "Files, folders, charts, values files, or - for standard input");
  auto* write = command->add_flag("--write", flags->write, "Write the files, each whole or not at all");
  command->add_flag("--dry-run", flags->dry_run, "Print a unified diff and write nothing (as without --write)")->excludes(write);
  add_repeated(*command, "--rule", flags->fix.rules, "Fix what this rule finds, and no other")->type_name("RULE");
  add_rule_flags(*command, flags->fix.lint.rules, flags->fix.lint.config, flags->fix.lint.no_config);
  add_input_flags(*command, flags->fix.lint);
  command->add_option("--fail-on", flags->fail_on, "Least severity of what remains that makes the exit code 1 [error]")
      ->type_name("LEVEL")
      ->transform(one_of({"error", "warning", "info"}));
  command->add_flag("-q,--quiet", flags->quiet, "No summary");
  command->callback([flags, &exit_code] { exit_code = run(std::move(*flags)); });
}

}  // namespace plimsoll::cli
