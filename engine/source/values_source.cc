#include "engine/source/values_source.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>

#include "engine/source/release_object.h"

namespace plimsoll::source {

namespace {

namespace fs = std::filesystem;

bool is_base(const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  return name == "values.yaml" || name == "values.yml";
}

// The chart that a values file lies in; empty if there is none.
std::string chart_beside(const std::string& path) {
  std::error_code error;
  const fs::path folder = fs::path(path).parent_path();
  if (fs::exists(folder / "Chart.yaml", error)) return folder.string();
  const bool ci = folder.filename() == "ci" && fs::exists(folder.parent_path() / "Chart.yaml", error);
  return ci ? folder.parent_path().string() : std::string();
}

// The chart with a set of values that names this file; nullptr if no set does.
const ChartSetup* configured_for(const std::string& path, const ChartOptions& options, ChartSetup& only) {
  for (const ChartSetup& setup : options.setups) {
    only = setup;
    std::erase_if(only.sets, [&](const ValueSet& set) {
      return std::none_of(set.values.files.begin(), set.values.files.end(),
                          [&](const std::string& file) { return absolute_path(file) == path; });
    });
    if (!only.sets.empty()) return &setup;
  }
  return nullptr;
}

class Sorter {
 public:
  Sorter(const ChartOptions& options, const IsValues& is_values) : options_(options), is_values_(is_values) {}

  ValuesResult run(std::vector<LooseFile> files) {
    for (LooseFile& file : files) place(std::move(file));
    for (auto& [chart, setup] : charts_) render(chart, std::move(setup));
    for (auto& [folder, layers] : named_) {
      std::stable_partition(layers.begin(), layers.end(), is_base);
      result_.manifests.push_back(read_layers(layers));
    }
    for (auto& [folder, found] : walked_) {
      const auto base = std::find_if(found.begin(), found.end(), is_base);
      for (const std::string& file : found) {
        if (base != found.end() && file == *base && found.size() > 1) continue;
        std::vector<std::string> layers = {file};
        if (base != found.end() && file != *base) layers.insert(layers.begin(), *base);
        result_.manifests.push_back(read_layers(layers));
      }
    }
    return std::move(result_);
  }

 private:
  void place(LooseFile file) {
    const std::string path = absolute_path(file.source.path);
    const std::string folder = fs::path(path).parent_path().string();
    ChartSetup only;
    if (configured_for(path, options_, only) != nullptr) {
      ChartSetup& setup = charts_.try_emplace(only.path, only).first->second;
      for (ValueSet& set : only.sets) {
        const bool known = std::any_of(setup.sets.begin(), setup.sets.end(), [&](const ValueSet& s) { return s.name == set.name; });
        if (!known) setup.sets.push_back(std::move(set));
      }
      return;
    }
    if (const std::string chart = file.source.named ? chart_beside(path) : std::string(); !chart.empty()) {
      ValueSet set = {file.source.name, options_.release.values};
      set.values.files.insert(set.values.files.begin(), file.source.name);
      ChartSetup setup;
      setup.path = chart;
      const auto configured = std::find_if(options_.setups.begin(), options_.setups.end(),
                                           [&](const ChartSetup& candidate) { return candidate.path == chart; });
      if (configured != options_.setups.end()) {
        setup.release = configured->release;
        setup.name_space = configured->name_space;
      }
      charts_.try_emplace(chart, std::move(setup)).first->second.sets.push_back(std::move(set));
      return;
    }
    if (const auto known = is_values_ ? is_values_(file.document.root(), file.source.named) : std::nullopt) {
      known_[file.source.name] = *known;
      texts_[file.source.name] = file.document.text();
      (file.source.named ? named_ : walked_)[folder].push_back(file.source.name);
      return;
    }
    result_.notes.push_back(std::move(file.note));
  }

  void render(const std::string& path, ChartSetup setup) {
    ChartOptions options = options_;
    options.release.values = {};
    options.setups = {std::move(setup)};
    options.ci_values = false;
    const SourceFile chart = {.kind = SourceFile::Kind::kChart, .path = path, .name = display_path(path, path), .named = true};
    result_.manifests.push_back(read_chart(chart, options));
    ++result_.charts;
  }

  Manifests read_layers(const std::vector<std::string>& files) const {
    Manifests manifests;
    auto values = std::make_shared<LooseValues>();
    values->release = options_.release.name;
    values->name_space = options_.release.name_space;
    for (const std::string& file : files) {
      if (const Value known = known_.at(file); !known.is_null()) values->known = known;
    }
    chart::ValuesFlags flags = options_.release.values;
    flags.files.insert(flags.files.begin(), files.begin(), files.end());
    // Standard input cannot be read again.
    const chart::FileReader read_file = [this](std::string_view path) -> Result<std::string> {
      const auto known = texts_.find(path);
      return known != texts_.end() ? Result<std::string>(known->second) : options_.read_file(path);
    };
    auto merged = chart::merge_user_values(values->arena, flags, read_file);
    if (!merged) {
      manifests.errors.push_back(std::move(merged.error()));
      return manifests;
    }
    values->user = *std::move(merged);
    manifests.documents = values->user.files.size();
    manifests.objects.push_back(values_object(std::move(values)));
    return manifests;
  }

  const ChartOptions& options_;
  const IsValues& is_values_;
  ValuesResult result_;
  std::map<std::string, Value> known_;  // by file
  std::map<std::string, std::string, std::less<>> texts_;
  std::map<std::string, ChartSetup> charts_;
  std::map<std::string, std::vector<std::string>> named_, walked_;  // by folder
};

}  // namespace

ValuesResult read_values(std::vector<LooseFile> files, const ChartOptions& options, const IsValues& is_values) {
  return Sorter(options, is_values).run(std::move(files));
}

}  // namespace plimsoll::source
