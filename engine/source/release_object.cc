#include "engine/source/release_object.h"

#include <cmath>
#include <optional>

#include "engine/source/file.h"
#include "engine/source/unknown_values.h"
#include "engine/source/values_place.h"

namespace plimsoll::source {

namespace {

// Of keys that the user set: beyond it rules do not learn where a key comes from, findings still do.
constexpr size_t kMaxOrigins = 100000;

// Helm reads all numbers as doubles; rules compare ports and counts.
Value with_integers(Arena& arena, const Value& value) {
  switch (value.kind()) {
    case Kind::kDouble: {
      constexpr double kExact = 9007199254740992.0;  // 2^53
      const double real = value.as_double();
      return std::floor(real) == real && std::abs(real) <= kExact ? Value::integer(static_cast<int64_t>(real)) : Value::real(real);
    }
    case Kind::kList: {
      List* list = List::create(arena, value.size());
      for (const Value& item : value.items()) list->push_back(arena, with_integers(arena, item));
      return Value::list(list);
    }
    case Kind::kMap: {
      Map* map = Map::create(arena, value.size());
      for (const Map::Entry& entry : *value.as_map()) map->append(arena, entry.key, with_integers(arena, entry.value));
      return Value::map(map);
    }
    default:
      return value.is_string() ? value : value.with_flavour(0).with_tag(0);
  }
}

// A null takes a default away when Helm merges values, so that a template sees nothing there; rules neither.
Value without_nulls(Arena& arena, const Value& value) {
  if (!value.is_map()) return value;
  Map* map = Map::create(arena, value.size());
  for (const Map::Entry& entry : *value.as_map()) {
    if (!entry.value.is_null()) map->append(arena, entry.key, without_nulls(arena, entry.value));
  }
  return Value::map(map);
}

class Builder {
 public:
  explicit Builder(Arena& arena) : arena_(arena) {}

  Value text(std::string_view value) { return Value::string(arena_.copy(value)); }
  Map* object(std::string_view kind, std::string_view name, std::string_view name_space) {
    Map* metadata = Map::create(arena_);
    metadata->set(arena_, "name", text(name));
    if (!name_space.empty()) metadata->set(arena_, "namespace", text(name_space));
    Map* root = Map::create(arena_);
    root->set(arena_, "apiVersion", Value::string(kPseudoVersion));
    root->set(arena_, "kind", Value::string(kind));
    root->set(arena_, "metadata", Value::map(metadata));
    return root;
  }
  void set(Map* map, std::string_view key, std::string_view value) {
    if (!value.empty()) map->set(arena_, key, text(value));
  }
  void set(Map* map, std::string_view key, const Value& value) { map->set(arena_, key, value); }

  // Chart.yaml as far as it is understood.
  Value chart(const chart::Metadata& metadata) {
    Map* map = Map::create(arena_);
    set(map, "apiVersion", metadata.api_version);
    set(map, "name", metadata.name);
    set(map, "version", metadata.version);
    set(map, "appVersion", metadata.app_version);
    set(map, "kubeVersion", metadata.kube_version);
    set(map, "type", metadata.type);
    set(map, "description", metadata.description);
    if (metadata.deprecated) set(map, "deprecated", Value::boolean(true));
    if (!metadata.annotations.empty()) {
      Map* annotations = Map::create(arena_);
      for (const auto& [key, value] : metadata.annotations) set(annotations, arena_.copy(key), text(value));
      set(map, "annotations", Value::map(annotations));
    }
    List* dependencies = List::create(arena_);
    if (metadata.dependencies) {
      for (const auto& dependency : *metadata.dependencies) {
        if (!dependency) continue;
        Map* item = Map::create(arena_);
        set(item, "name", dependency->name);
        set(item, "version", dependency->version);
        set(item, "repository", dependency->repository);
        set(item, "condition", dependency->condition);
        set(item, "alias", dependency->alias);
        dependencies->push_back(arena_, Value::map(item));
      }
    }
    set(map, "dependencies", Value::list(dependencies));
    return Value::map(map);
  }

  Value names(const std::vector<chart::File>& files) {
    List* list = List::create(arena_, files.size());
    for (const chart::File& file : files) list->push_back(arena_, text(file.name));
    return Value::list(list);
  }

