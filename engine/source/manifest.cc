#include "engine/source/manifest.h"

#include <fmt/format.h>

namespace plimsoll::source {

namespace {

class ManifestOrigin final : public Origin {
 public:
  ManifestOrigin(std::shared_ptr<const File> file, yaml::Document document, Path prefix,
                 std::shared_ptr<const Arena> arena)
      : file_(std::move(file)), document_(std::move(document)), prefix_(std::move(prefix)), arena_(std::move(arena)) {}

  Places locate(const Path& path) const override {
    std::vector<Path::Step> steps = prefix_.steps();
    steps.insert(steps.end(), path.steps().begin(), path.steps().end());
    const Path whole(std::move(steps));
    Place place = {.file = file_, .range = range_of(whole)};
    const Value* object = prefix_.resolve(document_.root());
    place.hidden = object != nullptr && is_secret(*object, path);
    return {.primary = std::move(place), .related = {}};
  }
  ObjectText text() const override { return {.document = &document_, .prefix = prefix_, .file = file_}; }

 private:
  yaml::Range range_of(const Path& path) const {
    const size_t existing = path.resolvable(document_.root());
    if (existing > prefix_.steps().size() || !prefix_.empty()) return marked_range(document_, path);
    // Nothing of a top-level object but itself: its kind says best which one is meant.
    return marked_range(document_, Path().key("kind"));
  }

  std::shared_ptr<const File> file_;
  yaml::Document document_;
  Path prefix_;
  std::shared_ptr<const Arena> arena_;  // of what the document's own arena does not hold
};

bool is_list(const Value& value) {
  const std::string_view kind = value["kind"].string_or();
  return kind.ends_with("List") && value["items"].is_list();
}

}  // namespace

void add_objects(const std::shared_ptr<const File>& file, const yaml::Document& document, Manifests& manifests) {
  const MakeOrigin make_origin = [&](Path prefix, std::shared_ptr<const Arena> arena) {
    return std::make_shared<ManifestOrigin>(file, document, std::move(prefix), std::move(arena));
  };
  const auto place = [&](const Path& path) {
    const yaml::Range range = marked_range(document, path);
    return Location{.file = file->name(), .line = range.line, .column = range.column};
  };
  add_objects(document, make_origin, place, manifests);
}

void add_objects(const yaml::Document& document, const MakeOrigin& make_origin,
                 const std::function<Location(const Path&)>& location, Manifests& manifests) {
  struct Candidate {
    Value value;
    Path path;
    std::string_view api_version;  // what an item has unless it says otherwise
    std::string_view kind;
  };
  const auto fault = [&](const Path& path, std::string message) {
    const Location place = location(path);
    manifests.errors.push_back(
        Error(ErrorCode::kInvalid, std::move(message)).at(place.line, place.column).in_file(place.file));
  };

  std::shared_ptr<Arena> arena;
  std::vector<Candidate> pending = {{document.root(), {}, {}, {}}};
  while (!pending.empty()) {
    Candidate next = std::move(pending.back());
    pending.pop_back();
    Value value = next.value;
    const bool is_item = !next.path.empty();
    if (!value.is_map()) {
      if (is_item) {
        fault(next.path, fmt::format("an item of a List must be an object, not a {}", kind_name(value.kind())));
      } else if (!value.is_list()) {
        fault(next.path, fmt::format("a {} where an object should be", kind_name(value.kind())));
      } else {
        manifests.notes.push_back({Note::Kind::kNoManifest, location(next.path),
                                   fmt::format("no Kubernetes object: a {}", kind_name(value.kind()))});
      }
      continue;
    }
    if (!next.kind.empty() && value["kind"].is_null() && value["apiVersion"].is_null()) {
      if (!arena) arena = std::make_shared<Arena>();
      Map* typed = Map::copy_of(*arena, *value.as_map());
      typed->set(*arena, "apiVersion", Value::string(next.api_version));
      typed->set(*arena, "kind", Value::string(next.kind));
      value = Value::map(typed);
    }
    if (is_list(value)) {
      const std::string_view kind = value["kind"].as_string();
      const bool typed = kind != "List";
      const std::span<Value> items = value["items"].items();
      for (size_t i = items.size(); i-- > 0;) {
        pending.push_back({items[i], next.path.key("items").index(i),
                           typed ? value["apiVersion"].string_or() : std::string_view(),
                           typed ? kind.substr(0, kind.size() - 4) : std::string_view()});
      }
      continue;
    }
    const Value api_version = value["apiVersion"];
    const Value kind = value["kind"];
    const bool has_version = api_version.is_string() && api_version.size() > 0;
    const bool has_kind = kind.is_string() && kind.size() > 0;
    if (has_version && has_kind) {
      manifests.objects.emplace_back(value, make_origin(next.path, arena));
    } else if (is_item || ((has_version || has_kind) && value["metadata"].is_map())) {
      const char* missing = has_version ? "kind" : "apiVersion";
      const Value* written = value.find(missing);
      fault(written != nullptr ? next.path.key(missing) : next.path,
            written != nullptr ? fmt::format("{} must be a string that is not empty", missing)
                               : fmt::format("the object has no {}", missing));
    } else {
      manifests.notes.push_back({Note::Kind::kNoManifest, location(next.path),
                                 has_version ? "no Kubernetes object: it has no kind"
                                 : has_kind  ? "no Kubernetes object: it has no apiVersion"
                                             : "no Kubernetes object: it has neither apiVersion nor kind"});
    }
  }
}

Manifests read_manifests(std::shared_ptr<const File> file) {
  Manifests manifests;
  manifests.file = file;
  if (is_binary(file->text())) {
    manifests.errors.push_back(Error(ErrorCode::kSyntax, "is a binary file, not YAML or JSON").in_file(file->name()));
    return manifests;
  }
  auto documents = yaml::read_stream(file->text(), {.file = file->name()});
  if (!documents) {
    manifests.errors.push_back(std::move(documents.error()).in_file(file->name()));
    return manifests;
  }
  manifests.documents = documents->size();
  for (const yaml::Document& document : *documents) add_objects(file, document, manifests);
  const bool other = manifests.objects.empty() && manifests.errors.empty() && manifests.notes.size() == 1;
  if (documents->size() == 1 && other && documents->front().root().is_map()) manifests.mapping = documents->front();
  if (documents->empty()) {
    manifests.notes.push_back({Note::Kind::kEmpty, {.file = file->name()}, "the file holds no document"});
  }
  return manifests;
}

}  // namespace plimsoll::source
