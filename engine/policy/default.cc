#include "engine/policy/default.h"

#include "engine/policy/default_stages.h"
#include "engine/schema/kubernetes_defaults.h"

namespace plimsoll::policy {

GroupVersionKind kind_of_object(const Value& object) {
  const GroupVersion version = split_api_version(object["apiVersion"].string_or());
  return {version.group, version.version, object["kind"].string_or()};
}

DefaultedObject Defaulting::decode(const Value& object, Arena& arena) const {
  DefaultedObject result;
  const GroupVersionKind kind = kind_of_object(object);
  const schema::KindInfo info = catalog_.find(kind.group, kind.version, kind.kind);
  if (info.type == nullptr || !object.is_map()) {
    result.object = object;
    return result;
  }
  result.known = true;
  result.object = schema::decode(*info.type, object, arena, result.report);
  Map& root = *result.object.as_map();
  if (const Value metadata = root.contains("metadata") ? *root.find("metadata") : Value::null(); !metadata.is_map()) {
    root.set(arena, "metadata", Value::map(Map::create(arena)));
  }
  Map& metadata = *result.object["metadata"].as_map();
  if (!info.namespaced) {
    metadata.erase("namespace");
  } else if (result.object["metadata"]["namespace"].string_or().empty() && !options_.default_namespace.empty()) {
    metadata.set(arena, "namespace", Value::string(options_.default_namespace));
  }
  schema::apply_defaults(*info.type, result.object, arena);
  if (options_.keep_status && object["status"].is_null()) root.erase("status");
  return result;
}

void Defaulting::admit(const Value& object, Arena& arena) const { admit_object(object, options_, arena); }

void Defaulting::prepare(const Value& object, Arena& arena) const {
  const GroupVersionKind kind = kind_of_object(object);
  const schema::KindInfo info = catalog_.find(kind.group, kind.version, kind.kind);
  if (info.type != nullptr) prepare_object(object, info, options_, arena);
}

DefaultedObject Defaulting::create(const Value& object, Arena& arena) const {
  DefaultedObject result = decode(object, arena);
  if (!result.known) return result;
  admit(result.object, arena);
  prepare(result.object, arena);
  return result;
}

}  // namespace plimsoll::policy
