#include "engine/source/chart_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "engine/chart/load.h"
#include "engine/source/release_object.h"
#include "engine/source/rendered_chart.h"
#include "engine/source/values_place.h"
#include "engine/template/host.h"

namespace plimsoll::source {

namespace {

// chart-testing's convention: ci/*-values.yaml.
bool is_ci_values(std::string_view name) {
  return name.starts_with("ci/") && name.ends_with("-values.yaml") && name.find('/', 3) == std::string_view::npos;
}

class ChartReader {
 public:
  ChartReader(const SourceFile& source, const ChartOptions& options) : source_(source), options_(options) {}

  Manifests run() {
    chart::Warnings warnings;
    auto chart = chart::load(source_.name, warnings);
    add_warnings(warnings);
    if (!chart) {
      add_error(std::move(chart.error()));
      return std::move(manifests_);
    }
    if ((*chart)->metadata.type == "library") {
      manifests_.notes.push_back({Note::Kind::kLibrary, {.file = source_.name}, "a library chart, which renders nothing itself"});
      return std::move(manifests_);
    }
    chart_ = *std::move(chart);
    const std::vector<ValueSet> sets = value_sets();
    for (size_t i = 0; i < sets.size(); ++i) render(sets[i], i == 0, sets.size() > 1);
    std::sort(manifests_.warnings.begin(), manifests_.warnings.end());
    manifests_.warnings.erase(std::unique(manifests_.warnings.begin(), manifests_.warnings.end()), manifests_.warnings.end());
    return std::move(manifests_);
  }

 private:
  const ChartSetup* setup() const {
    const std::string path = absolute_path(source_.path);
    const auto found = std::find_if(options_.setups.begin(), options_.setups.end(),
                                    [&](const ChartSetup& candidate) { return candidate.path == path; });
    return found == options_.setups.end() ? nullptr : &*found;
  }

  std::vector<ValueSet> value_sets() {
    const chart::Chart& chart = *chart_;
    std::vector<ValueSet> sets = {{"", options_.release.values}};
    if (const ChartSetup* own = setup(); own != nullptr && !own->sets.empty() && options_.release.values.empty()) {
      sets = own->sets;
    }
    if (!options_.ci_values) return sets;
    std::vector<std::string> files;
    for (const chart::File& file : chart.files) {
      if (is_ci_values(file.name)) files.push_back(chart.path + "/" + file.name);
    }
    // Often .helmignore keeps them out of the chart.
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(chart.path + "/ci", code)) {
      std::string file = chart.path + "/ci/" + entry.path().filename().string();
      const bool known = std::find(files.begin(), files.end(), file) != files.end();
      if (!known && is_ci_values(file.substr(chart.path.size() + 1))) files.push_back(std::move(file));
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) {
      manifests_.notes.push_back({Note::Kind::kNoCiValues, {.file = source_.name}, "has no ci/*-values.yaml to render with"});
      return sets;
    }
    std::vector<ValueSet> all;
    for (const ValueSet& set : sets) {
      for (const std::string& file : files) {
        const std::string name = file.substr(chart.path.size() + 1);
        ValueSet with = set;
        with.name = set.name.empty() ? name : set.name + " and " + name;
        with.values.files.push_back(file);
        all.push_back(std::move(with));
      }
    }
    return all;
  }

  void render(const ValueSet& set, bool first, bool several) {
    chart::ReleaseOptions release_options = options_.release;
    release_options.values = set.values;
    release_options.trace = true;
    if (const ChartSetup* own = setup()) {
      if (!own->release.empty()) release_options.name = own->release;
      if (!own->name_space.empty()) release_options.name_space = own->name_space;
    }
    tmpl::SystemHost random;
    tmpl::SystemHost seeded(options_.seed.value_or(0));
    tmpl::SystemHost& host = options_.seed ? seeded : random;
    chart::Warnings warnings;
    // Values files within an archive are read from there.
    const chart::FileReader read_file = [&](std::string_view path) -> Result<std::string> {
      for (const chart::File& file : chart_->files) {
        if (path == chart_->path + "/" + file.name) return file.data;
      }
      return options_.read_file(path);
    };
    auto release = chart::render(chart_, std::move(release_options), host, read_file, warnings);
    add_warnings(warnings);
    const std::string variant = several ? set.name : "";
    if (!release) {
      // What is wrong with the values may be the cause: they are judged all the same.
      if (release.error().release) add_release_objects(release.error().release, variant, false, 0, manifests_);
      add_error(std::move(release.error()), variant);
      return;
    }
    const size_t first_object = manifests_.objects.size();
    const auto chart = std::make_shared<RenderedChart>(std::move(*release), variant);
    add_objects(chart, first, manifests_);
    add_release_objects(chart->shared_release(), variant, true, first_object, manifests_);
    if (several) manifests_.renders.push_back(source_.name + " with " + set.name);
  }

