#include "engine/policy/default.h"

#include "engine/policy/default_stages.h"
#include "engine/schema/kubernetes_defaults.h"

namespace plimsoll::policy {
namespace {

// Go shows a list that is not set as null. The registry refuses a pod without containers before any policy sees it; of a file that
// has none, rules are to find that nothing is there.
void leave_out_missing_containers(const Value& object) {
  Value spec = object["spec"];
  if (const Value job = spec["jobTemplate"]["spec"]; job.is_map()) spec = job;
  if (const Value pod = spec["template"]["spec"]; pod.is_map()) spec = pod;
  const Value* containers = spec.find("containers");
  if (containers != nullptr && containers->is_null()) spec.as_map()->erase("containers");
}

}  // namespace

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
  leave_out_missing_containers(result.object);
  return result;
}

}  // namespace plimsoll::policy
