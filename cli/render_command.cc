#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "cli/chart_flags.h"
#include "cli/command.h"
#include "cli/enforce.h"
#include "cli/enforce_output.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "engine/chart/load.h"
#include "engine/chart/release.h"
#include "engine/chart/source_map.h"
#include "engine/chart/template_output.h"

namespace plimsoll::cli {

namespace {

namespace fs = std::filesystem;

struct Flags {
  std::vector<std::string> positional;
  ChartFlags chart;
  chart::OutputOptions output;
  std::string output_dir;
  bool release_name_in_path = false;
  bool no_hooks = false;
  bool skip_tests = false;
  bool skip_crds = false;
  bool generate_name = false;
  std::string name_template;
  bool annotate = false;
  std::string source_map;
  bool enforce = false;
  bool diff = false;
  std::string format = "yaml";
  std::string color = "auto";
  EnforceOptions rules;
};

// Helm's own words and form, so that scripts that read them keep working; then what Helm does not say.
int fail(const Error& error, bool while_rendering = false, const std::vector<std::string>& details = {},
         const std::vector<Error>& violations = {}) {
  std::string text = "Error: " + error.message();
  if (while_rendering) text += "\n\nUse --debug flag to render out invalid YAML";
  print_bare(text);
  if (error.location().known()) print_bare("  at " + error.location().to_string());
  for (const std::string& detail : details) print_bare("  " + detail);
  for (const Error& violation : violations) print_bare("  " + violation.to_string());
  if (!error.remedy().empty()) print_bare("  help: " + error.remedy());
  return kFindings;  // helm's exit code for every failure
}

// NAME and CHART from the arguments, as helm takes them.
Result<std::string> choose_chart(Flags& flags) {
  const std::vector<std::string>& args = flags.positional;
  if (args.size() > 2) {
    return plimsoll::fail(ErrorCode::kUsage, "expected at most two arguments, unexpected arguments: " +
                                                 fmt::format("{}", fmt::join(args.begin() + 2, args.end(), ", ")));
  }
  if (args.size() == 2) {
    if (flags.generate_name) {
      return plimsoll::fail(ErrorCode::kUsage, "cannot set --generate-name and also specify a name");
    }
    if (!flags.name_template.empty()) {
      return plimsoll::fail(ErrorCode::kUsage, "cannot set --name-template and also specify a name");
    }
    flags.chart.release.name = args[0];
    return args[1];
  }
  if (!flags.name_template.empty()) {
    PLIMSOLL_ASSIGN_OR_RETURN(flags.chart.release.name, chart::release_name(flags.name_template, *flags.chart.host()));
  }
  return args[0];
}

int write_folder(const Flags& flags, const chart::SortedManifests& manifests, const std::vector<chart::RenderedFile>& crds) {
  fs::path folder = flags.output_dir;
  if (flags.release_name_in_path) folder /= flags.chart.release.name;
  std::vector<std::string> written;
  for (const chart::OutputWrite& write : chart::output_writes(manifests, crds, flags.output)) {
    const fs::path path = folder / write.name;
    std::error_code code;
    fs::create_directories(path.parent_path(), code);
    const bool again = std::find(written.begin(), written.end(), write.name) != written.end();
    if (auto done = again ? append_file(path.string(), write.text) : write_file(path.string(), write.text); !done) {
      print_error(done.error());
      return kFindings;
    }
    written.push_back(write.name);
    if (const int code_out = print("wrote " + flags.output_dir + "/" +
                                   (flags.release_name_in_path ? flags.chart.release.name + "/" : "") + write.name + "\n");
        code_out != kClean) {
      return code_out;
    }
  }
  return print("\n");
}

// What the rules changed, and what they leave to people: the latter on standard error, and in the exit code.
int run_enforced(const Flags& flags, const chart::Release& release) {
  const Result<Enforced> enforced = enforce(release, flags.rules);
  if (!enforced) {
    print_error(enforced.error());
    return kFailure;
  }
  const std::string_view format = flags.diff ? "diff" : flags.format;
  int code = kClean;
  if (format == "diff") {
    code = print(enforcement_diff(*enforced, use_color(color_mode(flags.color))));
  } else if (format == "json") {
    code = print(enforcement_json(*enforced));
  } else if (!flags.output_dir.empty()) {
    code = write_folder(flags, enforced->manifests, enforced->crds);
  } else {
    const auto output = chart::template_output(enforced->manifests, enforced->crds, flags.output);
    if (!output) return fail(output.error());
    code = print(output->text);
  }
  for (const std::string& line : enforcement_problems(*enforced)) print_message(line);
  return code != kClean ? code : enforcement_failed(*enforced) ? kFindings : kClean;
}

int run(Flags flags) {
  const Result<std::string> path = choose_chart(flags);
  if (!path) return fail(path.error());
  flags.output.hooks = !flags.no_hooks;
  flags.output.tests = !flags.skip_tests;
  flags.chart.release.crds = flags.output.include_crds || flags.enforce;
  flags.chart.release.trace = flags.annotate || !flags.source_map.empty();
  auto rendered = render_chart(flags.chart, *path);
  if (!rendered) {
    const chart::RenderError& error = rendered.error();
    return fail(error.error, error.while_rendering, error.details, error.violations);
  }
  const chart::Release& release = **rendered;
  if (flags.enforce) {
    flags.rules.chart = *path;
    flags.rules.namespace_name = flags.chart.release.name_space;
    flags.rules.rules.kube_version = flags.chart.kube_version;
    return run_enforced(flags, release);
  }
  if (!flags.output_dir.empty()) return write_folder(flags, release.manifests(), release.crds());

  const auto output = chart::template_output(release.manifests(), release.crds(), flags.output);
  if (!output) return fail(output.error());
  if (flags.chart.release.trace) {
    const std::vector<chart::MappedLine> lines = chart::map_lines(release, *output);
    if (!flags.source_map.empty()) {
      if (auto written = write_file(flags.source_map, chart::source_map_json(lines)); !written) {
        print_error(written.error());
        return kFindings;
      }
    }
    if (flags.annotate) return print(chart::annotate(output->text, lines));
  }
  return print(output->text);
}

// Flags of helm template that change nothing here, so that a script needs no other change.
void add_ignored_flags(CLI::App& command) {
  static constexpr const char* kSwitches[] = {
      "--atomic",    "--create-namespace", "--dependency-update", "--devel", "--disable-openapi-validation", "--enable-dns",
      "--force",     "--hide-notes",       "--insecure-skip-tls-verify", "--pass-credentials", "--plain-http", "--replace",
      "--take-ownership", "--verify",      "--wait",              "--wait-for-jobs", "--render-subchart-notes", "--debug"};
  for (const char* name : kSwitches) command.add_flag(name)->group("");
  static constexpr const char* kOptions[] = {"--ca-file",  "--cert-file", "--description", "--key-file",
                                             "--keyring",  "--labels,-l", "--password",    "--timeout", "--username", "--version"};
  for (const char* name : kOptions) {
    command.add_option(name)->group("")->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  command.add_flag("--dry-run{client}")->group("")->expected(0, 1);
}

}  // namespace

void add_render_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("render", "Render a chart as helm template does");
  command->footer(
      "Takes helm template's flags and prints what it prints. Exit code: 0 rendered, 1 not.\n"
      "With --enforce, what mutating rules make of it: 0 all compliant, 1 something remains to be settled by people (standard error\n"
      "names it), 2 a rule or the configuration is broken.");
  // The last one wins, as with helm.
  constexpr auto kLast = CLI::MultiOptionPolicy::TakeLast;
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME CHART", flags->positional, "Name of the release [release-name], and a chart's folder or .tgz")
      ->required();
  add_chart_flags(*command, flags->chart);
  command->add_flag("--include-crds", flags->output.include_crds, "Print crds/, too");
  command->add_flag("--skip-crds", flags->skip_crds, "Leave out crds/ (as without --include-crds)");
  command->add_flag("--no-hooks", flags->no_hooks, "Leave out hooks");
  command->add_flag("--skip-tests", flags->skip_tests, "Leave out test hooks");
  add_repeated(*command, "-s,--show-only", flags->output.show_only, "Only manifests of these templates")->type_name("GLOB");
  command->add_option("--output-dir", flags->output_dir, "Write files there instead of standard output")
      ->type_name("DIR")
      ->multi_option_policy(kLast);
  command->add_flag("--release-name", flags->release_name_in_path, "Put the release's name into the path of --output-dir");
  command->add_flag("-g,--generate-name", flags->generate_name, "Take release-name as the name");
  command->add_option("--name-template", flags->name_template, "Template of the release's name")
      ->type_name("TEMPLATE")
      ->multi_option_policy(kLast);
  command->add_flag("--annotate", flags->annotate, "Print each line with its origin");
  command->add_option("--source-map", flags->source_map, "Write the origin of each line there, as JSON")
      ->type_name("FILE")
      ->multi_option_policy(kLast);
  CLI::Option* enforce = command->add_flag("--enforce", flags->enforce, "Let mutating rules make the manifests compliant");
  command->add_flag("--diff", flags->diff, "Print what rules changed instead, as --output diff")->needs(enforce);
  command->add_option("--output", flags->format, "With --enforce: yaml, diff, or json [yaml]")
      ->type_name("FORMAT")
      ->transform(one_of({"yaml", "diff", "json"}))
      ->needs(enforce);
  add_rule_choice_flags(*command, flags->rules.rules, flags->rules.config, flags->rules.no_config);
  add_color_flag(*command, flags->color);
  for (const char* name : {"--annotate", "--source-map"}) command->get_option(name)->excludes(enforce);
  add_ignored_flags(*command);
  command->callback([flags, &exit_code] { exit_code = run(std::move(*flags)); });
}

}  // namespace plimsoll::cli
