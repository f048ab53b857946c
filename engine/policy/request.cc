#include "engine/policy/request.h"

namespace plimsoll::policy {

Request request_to_create(const Value& object, std::string_view default_namespace, const KindTable& kinds,
                          std::string& scratch) {
  Request request;
  request.operation = "CREATE";
  const GroupVersion version = split_api_version(object["apiVersion"].string_or());
  request.kind = {version.group, version.version, object["kind"].string_or()};
  const KindTable::Match match = kinds.find(request.kind, scratch);
  request.resource = match.resource;
  const Value metadata = object["metadata"];
  request.name = metadata["name"].string_or(metadata["generateName"].string_or());
  if (match.namespaced) {
    request.namespace_name = metadata["namespace"].string_or(default_namespace);
    if (request.namespace_name.empty()) request.namespace_name = default_namespace;
  } else if (request.kind.kind == "Namespace" && request.kind.group.empty()) {
    request.namespace_name = request.name;
  } else if (!match.known) {
    request.namespace_name = metadata["namespace"].string_or();
  }
  request.user.name = "plimsoll";
  request.object = object;
  return request;
}

Value namespace_object(const Value& object, std::string_view name, Arena& arena) {
  constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
  Map* metadata = Map::create(arena, 8);
  metadata->set(arena, "name", Value::string(arena.copy(name)));
  const Value given = object["metadata"];
  for (const std::string_view field :
       {"generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "annotations", "finalizers"}) {
    if (const Value value = given[field]; !value.is_null()) metadata->set(arena, field, value);
  }
  const Value given_labels = given["labels"];
  Map* labels = given_labels.is_map() ? Map::copy_of(arena, *given_labels.as_map()) : Map::create(arena, 1);
  labels->set(arena, kNameLabel, (*metadata->find("name")));
  metadata->set(arena, "labels", Value::map(labels));

  Value spec = object["spec"];
  if (!spec.is_map()) {
    List* finalizers = List::create(arena, 1);
    finalizers->push_back(arena, Value::string("kubernetes"));
    Map* new_spec = Map::create(arena, 1);
    new_spec->set(arena, "finalizers", Value::list(finalizers));
    spec = Value::map(new_spec);
  }
  Value status = object["status"];
  if (!status.is_map()) {
    Map* new_status = Map::create(arena, 1);
    new_status->set(arena, "phase", Value::string("Active"));
    status = Value::map(new_status);
  }
  Map* result = Map::create(arena, 3);
  result->set(arena, "metadata", Value::map(metadata));
  result->set(arena, "spec", spec);
  result->set(arena, "status", status);
  return Value::map(result);
}

const Value* RequestScope::namespace_value() {
  if (!looked_up_) {
    looked_up_ = true;
    const Value* found =
        surroundings_.objects ? surroundings_.objects->get("v1", "Namespace", {}, request_.namespace_name) : nullptr;
    if (found != nullptr || surroundings_.assume_namespaces) {
      namespace_ = namespace_object(found ? *found : Value::null(), request_.namespace_name, arena_);
    }
  }
  return namespace_.is_null() ? nullptr : &namespace_;
}

Value RequestScope::namespace_variable() {
  if (request_.namespace_name.empty() || request_.kind == GroupVersionKind{"", "v1", "Namespace"}) return Value::null();
  const Value* value = namespace_value();
  return value ? *value : Value::null();
}

}  // namespace plimsoll::policy
