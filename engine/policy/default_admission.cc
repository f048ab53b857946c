// The API server's own mutating admission plugins, as far as they can do their work without a cluster.
#include <algorithm>
#include <array>

#include "engine/policy/default_stages.h"

namespace plimsoll::policy {
namespace {

Map* copy_map(const Value& value, Arena& arena) {
  return value.is_map() ? Map::copy_of(arena, *value.as_map()) : Map::create(arena, 2);
}

// DefaultTolerationSeconds: pods stay five minutes on nodes that are not ready or not reachable.
void tolerate_nodes(Map& spec, Arena& arena) {
  constexpr std::array<std::string_view, 2> kTaints = {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"};
  const Value given = spec.contains("tolerations") ? *spec.find("tolerations") : Value::null();
  const auto tolerates = [&](std::string_view taint) {
    return std::ranges::any_of(given.items(), [&](const Value& toleration) {
      const std::string_view key = toleration["key"].string_or(), effect = toleration["effect"].string_or();
      return (key == taint || key.empty()) && (effect == "NoExecute" || effect.empty());
    });
  };
  List* result = nullptr;
  for (const std::string_view taint : kTaints) {
    if (tolerates(taint)) continue;
    if (result == nullptr) result = List::copy_of(arena, given.items());
    Map* toleration = Map::create(arena, 4);
    toleration->set(arena, "key", Value::string(taint));
    toleration->set(arena, "operator", Value::string("Exists"));
    toleration->set(arena, "effect", Value::string("NoExecute"));
    toleration->set(arena, "tolerationSeconds", Value::integer(300));
    result->push_back(arena, Value::map(toleration));
  }
  if (result != nullptr) spec.set(arena, "tolerations", Value::list(result));
}

// Priority: of the class that the pod names, or of the class that is the default.
void set_priority(Map& spec, const ObjectSource* objects, Arena& arena) {
  const auto text = [&](std::string_view field) { return spec.contains(field) ? spec.find(field)->string_or() : std::string_view(); };
  std::string_view name = text("priorityClassName");
  int64_t priority = 0;
  std::string_view preemption = "PreemptLowerPriority";
  bool known = true;
  if (name.empty()) {
    for (const Value& item : objects ? objects->all("scheduling.k8s.io/v1", "PriorityClass", {}) : std::vector<Value>()) {
      if (!item["globalDefault"].bool_or(false)) continue;
      name = item["metadata"]["name"].string_or();
      priority = item["value"].int_or(0);
      preemption = item["preemptionPolicy"].string_or(preemption);
      spec.set(arena, "priorityClassName", Value::string(name));
      break;
    }
  } else if (name == "system-node-critical") {
    priority = 2'000'001'000;
  } else if (name == "system-cluster-critical") {
    priority = 2'000'000'000;
  } else if (const Value* found = objects ? objects->get("scheduling.k8s.io/v1", "PriorityClass", {}, name) : nullptr) {
    priority = (*found)["value"].int_or(0);
    preemption = (*found)["preemptionPolicy"].string_or(preemption);
  } else {
    known = false;  // the server refuses the pod; here its class may just not be part of the input
  }
  if (!known) return;
  if (!spec.contains("priority")) spec.set(arena, "priority", Value::integer(priority));
  if (!spec.contains("preemptionPolicy")) spec.set(arena, "preemptionPolicy", Value::string(preemption));
}

// LimitRanger: containers without requests or limits get those of the namespace.
void limit_containers(Map& spec, std::string_view space, const ObjectSource* objects, Arena& arena) {
  if (objects == nullptr) return;
  for (const Value& range : objects->all("v1", "LimitRange", space)) {
    for (const Value& item : range["spec"]["limits"].items()) {
      if (item["type"].string_or() != "Container") continue;
      for (const std::string_view list : {"containers", "initContainers"}) {
        const Value containers = spec.contains(list) ? *spec.find(list) : Value::null();
        for (const Value& container : containers.items()) {
          if (!container.is_map()) continue;
          Map* resources = copy_map(container["resources"], arena);
          for (const auto& [field, defaults] :
               {std::pair{"limits", item["default"]}, std::pair{"requests", item["defaultRequest"]}}) {
            if (!defaults.is_map()) continue;
            Map* values = copy_map(resources->contains(field) ? *resources->find(field) : Value::null(), arena);
            for (const Map::Entry& entry : *defaults.as_map()) {
              if (!values->contains(entry.key.string_or())) values->set(arena, entry.key, entry.value);
            }
            resources->set(arena, field, Value::map(values));
          }
          container.as_map()->set(arena, "resources", Value::map(resources));
        }
      }
    }
  }
}

// RuntimeClass: what the runtime itself needs, and where it runs.
void apply_runtime_class(Map& spec, const ObjectSource* objects, Arena& arena) {
  const Value name = spec.contains("runtimeClassName") ? *spec.find("runtimeClassName") : Value::null();
  if (!name.is_string() || objects == nullptr) return;
  const Value* found = objects->get("node.k8s.io/v1", "RuntimeClass", {}, name.as_string());
  if (found == nullptr) return;
  if (const Value overhead = (*found)["overhead"]["podFixed"]; overhead.is_map() && !spec.contains("overhead")) {
    spec.set(arena, "overhead", overhead);
  }
  const Value scheduling = (*found)["scheduling"];
  if (const Value selector = scheduling["nodeSelector"]; selector.is_map()) {
    Map* merged = copy_map(spec.contains("nodeSelector") ? *spec.find("nodeSelector") : Value::null(), arena);
    for (const Map::Entry& entry : *selector.as_map()) merged->set(arena, entry.key, entry.value);
    spec.set(arena, "nodeSelector", Value::map(merged));
  }
  if (const Value tolerations = scheduling["tolerations"]; tolerations.size() > 0) {
    List* merged = List::copy_of(arena, spec.contains("tolerations") ? spec.find("tolerations")->items() : std::span<Value>());
    for (const Value& toleration : tolerations.items()) {
      if (std::ranges::none_of(merged->items(), [&](const Value& item) { return equal(item, toleration); })) {
        merged->push_back(arena, toleration);
      }
    }
    spec.set(arena, "tolerations", Value::list(merged));
  }
}

// StorageObjectInUseProtection.
void add_finalizer(Map& metadata, std::string_view name, Arena& arena) {
  const Value given = metadata.contains("finalizers") ? *metadata.find("finalizers") : Value::null();
  if (std::ranges::any_of(given.items(), [&](const Value& item) { return item.string_or() == name; })) return;
  List* finalizers = List::copy_of(arena, given.items());
  finalizers->push_back(arena, Value::string(name));
  metadata.set(arena, "finalizers", Value::list(finalizers));
}

}  // namespace

void admit_object(const Value& object, const DefaultOptions& options, Arena& arena) {
  const GroupVersionKind kind = kind_of_object(object);
  if (!kind.group.empty() || kind.version != "v1") return;
  const Value spec = object["spec"], metadata = object["metadata"];
  if (kind.kind == "Pod" && spec.is_map()) {
    limit_containers(*spec.as_map(), metadata["namespace"].string_or(), options.objects, arena);
    apply_runtime_class(*spec.as_map(), options.objects, arena);
    tolerate_nodes(*spec.as_map(), arena);
    set_priority(*spec.as_map(), options.objects, arena);
  } else if (kind.kind == "PersistentVolume" && metadata.is_map()) {
    add_finalizer(*metadata.as_map(), "kubernetes.io/pv-protection", arena);
  } else if (kind.kind == "PersistentVolumeClaim" && metadata.is_map()) {
    add_finalizer(*metadata.as_map(), "kubernetes.io/pvc-protection", arena);
  }
}

}  // namespace plimsoll::policy
