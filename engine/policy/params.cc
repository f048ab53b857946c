#include "engine/policy/params.h"

namespace plimsoll::policy {

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
  const std::string_view space = namespaced ? metadata["namespace"].string_or(namespace_name) : std::string_view();
  kinds_[{std::string(version.group), std::string(kind)}].set(space, metadata["name"].string_or(), &objects_.emplace_back(object));
}

const KindIndex* ObjectIndex::find_kind(std::string_view api_version, std::string_view kind) const {
  const auto found = kinds_.find(std::tuple(split_api_version(api_version).group, kind));
  return found == kinds_.end() ? nullptr : &found->second;
}

const Value* ObjectIndex::get(std::string_view api_version, std::string_view kind, std::string_view namespace_name,
                              std::string_view name) const {
  const KindIndex* objects = find_kind(api_version, kind);
  return objects == nullptr ? nullptr : objects->find(namespace_name, name);
}

void ObjectIndex::list(const Query& query, List& found, Arena& arena) const {
  const KindIndex* objects = find_kind(query.api_version, query.kind);
  if (objects != nullptr) objects->list(query, found, arena);
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

std::optional<bool> LayeredSource::namespaced(std::string_view api_version, std::string_view kind) const {
  const auto known = first_.namespaced(api_version, kind);
  return known || second_ == nullptr ? known : second_->namespaced(api_version, kind);
}

}  // namespace plimsoll::policy
