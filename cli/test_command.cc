#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/command.h"
#include "cli/flags.h"
#include "engine/policy/case_runner.h"
#include "engine/report/summary.h"
#include "engine/report/xml.h"

// `plimsoll test [DIR]`: do the rules of packs find what their cases say, and does a case try each of them?
namespace plimsoll::cli {

namespace {

struct Flags {
  std::string folder;
  std::string format = "text";
  std::string output_file;
  bool quiet = false;
};

// The packs of a folder: the folder itself, or those in it.
Result<std::vector<policy::PackReport>> test_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::string> packs;
  if (fs::exists(fs::path(folder) / "pack.yaml", error)) {
    packs.push_back(folder);
  } else {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      if (fs::exists(entry.path() / "pack.yaml", error)) packs.push_back(entry.path().string());
    }
    std::sort(packs.begin(), packs.end());
  }
  if (packs.empty()) {
    return std::unexpected(Error(ErrorCode::kNotFound, "neither has a pack.yaml nor folders that have one").in_file(folder));
  }
  std::vector<policy::PackReport> reports;
  for (const std::string& pack : packs) {
    PLIMSOLL_ASSIGN_OR_RETURN(const policy::PackFiles files, policy::PackFiles::read_folder(pack));
    PLIMSOLL_ASSIGN_OR_RETURN(policy::PackReport report, policy::run_cases(files, files.packs().front()));
    reports.push_back(std::move(report));
  }
  return reports;
}

Result<std::vector<policy::PackReport>> test_built_in() {
  const policy::PackFiles files = policy::PackFiles::built_in();
  std::vector<policy::PackReport> reports;
  for (const std::string_view pack : files.packs()) {
    PLIMSOLL_ASSIGN_OR_RETURN(policy::PackReport report, policy::run_cases(files, pack));
    reports.push_back(std::move(report));
  }
  return reports;
}

struct Totals {
  size_t passed = 0, failed = 0, rules = 0, validations = 0, covered = 0;
};

// A rule that no case tries may say anything: it counts as failed.
std::string missing_cases(const policy::RuleReport& rule) {
  const std::vector<std::string_view> missing = rule.missing();
  return missing.empty() ? std::string() : fmt::format("has no {} case", fmt::join(missing, " and no "));
}

// "2 pass, 3 fail, 1 mutate"
std::string case_counts(const policy::RuleReport& rule) {
  std::vector<std::string> counts;
  if (rule.rule.validations > 0) counts = {fmt::format("{} pass", rule.pass_cases), fmt::format("{} fail", rule.fail_cases)};
  if (rule.rule.mutations > 0) counts.push_back(fmt::format("{} mutate", rule.mutate_cases));
  return fmt::format("{}", fmt::join(counts, ", "));
}

Totals totals_of(const std::vector<policy::PackReport>& reports) {
  Totals totals;
  for (const policy::PackReport& pack : reports) {
    totals.failed += pack.faults.size();
    for (const policy::RuleReport& rule : pack.rules) {
      ++totals.rules;
      totals.validations += rule.violated.size();
      totals.covered += static_cast<size_t>(std::count(rule.violated.begin(), rule.violated.end(), true));
      if (!rule.missing().empty()) ++totals.failed;
      for (const policy::CaseResult& result : rule.cases) ++(result.failure.empty() ? totals.passed : totals.failed);
    }
  }
  return totals;
}

