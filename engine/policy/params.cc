#include "engine/policy/params.h"

namespace plimsoll::policy {

void ObjectIndex::add(const Value& object, std::string_view namespace_name) {
  const Value metadata = object["metadata"];
  const GroupVersion version = split_api_version(object["apiVersion"].string_or());
  std::string scratch;
  if (!kinds_.find({version.group, version.version, object["kind"].string_or()}, scratch).namespaced)
    namespace_name = {};
  Key key{std::string(object["apiVersion"].string_or()), std::string(object["kind"].string_or()),
          std::string(metadata["namespace"].string_or(namespace_name)), std::string(metadata["name"].string_or())};
  objects_.insert_or_assign(std::move(key), object);
}

const Value* ObjectIndex::find(std::string_view api_version, std::string_view kind, std::string_view namespace_name,
                               std::string_view name) const {
  const auto found = objects_.find(std::tuple(api_version, kind, namespace_name, name));
  return found == objects_.end() ? nullptr : &found->second;
}

std::vector<const Value*> ObjectIndex::list(std::string_view api_version, std::string_view kind,
                                            std::string_view namespace_name) const {
  std::vector<const Value*> result;
  for (auto it = objects_.lower_bound(std::tuple(api_version, kind, namespace_name, std::string_view()));
       it != objects_.end(); ++it) {
    const auto& [object_version, object_kind, object_namespace, name] = it->first;
    if (object_version != api_version || object_kind != kind) break;
    if (!namespace_name.empty() && object_namespace != namespace_name) break;
    result.push_back(&it->second);
  }
  return result;
}

}  // namespace plimsoll::policy
