#include "engine/chart/template_values.h"

#include <algorithm>

#include "engine/chart/release.h"
#include "engine/template/chart_objects.h"
#include "engine/template/go_type.h"

namespace plimsoll::chart {

namespace {

// Fields of Chart.yaml by their JSON names, as make_chart reads them.
class MetadataWriter {
 public:
  explicit MetadataWriter(Arena& arena) : arena_(arena), map_(Map::create(arena, 20)) {}

  Value write(const ReleaseChart& chart) {
    const Metadata& metadata = chart.source().metadata;
    text("name", chart.name());
    text("home", metadata.home);
    texts("sources", metadata.sources);
    text("version", metadata.version);
    text("description", metadata.description);
    texts("keywords", metadata.keywords);
    maintainers(metadata);
    text("icon", metadata.icon);
    text("apiVersion", metadata.api_version);
    text("condition", metadata.condition);
    text("tags", metadata.tags);
    text("appVersion", metadata.app_version);
    map_->set(arena_, "deprecated", Value::boolean(metadata.deprecated));
    annotations(metadata);
    text("kubeVersion", metadata.kube_version);
    dependencies(chart);
    text("type", metadata.type);
    return Value::map(map_);
  }

 private:
  void text(std::string_view name, const std::string& value) { set(*map_, name, value); }

  void set(Map& map, std::string_view name, const std::string& value) {
    if (!value.empty()) map.set(arena_, name, Value::string(value));
  }

  Value list_of(const std::vector<std::string>& values) {
    List* list = List::create(arena_, values.size());
    for (const std::string& value : values) list->push_back(arena_, Value::string(value));
    return Value::list(list);
  }

  void texts(std::string_view name, const std::vector<std::string>& values) {
    if (!values.empty()) map_->set(arena_, name, list_of(values));
  }

  void maintainers(const Metadata& metadata) {
    if (metadata.maintainers.empty()) return;
    List* list = List::create(arena_);
    for (const auto& maintainer : metadata.maintainers) {
      Map* entry = Map::create(arena_);
      set(*entry, "name", maintainer->name);
      set(*entry, "email", maintainer->email);
      set(*entry, "url", maintainer->url);
      list->push_back(arena_, Value::map(entry));
    }
    map_->set(arena_, "maintainers", Value::list(list));
  }

  void annotations(const Metadata& metadata) {
    if (metadata.annotations.empty()) return;
    Map* entries = Map::create(arena_);
    for (const auto& [name, value] : metadata.annotations) entries->set(arena_, name, Value::string(value));
    map_->set(arena_, "annotations", Value::map(entries));
  }

  // The dependencies that are in force, as Helm rewrites them.
  void dependencies(const ReleaseChart& chart) {
    if (chart.requirements().empty()) return;
    List* list = List::create(arena_);
    for (const auto& requirement : chart.requirements()) {
      Map* entry = Map::create(arena_);
      set(*entry, "name", requirement->name);
      set(*entry, "version", requirement->version);
      set(*entry, "repository", requirement->repository);
      set(*entry, "condition", requirement->condition);
      set(*entry, "alias", requirement->alias);
      if (!requirement->tags.empty()) entry->set(arena_, "tags", list_of(requirement->tags));
      entry->set(arena_, "enabled", Value::boolean(requirement->enabled));
      if (!requirement->import_values.empty()) {
        List* imports = List::create(arena_);
        for (const ImportValue& import : requirement->import_values) {
          Map* pair = Map::create(arena_);
          set(*pair, "child", import.child);
          set(*pair, "parent", import.parent);
          imports->push_back(arena_, tmpl::go_string_map(pair));
        }
        entry->set(arena_, "import-values", Value::list(imports));
      }
      list->push_back(arena_, Value::map(entry));
    }
    map_->set(arena_, "dependencies", Value::list(list));
  }

  Arena& arena_;
  Map* map_;
};

Value release_value(Arena& arena, const ReleaseOptions& options) {
  Map* release = Map::create(arena);
  release->set(arena, "Name", Value::string(options.name));
  release->set(arena, "Namespace", Value::string(options.name_space));
  release->set(arena, "IsUpgrade", Value::boolean(options.is_upgrade));
  release->set(arena, "IsInstall", Value::boolean(!options.is_upgrade));
  release->set(arena, "Revision", tmpl::go_int(1));
  release->set(arena, "Service", Value::string("Helm"));
  return Value::map(release);
}

Value capabilities_value(Arena& arena, const Capabilities& capabilities) {
  std::vector<std::string_view> versions(default_api_versions().begin(), default_api_versions().end());
  versions.insert(versions.end(), capabilities.extra_api_versions.begin(), capabilities.extra_api_versions.end());
  const KubeVersion& version = capabilities.kube_version;
  return tmpl::make_capabilities(arena, {version.version, version.major, version.minor}, versions,
                                 {.version = kHelmVersion});
}

class Scoper {
 public:
  Scoper(Arena& arena, const ReleaseOptions& options)
      : arena_(arena), release_(release_value(arena, options)), capabilities_(capabilities_value(arena, options.capabilities)) {}

  // Adds the templates of `chart` and its subcharts; returns the chart's dot.
  Value add(const ReleaseChart& chart, const Value& values) {
    Map* dot = Map::create(arena_, 8);
    dot->set(arena_, "Chart", tmpl::make_chart(arena_, MetadataWriter(arena_).write(chart), chart.is_root()));
    std::vector<tmpl::ChartFile> files;
    for (const File& file : chart.source().files) files.push_back({file.name, file.data});
    dot->set(arena_, "Files", tmpl::make_files(arena_, files));
    dot->set(arena_, "Release", release_);
    dot->set(arena_, "Capabilities", capabilities_);
    const Value own = values.is_map() ? values : Value::map(Map::create(arena_));
    dot->set(arena_, "Values", own.with_flavour(tmpl::flavour(tmpl::GoType::kValues)));
    Map* subcharts = Map::create(arena_);
    for (const auto& child : chart.dependencies()) {
      subcharts->set(arena_, child->name(), add(*child, own[child->name()]));
    }
    dot->set(arena_, "Subcharts", Value::map(subcharts));

    const std::string path = chart.full_path();
    const std::string_view base_path = arena_.copy(path + "/templates");
    for (const File& file : chart.source().templates) {
      const bool partial = file.name.substr(file.name.rfind('/') + 1).starts_with('_');
      if (chart.is_library() && !partial) continue;
      templates_.push_back({arena_.copy(path + "/" + file.name), &file, dot, base_path});
    }
    return Value::map(dot);
  }

  std::vector<ScopedTemplate> take() { return std::move(templates_); }

 private:
  Arena& arena_;
  Value release_;
  Value capabilities_;
  std::vector<ScopedTemplate> templates_;
};

}  // namespace

std::vector<ScopedTemplate> scope_templates(Arena& arena, const ReleaseChart& root, const Value& values,
                                            const ReleaseOptions& options) {
  Scoper scoper(arena, options);
  scoper.add(root, values);
  return scoper.take();
}

}  // namespace plimsoll::chart