  // Which file or flag set each scalar and list; what comes later wins.
  Value origins(const chart::UserValues& user) {
    Map* map = Map::create(arena_);
    for (const auto& file : user.files) add_origins(map, {}, file->root(), "file", shown_path(file->file()));
    for (const chart::UserValues::Flag& flag : user.flags) add_origins(map, {}, Value::map(flag.values), "flag", flag.option);
    return Value::map(map);
  }

  Value unknown(const std::vector<UnknownValue>& values) {
    List* list = List::create(arena_);
    for (const UnknownValue& value : values) {
      Map* item = Map::create(arena_);
      set(item, "path", value.path.to_string());
      set(item, "suggestion", value.suggestion.to_string());
      list->push_back(arena_, Value::map(item));
    }
    return Value::list(list);
  }

 private:
  void add_origins(Map* origins, const Path& at, const Value& value, std::string_view kind, std::string_view name) {
    if (origins->size() >= kMaxOrigins) return;
    if (value.is_map() && value.size() > 0) {
      for (const Map::Entry& entry : *value.as_map()) {
        if (entry.key.is_string()) add_origins(origins, at.key(entry.key.as_string()), entry.value, kind, name);
      }
      return;
    }
    if (at.empty()) return;
    Map* origin = Map::create(arena_, 2);
    set(origin, "kind", Value::string(kind));
    set(origin, "name", text(name));
    origins->set(arena_, arena_.copy(at.to_string()), Value::map(origin));
  }

  Arena& arena_;
};

// What the pseudo-objects of one release share.
struct Shared {
  std::shared_ptr<const void> owner;  // of all that is borrowed
  Arena arena;
  std::optional<chart::ValuesLocator> locator;
  ShownTexts texts;
  std::string variant;
  const void* group = nullptr;
  std::shared_ptr<const File> whole;  // what stands for the object where nothing better is known
  std::optional<yaml::Document> chart_file;  // Chart.yaml
  std::vector<Path> unknown;
};

Path below(const Path& path, size_t steps) {
  return Path(std::vector<Path::Step>(path.steps().begin() + static_cast<ptrdiff_t>(steps), path.steps().end()));
}

std::string_view key_at(const Path& path, size_t step) {
  if (path.steps().size() <= step) return {};
  const auto* key = std::get_if<std::string>(&path.steps()[step]);
  return key == nullptr ? std::string_view() : std::string_view(*key);
}

class PseudoOrigin final : public Origin {
 public:
  PseudoOrigin(std::shared_ptr<const Shared> shared, std::vector<Object> objects = {})
      : shared_(std::move(shared)), objects_(std::move(objects)) {}

  Places locate(const Path& path) const override {
    const std::string_view part = key_at(path, 0);
    if (part == "objects" && path.steps().size() > 1) {
      const auto* index = std::get_if<size_t>(&path.steps()[1]);
      if (index != nullptr && *index < objects_.size()) return objects_[*index].locate(below(path, 2));
    }
    if (part == "chart" && shared_->chart_file) {
      Place place = {.file = shared_->texts.of(shared_->chart_file->file(), shared_->chart_file->text()),
                     .range = marked_range(*shared_->chart_file, below(path, 1))};
      return {.primary = std::move(place), .related = {}};
    }
    Place place;
    if (part == "unknown" && path.steps().size() > 1) {
      const auto* index = std::get_if<size_t>(&path.steps()[1]);
      if (index != nullptr && *index < shared_->unknown.size()) {
        place = ValuesPlaces(*shared_->locator, shared_->texts).key(shared_->unknown[*index]);
      }
    } else {
      place = values(part == "values" || part == "user" ? below(path, 1) : Path());
    }
    if (place.file) return {.primary = std::move(place), .related = {}};
    return {.primary = {.file = shared_->whole, .range = {.line = 1, .column = 1, .end_line = 1, .end_column = 1}}, .related = {}};
  }
  std::string_view variant() const override { return shared_->variant; }
  const void* group() const override { return shared_->group; }
  bool is_pseudo() const override { return true; }

 private:
  Place values(const Path& path) const { return ValuesPlaces(*shared_->locator, shared_->texts).nearest(path); }

