#include "engine/policy/params.h"

#include <algorithm>
#include <mutex>

namespace plimsoll::policy {

// The objects of one kind.
struct ObjectIndex::Kind {
  using Key = std::tuple<std::string, std::string>;  // namespace, name
  std::map<Key, Value, std::less<>> objects;

  // By "key=value" of a label, in the order of `objects`; made when a selector first asks.
  mutable std::once_flag labelled_once;
  mutable std::unordered_map<std::string, std::vector<std::map<Key, Value, std::less<>>::const_iterator>> labelled;

  static std::string label(std::string_view key, std::string_view value) {
    std::string text(key);
    text += '=';
    return text += value;
  }

  void index_labels() const {
    for (auto object = objects.begin(); object != objects.end(); ++object) {
      const Value labels = object->second["metadata"]["labels"];
      if (!labels.is_map()) continue;
      for (const Map::Entry& entry : *labels.as_map()) {
        labelled[label(entry.key.string_or(), entry.value.string_or())].push_back(object);
      }
    }
  }

  // Calls `use` for objects that may match the selector.
  template <typename Use>
  void each(const Query& query, const Use& use) const {
    const LabelSelector* selector = query.selector;
    if (selector != nullptr && !selector->match_labels.empty()) {
      std::call_once(labelled_once, [this] { index_labels(); });
      const auto& [key, value] = selector->match_labels.front();
      const auto found = labelled.find(label(key, value));
      if (found == labelled.end()) return;
      for (const auto& object : found->second) {
        if (query.namespace_name.empty() || std::get<0>(object->first) == query.namespace_name) use(object->second);
      }
      return;
    }
    auto object = query.namespace_name.empty() ? objects.begin()
                                               : objects.lower_bound(std::tuple(query.namespace_name, std::string_view()));
    for (; object != objects.end(); ++object) {
      if (!query.namespace_name.empty() && std::get<0>(object->first) != query.namespace_name) return;
      use(object->second);
    }
  }
};

ObjectIndex::ObjectIndex() = default;
ObjectIndex::~ObjectIndex() = default;

std::vector<Value> ObjectSource::all(std::string_view api_version, std::string_view kind, std::string_view namespace_name) const {
  Arena arena;
  List* found = List::create(arena);
  list({.api_version = api_version, .kind = kind, .namespace_name = namespace_name}, *found, arena);
  return {found->begin(), found->end()};
}

void ObjectIndex::add(const Value& object, std::string_view namespace_name) {
  const Value metadata = object["metadata"];
  const GroupVersion version = split_api_version(object["apiVersion"].string_or());
  const std::string_view kind = object["kind"].string_or();
  std::string scratch;
  const bool namespaced = table_.find({version.group, version.version, kind}, scratch).namespaced;
  std::unique_ptr<Kind>& objects = kinds_[{std::string(version.group), std::string(kind)}];
  if (!objects) objects = std::make_unique<Kind>();
  std::string space(namespaced ? metadata["namespace"].string_or(namespace_name) : std::string_view());
  objects->objects.insert_or_assign({std::move(space), std::string(metadata["name"].string_or())}, object);
}

const ObjectIndex::Kind* ObjectIndex::find_kind(std::string_view api_version, std::string_view kind) const {
  const auto found = kinds_.find(std::tuple(split_api_version(api_version).group, kind));
  return found == kinds_.end() ? nullptr : found->second.get();
}

const Value* ObjectIndex::get(std::string_view api_version, std::string_view kind, std::string_view namespace_name,
                              std::string_view name) const {
  const Kind* objects = find_kind(api_version, kind);
  if (objects == nullptr) return nullptr;
  const auto found = objects->objects.find(std::tuple(namespace_name, name));
  return found == objects->objects.end() ? nullptr : &found->second;
}

void ObjectIndex::list(const Query& query, List& found, Arena& arena) const {
  const Kind* objects = find_kind(query.api_version, query.kind);
  if (objects == nullptr) return;
  objects->each(query, [&](const Value& object) {
    if (query.selector == nullptr || query.selector->matches(object["metadata"]["labels"])) found.push_back(arena, object);
  });
}

const Value* LayeredSource::get(std::string_view api_version, std::string_view kind, std::string_view namespace_name,
                                std::string_view name) const {
  const Value* found = first_.get(api_version, kind, namespace_name, name);
  return found != nullptr || second_ == nullptr ? found : second_->get(api_version, kind, namespace_name, name);
}

void LayeredSource::list(const Query& query, List& found, Arena& arena) const {
  const size_t before = found.size();
  first_.list(query, found, arena);
  if (second_ == nullptr) return;
  const size_t own = found.size();
  second_->list(query, found, arena);
  if (own == before) return;
  size_t kept = own;
  for (size_t i = own; i < found.size(); ++i) {
    const Value metadata = found[i]["metadata"];
    const Value* hidden_by = first_.get(query.api_version, query.kind, metadata["namespace"].string_or(query.namespace_name),
                                        metadata["name"].string_or());
    if (hidden_by == nullptr) found[kept++] = found[i];
  }
  found.truncate(kept);
}

bool LayeredSource::complete(std::string_view api_version, std::string_view kind) const {
  return first_.complete(api_version, kind) || (second_ != nullptr && second_->complete(api_version, kind));
}

}  // namespace plimsoll::policy
