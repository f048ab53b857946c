#include "cli/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "cli/chart_flags.h"
#include "cli/exceptions.h"
#include "cli/object_set.h"
#include "cli/pack_choice.h"
#include "engine/report/baseline.h"
#include "engine/source/parallel.h"

namespace plimsoll::cli {

namespace {

// Names files in the same way wherever the program runs: relative to the configuration's folder, else to the one that holds .git.
class FileIds {
 public:
  explicit FileIds(const Configuration& config) : root_(config.folder) {
    if (!config.file.empty()) return;
    std::error_code error;
    for (std::filesystem::path folder = root_; folder.has_relative_path(); folder = folder.parent_path()) {
      if (!std::filesystem::exists(folder / ".git", error)) continue;
      root_ = folder.string();
      return;
    }
  }

  const std::string& of(const std::string& name) {
    auto [known, is_new] = ids_.try_emplace(name);
    // A flag that sets a value is no file.
    if (is_new) known->second = name == "<stdin>" || name.starts_with("--") ? name : relative(source::absolute_path(name));
    return known->second;
  }

 private:
  std::string relative(const std::string& path) const {
    const bool within = path.starts_with(root_) && path.size() > root_.size() && path[root_.size()] == '/';
    return within ? path.substr(root_.size() + 1) : path;
  }

  std::string root_;
  std::map<std::string, std::string> ids_;
};

struct Verdict {
  std::vector<policy::Finding> findings;
  std::optional<Error> error;
  size_t rules = 0;
};

std::vector<Verdict> judge(const policy::RuleSet& rules, const std::vector<source::Object>& objects, const ObjectSet& set,
                           size_t jobs) {
  struct Worker {
    policy::EvaluationScratch scratch;
    policy::Coverage coverage;
    size_t matched = 0;
  };
  // Objects are handed out in blocks: one by one, threads would mostly wait for each other.
  constexpr size_t kBlock = 16;
  const size_t blocks = (objects.size() + kBlock - 1) / kBlock;
  const size_t threads = source::thread_count(blocks, jobs);
  std::vector<Worker> workers(threads);
  std::vector<Verdict> verdicts(objects.size());
  source::parallel_for(blocks, threads, [&](size_t block, size_t number) {
    Worker& worker = workers[number];
    for (size_t i = block * kBlock; i < std::min(objects.size(), (block + 1) * kBlock); ++i) {
      auto findings = rules.evaluate(set.context(objects[i]), worker.scratch, &worker.coverage);
      if (findings) {
        verdicts[i].findings = std::move(*findings);
      } else {
        verdicts[i].error = std::move(findings.error());
      }
      size_t matched = 0;
      for (const policy::Coverage::Rule& rule : worker.coverage.rules) matched += rule.matched;
      verdicts[i].rules = matched - worker.matched;
      worker.matched = matched;
    }
  });
  return verdicts;
}

void add_baseline(const LintOptions& options, const Configuration& config, report::Report& report) {
  const std::string path = options.baseline.empty() ? config.baseline : options.baseline;
  if (path.empty() || !options.write_baseline.empty()) return;
  const auto file = source::read_file(path, source::display_path(source::absolute_path(path), path));
  if (!file) {
    report.errors.push_back(file.error());
    return;
  }
  auto baseline = report::Baseline::read((*file)->text(), (*file)->name());
  if (!baseline) {
    report.errors.push_back(std::move(baseline.error()));
    return;
  }
  baseline->apply(report);
  if (const size_t repaired = baseline->repaired(report); repaired > 0) {
    report.warnings.push_back(fmt::format("{}: {} of {} entries are repaired; --write-baseline takes them out", (*file)->name(),
                                          repaired, baseline->size()));
  }
}

// Files that the user named, none of which holds anything to judge: one that looks like the values of a chart deserves an answer.
// `asked_for`: the rules were named, so that any mapping would have been taken for values.
void add_unknown_values(const std::vector<std::string>& paths, bool asked_for, report::Report& report) {
  std::set<std::string> told;
  for (const source::Note& note : report.notes) {
    const std::string name = std::filesystem::path(note.location.file).filename().string();
    const bool named = std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
      return source::display_path(source::absolute_path(path), path) == note.location.file;
    });
    if (note.kind != source::Note::Kind::kNoManifest || !named || name.find("values") == std::string::npos) continue;
    if (!told.insert(note.location.file).second) continue;
    if (asked_for) {
      report.errors.push_back(Error(ErrorCode::kInvalid, "holds no values: they are one document, a mapping")
                                  .in_file(note.location.file)
                                  .with_remedy("take apart what holds several documents or a list"));
      continue;
    }
    report.errors.push_back(Error(ErrorCode::kNotFound, "looks like the values of a chart, but of which one is not known")
                                .in_file(note.location.file)
                                .with_remedy("name the chart with --chart, or a pack of rules with --pack; or give the chart and "
                                             "its values under `charts` in .plimsoll.yaml"));
  }
}