  void add_warnings(const chart::Warnings& warnings) {
    for (const std::string& warning : warnings) manifests_.warnings.push_back(source_.name + ": " + warning);
  }

  void add_error(chart::RenderError failure, const std::string& set) {
    for (Error& violation : failure.violations) {
      const std::string context = "values" + (set.empty() ? "" : " of " + set) + " do not meet the schema of the chart";
      add_text_of(violation.location().file);
      manifests_.errors.push_back(std::move(violation).with_context(context).in_file(source_.name));
    }
    if (!failure.violations.empty()) return;
    const Error& cause = failure.error;
    std::string message = "cannot be rendered" + (set.empty() ? "" : " with " + set) + ": " + cause.message();
    for (const std::string& detail : failure.details) message += "\n" + detail;
    Error error = Error(cause.code(), std::move(message)).with_remedy(cause.remedy());
    if (!failure.while_rendering && cause.location().known()) {
      // A values file, or Chart.yaml.
      add_text_of(cause.location().file);
      Error located = std::move(error).at(cause.location().line, cause.location().column).in_file(cause.location().file);
      manifests_.errors.push_back(std::move(located).in_file(source_.name));
      return;
    }
    if (failure.while_rendering && !failure.in_rendered_text && add_template_place(error)) return;
    manifests_.errors.push_back(std::move(error).in_file(source_.name));
  }

  // Makes excerpts of a values file possible.
  void add_text_of(const std::string& file) {
    const auto known = [&](const auto& text) { return text->name() == file; };
    if (file.empty() || file == "-" || std::any_of(manifests_.texts.begin(), manifests_.texts.end(), known)) return;
    if (auto text = read_file(file, file)) manifests_.texts.push_back(*std::move(text));
  }

  // Helm's words name templates and lines; the innermost comes last. False: none of them is a file of this chart.
  bool add_template_place(Error& error) {
    if (!chart_) return false;
    const std::string prefix = chart_->name() + "/";
    const std::string& message = error.message();
    for (size_t at = message.rfind(prefix); at != std::string::npos && at > 0; at = message.rfind(prefix, at - 1)) {
      const size_t colon = message.find(':', at);
      if (colon == std::string::npos) continue;
      const auto number = [&](size_t from, size_t& end) {
        uint32_t value = 0;
        for (end = from; end < message.size() && end - from < 9 && message[end] >= '0' && message[end] <= '9'; ++end) {
          value = value * 10 + static_cast<uint32_t>(message[end] - '0');
        }
        return value;
      };
      size_t end = 0;
      const uint32_t line = number(colon + 1, end);
      if (line == 0) continue;
      const uint32_t column = end < message.size() && message[end] == ':' ? number(end + 1, end) : 0;
      const std::string name = message.substr(at + prefix.size(), colon - at - prefix.size());
      const auto file = std::find_if(chart_->templates.begin(), chart_->templates.end(),
                                     [&](const chart::File& candidate) { return candidate.name == name; });
      if (file == chart_->templates.end()) continue;
      const std::string path = chart_->path + "/" + name;
      const std::string shown = shown_path(path);
      manifests_.texts.push_back(std::make_shared<File>(shown, file->data));
      manifests_.errors.push_back(std::move(error).at(line, column).in_file(shown));
      return true;
    }
    return false;
  }
  void add_error(Error error) { add_error(chart::RenderError{std::move(error)}, ""); }

  const SourceFile& source_;
  const ChartOptions& options_;
  std::shared_ptr<const chart::Chart> chart_;
  Manifests manifests_;
};

}  // namespace

Manifests read_chart(const SourceFile& source, const ChartOptions& options) { return ChartReader(source, options).run(); }

}  // namespace plimsoll::source