  std::shared_ptr<const Shared> shared_;
  std::vector<Object> objects_;  // of a Release
};

}  // namespace

void add_release_objects(std::shared_ptr<const chart::Release> release, const std::string& variant, bool rendered, size_t first,
                         Manifests& manifests) {
  auto shared = std::make_shared<Shared>();
  shared->locator.emplace(release->locator());
  shared->variant = variant;
  shared->group = release.get();
  const chart::Chart& source = release->chart().source();
  const std::string chart_path = source.path + "/Chart.yaml";
  const std::string shown_chart = shown_path(chart_path);
  if (auto file = read_file(chart_path, shown_chart)) {
    shared->whole = *file;
    if (auto document = yaml::read((*file)->text(), {.file = shown_chart})) shared->chart_file = *std::move(document);
  } else {  // within an archive
    shared->whole = std::make_shared<File>(shown_chart, "");
  }

  Builder builder(shared->arena);
  const chart::ReleaseOptions& options = release->options();
  const Value chart = builder.chart(source.metadata);
  const Value values = without_nulls(shared->arena, with_integers(shared->arena, release->values()));
  const chart::UserValues& user = release->user_values();

  Map* helm_values = builder.object("HelmValues", options.name, options.name_space);
  builder.set(helm_values, "chart", chart);
  builder.set(helm_values, "values", values);
  builder.set(helm_values, "user", with_integers(shared->arena, Value::map(user.merged)));
  builder.set(helm_values, "origins", builder.origins(user));
  const std::vector<UnknownValue> unknown = unknown_values(*release);
  for (const UnknownValue& value : unknown) shared->unknown.push_back(value.path);
  builder.set(helm_values, "unknown", builder.unknown(unknown));

  Map* chart_object = builder.object("Chart", source.name(), {});
  builder.set(chart_object, "chart", chart);
  const Value defaults = source.values ? with_integers(shared->arena, source.values->root()) : Value::map(Map::create(shared->arena));
  builder.set(chart_object, "values", defaults);
  builder.set(chart_object, "templates", builder.names(source.templates));
  builder.set(chart_object, "files", builder.names(source.files));

  Map* release_object = nullptr;
  std::vector<Object> objects;
  if (rendered) {
    release_object = builder.object("Release", options.name, options.name_space);
    builder.set(release_object, "chart", chart);
    builder.set(release_object, "values", values);
    List* list = List::create(shared->arena, manifests.objects.size() - first);
    for (size_t i = first; i < manifests.objects.size(); ++i) {
      list->push_back(shared->arena, manifests.objects[i].root());
      objects.push_back(manifests.objects[i]);
    }
    builder.set(release_object, "objects", Value::list(list));
  }
  shared->owner = std::move(release);
  const auto origin = std::make_shared<PseudoOrigin>(shared);
  manifests.objects.emplace_back(Value::map(helm_values), origin);
  manifests.objects.emplace_back(Value::map(chart_object), origin);
  if (release_object != nullptr) {
    manifests.objects.emplace_back(Value::map(release_object), std::make_shared<PseudoOrigin>(shared, std::move(objects)));
  }
}

Object values_object(std::shared_ptr<const LooseValues> values) {
  auto shared = std::make_shared<Shared>();
  shared->locator.emplace(nullptr, values->user);
  shared->group = values.get();
  const std::string name = values->user.files.empty() ? "values" : values->user.files.back()->file();
  shared->whole = std::make_shared<File>(shown_path(name), "");
  Builder builder(shared->arena);
  Map* object = builder.object("HelmValues", values->release, values->name_space);
  const Value user = with_integers(shared->arena, Value::map(values->user.merged));
  builder.set(object, "values", without_nulls(shared->arena, user));
  builder.set(object, "user", user);
  builder.set(object, "origins", builder.origins(values->user));
  std::vector<UnknownValue> unknown;
  if (values->known.is_map()) unknown = unknown_values(*values->user.merged, *values->known.as_map());
  for (const UnknownValue& value : unknown) shared->unknown.push_back(value.path);
  builder.set(object, "unknown", builder.unknown(unknown));
  shared->owner = std::move(values);
  return Object(Value::map(object), std::make_shared<PseudoOrigin>(std::move(shared)));
}

}  // namespace plimsoll::source