std::string as_text(const std::vector<policy::PackReport>& reports, bool quiet) {
  std::string out;
  for (const policy::PackReport& pack : reports) {
    size_t width = 0;
    for (const policy::RuleReport& rule : pack.rules) width = std::max(width, rule.rule.id.size());
    if (!quiet) out += fmt::format("{} - {}\n", pack.pack, pack.title);
    for (const std::string& fault : pack.faults) out += fmt::format("  FAIL {}\n", fault);
    for (const policy::RuleReport& rule : pack.rules) {
      const auto covered = static_cast<size_t>(std::count(rule.violated.begin(), rule.violated.end(), true));
      if (!quiet) {
        out += fmt::format("  {:<{}}  {}", rule.rule.id, width, case_counts(rule));
        if (covered < rule.violated.size()) out += fmt::format("; validations made false: {} of {}", covered, rule.violated.size());
        out += '\n';
      }
      if (const std::string missing = missing_cases(rule); !missing.empty()) {
        out += fmt::format("  FAIL {}: {}\n", rule.rule.qualified_id(), missing);
      }
      for (const policy::CaseResult& result : rule.cases) {
        if (!result.failure.empty()) out += fmt::format("  FAIL {}: {}\n", result.path, result.failure);
      }
    }
    if (!quiet) out += '\n';
  }
  const Totals totals = totals_of(reports);
  return out + fmt::format("{} passed, {} failed; {}, {} of {} were made false by a case\n", totals.passed, totals.failed,
                           report::plural(totals.rules, "rule"), totals.covered, report::plural(totals.validations, "validation"));
}

std::string as_junit(const std::vector<policy::PackReport>& reports) {
  using report::xml_escape;
  const Totals totals = totals_of(reports);
  std::string suites;
  for (const policy::PackReport& pack : reports) {
    std::string cases;
    size_t tests = 0;
    size_t failures = 0;
    const auto add = [&](const std::string& rule, const std::string& name, const std::string& failure) {
      ++tests;
      cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml_escape(rule), xml_escape(name));
      if (failure.empty()) {
        cases += "/>\n";
      } else {
        ++failures;
        cases += fmt::format(">\n      <failure message=\"{}\"/>\n    </testcase>\n", xml_escape(failure));
      }
    };
    for (const std::string& fault : pack.faults) add(pack.pack, "params.yaml", fault);
    for (const policy::RuleReport& rule : pack.rules) {
      const std::string id = rule.rule.qualified_id();
      if (!rule.missing().empty()) add(id, "has cases of each kind", missing_cases(rule));
      for (const policy::CaseResult& result : rule.cases) add(id, result.name, result.failure);
    }
    suites += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n{}  </testsuite>\n", xml_escape(pack.pack), tests,
                          failures, cases);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"plimsoll test\" tests=\"{}\" failures=\"{}\">\n{}</testsuites>\n",
      totals.passed + totals.failed, totals.failed, suites);
}

int run(const Flags& flags) {
  const auto reports = flags.folder.empty() ? test_built_in() : test_folder(flags.folder);
  if (!reports) {
    print_error(reports.error());
    return kFailure;
  }
  const std::string text = flags.format == "junit" ? as_junit(*reports) : as_text(*reports, flags.quiet);
  const ExitCode code = totals_of(*reports).failed == 0 ? kClean : kFindings;
  if (flags.output_file.empty()) return print(text, code);
  if (const auto written = write_file(flags.output_file, text); !written) {
    print_error(written.error());
    return kFailure;
  }
  return code;
}

}  // namespace

void add_test_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("test", "Run the cases of rule packs");
  command->footer(
      "A pack's folder holds pack.yaml and, for each rule, policy.yaml, maybe mutation.yaml, and cases/{pass,fail,mutate}.*.yaml.\n"
      "Exit code: 0 all cases hold and every rule has cases of what it does, 1 not so, 2 a pack cannot be loaded.");
  auto flags = std::make_shared<Flags>();
  command->add_option("DIR", flags->folder, "A pack's folder, or one that holds packs [the built-in packs]");
  command->add_option("-o,--output", flags->format, "text or junit [text]")->type_name("FORMAT")->transform(one_of({"text", "junit"}));
  command->add_option("--output-file", flags->output_file, "Write there instead of standard output")->type_name("FILE");
  command->add_flag("-q,--quiet", flags->quiet, "Failures and the summary only");
  command->callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace plimsoll::cli