// The newest version whose objects the program knows: a chart that asks is meant for a current cluster.
constexpr std::string_view kNewestKubeVersion = "v1.36.0";

Result<source::ChartOptions> chart_options(const LintOptions& options, const Configuration& config) {
  source::ChartOptions charts;
  charts.release = options.release;
  charts.release.capabilities.extra_api_versions = split_commas(options.release.capabilities.extra_api_versions);
  const auto first_of = [](std::string_view a, std::string_view b, std::string_view c) {
    return std::string(!a.empty() ? a : !b.empty() ? b : c);
  };
  charts.release.name_space = first_of(options.namespace_name, config.namespace_name, "default");
  const std::string version = first_of(options.rules.kube_version, config.kube_version, kNewestKubeVersion);
  auto kube_version = chart::parse_kube_version(version);
  if (!kube_version) {
    return std::unexpected(std::move(kube_version.error()).with_context(fmt::format("Kubernetes version \"{}\"", version)));
  }
  charts.release.capabilities.kube_version = *std::move(kube_version);
  charts.setups = config.charts;
  charts.ci_values = options.ci_values;
  charts.read_file = read_input;
  return charts;
}

void lint(const LintOptions& options, const LintStep& before_judging, report::Report& report) {
  auto config = configuration_for(options.config, options.no_config, options.paths);
  if (!config) {
    report.errors.push_back(std::move(config.error()));
    return;
  }
  report.fail_on = options.fail_on.value_or(config->fail_on.value_or(policy::Severity::kError));
  report.config = config->file.empty() ? "" : source::display_path(config->file, config->file);

  source::LoadOptions load_options = {.discover = {}, .threads = options.jobs};
  source::IgnoreList by_flag(source::absolute_path("."), "--exclude");
  for (const std::string& pattern : options.exclude) by_flag.add(pattern);
  source::IgnoreList by_config(config->folder, report.config);
  for (const std::string& pattern : config->exclude) by_config.add(pattern);
  load_options.discover.exclude = {by_config, by_flag};
  if (!config->file.empty()) load_options.discover.skip.push_back(config->file);
  auto charts = chart_options(options, *config);
  if (!charts) {
    report.errors.push_back(std::move(charts.error()));
    return;
  }
  load_options.charts = std::move(*charts);

  std::vector<std::string> paths = options.paths;
  if (paths.empty() && options.chart.empty()) {
    // Values alone, all by flags.
    paths = std::exchange(load_options.charts.release.values.files, {});
    if (paths.empty()) {
      report.errors.push_back(Error(ErrorCode::kUsage, "nothing to lint: name a file, a folder or a chart"));
      return;
    }
  }
  if (!options.chart.empty()) {
    // Values files for a chart: as if given by --values, before those that were.
    chart::ValuesFlags& values = load_options.charts.release.values;
    values.files.insert(values.files.begin(), paths.begin(), paths.end());
    paths = {options.chart};
  }
  auto matches = PackMatches::load();
  if (!matches) {
    report.errors.push_back(std::move(matches.error()));
    return;
  }
  const bool asked_for = !options.rules.packs.empty() || !options.rules.policies.empty();
  load_options.is_values = [&](const Value& root, bool named) -> std::optional<Value> {
    if (named && asked_for) return matches->known_values(options.rules.packs);
    return matches->values_like(root);
  };

  source::Set set = source::load(paths, load_options);
  report.errors = std::move(set.errors);
  report.notes = std::move(set.notes);
  report.texts = std::move(set.texts);
  report.warnings = std::move(set.warnings);
  report.files = set.files;
  report.charts = set.charts;
  report.renders = std::move(set.renders);
  const bool values_alone = set.charts == 0 && std::any_of(set.objects.begin(), set.objects.end(),
                                                           [](const source::Object& object) { return object.is_pseudo(); });
  if (set.objects.empty() && report.errors.empty()) add_unknown_values(paths, asked_for, report);
  if (set.charts == 0 && !values_alone && report.errors.empty() && (!options.release.values.empty() || options.ci_values)) {
    report.errors.push_back(Error(ErrorCode::kUsage, fmt::format("values are given, but there is no chart in {}",
                                                                 fmt::join(options.paths, ", ")))
                                .with_remedy("name a folder with a Chart.yaml, or a packed chart (.tgz)"));
  }
  report.documents = set.documents;
  report.other_files = set.other_files;
  if (set.objects.empty() && set.expects_objects && report.errors.empty()) {
    report.errors.push_back(Error(ErrorCode::kNotFound, fmt::format("no Kubernetes object in {}",
                                                                     fmt::join(options.paths, ", ")))
                                .with_remedy("--verbose names what was passed over"));
  }

  auto selected = select_rules(options.rules, *config, *matches, set.objects);
  if (!selected) {
    report.errors.push_back(std::move(selected.error()));
    return;
  }
  report.packs = std::move(selected->packs);
  report.rule_set = selected->rules;
  for (const policy::RuleInfo& rule : selected->rules->rules()) report.rules.push_back(&rule);

  const chart::KubeVersion& version = load_options.charts.release.capabilities.kube_version;
  const std::string kube_version = fmt::format("{}.{}", version.major, version.minor);
  std::shared_ptr<const schema::KubernetesTypes> types;
  if (!options.raw && !config->raw) {
    auto loaded = schema::KubernetesTypes::load(kube_version);
    if (!loaded) {
      report.errors.push_back(std::move(loaded.error()));
      return;
    }
    types = std::move(*loaded);
  }
  const std::string& namespace_name = options.namespace_name.empty() ? config->namespace_name : options.namespace_name;
  if (before_judging) {
    LintInput input{*config, *selected->rules, set.objects, namespace_name, kube_version};
    before_judging(input, report);
  }
  const ObjectSet judged_set(set.objects, namespace_name, std::move(types));
  std::vector<Verdict> verdicts = judge(*selected->rules, set.objects, judged_set, options.jobs);

  const policy::Severity lowest = options.severity.value_or(config->severity.value_or(policy::Severity::kInfo));
  FileIds file_ids(*config);
  std::set<std::string> rule_errors;  // a rule at fault is so for every object
  report.objects.reserve(set.objects.size());
  // A release, its chart and its values are objects to those rules only that ask for them.
  const auto is_idle = [&](size_t i) { return set.objects[i].is_pseudo() && verdicts[i].rules == 0; };
  std::vector<source::Object> judged_objects;  // as report.objects
  for (size_t i = 0; i < set.objects.size(); ++i) {
    const source::Object& object = set.objects[i];
    if (is_idle(i) && !verdicts[i].error) continue;
    report::Judged judged = {.subject = report::subject_of(object),
                             .location = object.locate({}).primary.location(),
                             .file_id = {},
                             .rules = verdicts[i].rules};
    judged.file_id = file_ids.of(judged.location.file);
    for (policy::Finding& finding : verdicts[i].findings) {
      if (finding.severity < lowest) {
        ++report.below_severity;
        continue;
      }
      report.findings.push_back(report::make_finding(std::move(finding), object, judged_objects.size(), judged.file_id));
    }
    if (verdicts[i].error && rule_errors.insert(verdicts[i].error->to_string()).second) {
      report.errors.push_back(std::move(*verdicts[i].error));
    }
    report.objects.push_back(std::move(judged));
    judged_objects.push_back(object);
  }
  // Rules of no pack, known once they found something.
  for (const report::Finding& finding : report.findings) {
    if (std::ranges::find(report.rules, finding.rule) == report.rules.end()) report.rules.push_back(finding.rule);
  }
  apply_exceptions(*config, judged_objects, today(), report);
  report::sort_findings(report);
  report::merge_variants(report);
  add_baseline(options, *config, report);
}

}  // namespace

report::Report run_lint(const LintOptions& options, const LintStep& before_judging) {
  const auto start = std::chrono::steady_clock::now();
  report::Report report;
  report.paths = options.paths;
  lint(options, before_judging, report);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace plimsoll::cli
