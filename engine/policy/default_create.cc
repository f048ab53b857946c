// What the registry makes of a new object before validating admission sees it (pkg/registry/*/strategy.go).
#include <algorithm>
#include <string>

#include "engine/policy/default_stages.h"
#include "engine/schema/kubernetes_defaults.h"
#include "engine/schema/kubernetes_quantity.h"
#include "engine/value/base64.h"

namespace plimsoll::policy {
namespace {

using schema::Quantity;

Value text(std::string_view value) { return Value::string(value); }

Value one_text(std::string_view value, Arena& arena) {
  List* list = List::create(arena, 1);
  list->push_back(arena, text(value));
  return Value::list(list);
}

Map& inner_map(Map& map, std::string_view field, Arena& arena) {
  if (const Value* found = map.find(field); found != nullptr && found->is_map()) return *found->as_map();
  Map* made = Map::create(arena, 4);
  map.set(arena, field, Value::map(made));
  return *made;
}

// Quality of service by the containers' cpu and memory (component-helpers/qos).
std::string_view qos_class(const Value& spec) {
  constexpr std::string_view kCounted[] = {"cpu", "memory"};
  bool any = false, guaranteed = true;
  const auto look = [&](const Value& resources) {
    for (const std::string_view resource : kCounted) {
      const auto positive = [&](std::string_view list) -> std::optional<Quantity> {
        const Value value = resources[list][resource];
        auto quantity = value.is_null() ? std::nullopt : Quantity::of(value);
        return quantity && !quantity->is_zero() ? quantity : std::nullopt;
      };
      const auto limit = positive("limits"), request = positive("requests");
      any |= limit.has_value() || request.has_value();
      guaranteed &= limit.has_value() && request.has_value() && *limit == *request;
    }
  };
  if (const Value whole = spec["resources"]; whole["limits"].size() + whole["requests"].size() > 0) {
    look(whole);
  } else {
    for (const std::string_view list : {"containers", "initContainers"}) {
      for (const Value& container : spec[list].items()) look(container["resources"]);
    }
  }
  return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}

void prepare_pod(Map& pod, const Value& spec, Arena& arena) {
  Map* status = Map::create(arena, 3);
  status->set(arena, "phase", text("Pending"));
  status->set(arena, "qosClass", text(qos_class(spec)));
  if (spec["schedulingGates"].size() > 0) {
    Map* condition = Map::create(arena, 6);
    condition->set(arena, "type", text("PodScheduled"));
    condition->set(arena, "status", text("False"));
    condition->set(arena, "reason", text("SchedulingGated"));
    condition->set(arena, "message", text("Scheduling is blocked due to non-empty scheduling gates"));
    condition->set(arena, "lastProbeTime", Value::null());
    condition->set(arena, "lastTransitionTime", Value::null());
    List* conditions = List::create(arena, 1);
    conditions->push_back(arena, Value::map(condition));
    status->set(arena, "conditions", Value::list(conditions));
  }
  pod.set(arena, "status", Value::map(status));
}

// Jobs without manualSelector select their pods by labels with the job's UID.
void prepare_job(const Value& job, const DefaultOptions& options, Arena& arena) {
  const Value spec = job["spec"];
  if (!spec.is_map() || spec["manualSelector"].bool_or(false) || options.uid.is_null()) return;
  Map& metadata = inner_map(inner_map(*spec.as_map(), "template", arena), "metadata", arena);
  Map& labels = inner_map(metadata, "labels", arena);
  const Value name = job["metadata"]["name"];
  labels.set(arena, "batch.kubernetes.io/controller-uid", options.uid);
  labels.set(arena, "controller-uid", options.uid);
  labels.set(arena, "batch.kubernetes.io/job-name", text(name.string_or()));
  labels.set(arena, "job-name", text(name.string_or()));
  Map& selector = inner_map(inner_map(*spec.as_map(), "selector", arena), "matchLabels", arena);
  selector.set(arena, "batch.kubernetes.io/controller-uid", options.uid);
}

// Families, and what an allocator gives. A cluster with IPv4 alone is assumed.
void prepare_service(Map& spec, const DefaultOptions& options, Arena& arena) {
  const auto get = [&](std::string_view field) { return spec.contains(field) ? *spec.find(field) : Value::null(); };
  const std::string_view type = get("type").string_or();
  if (type == "ExternalName") {
    for (const std::string_view field : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) spec.erase(field);
    return;
  }
  const bool headless = get("clusterIP").string_or() == "None";
  const Value address = get("clusterIP").string_or().empty() ? options.allocated : get("clusterIP");
  if (!address.is_null()) {
    spec.set(arena, "clusterIP", address);
    if (get("clusterIPs").is_null()) {
      spec.set(arena, "clusterIPs", get("clusterIP").string_or() == options.allocated.string_or() && !options.allocated.is_null()
                                        ? options.allocated
                                        : one_text(address.string_or(), arena));
    }
  }
  const bool without_selector = headless && get("selector").size() == 0;
  if (get("ipFamilyPolicy").is_null()) {
    spec.set(arena, "ipFamilyPolicy", text(without_selector ? "RequireDualStack" : "SingleStack"));
  }
  if (get("ipFamilies").is_null()) {
    List* families = List::create(arena, 2);
    families->push_back(arena, text("IPv4"));
    if (without_selector) families->push_back(arena, text("IPv6"));
    spec.set(arena, "ipFamilies", Value::list(families));
  }
  if (options.allocated.is_null()) return;
  const bool ports = type == "NodePort" || (type == "LoadBalancer" && get("allocateLoadBalancerNodePorts").bool_or(true));
  for (const Value& port : get("ports").items()) {
    if (ports && port.is_map() && port["nodePort"].is_null()) port.as_map()->set(arena, "nodePort", options.allocated);
  }
  if (type == "LoadBalancer" && get("externalTrafficPolicy").string_or() == "Local" && get("healthCheckNodePort").is_null()) {
    spec.set(arena, "healthCheckNodePort", options.allocated);
  }
}

// Secrets are written with stringData and read with data alone.
void prepare_secret(Map& secret, Arena& arena) {
  const Value* strings = secret.find("stringData");
  if (strings == nullptr || !strings->is_map()) return;
  const Map& given = *strings->as_map();
  if (!given.empty()) {
    Map* data = secret.contains("data") && secret.find("data")->is_map() ? Map::copy_of(arena, *secret.find("data")->as_map())
                                                                         : Map::create(arena, given.size());
    for (const Map::Entry& entry : given) {
      data->set(arena, entry.key, text(arena.copy(base64::encode(entry.value.string_or()))));
    }
    secret.set(arena, "data", Value::map(data));
  }
  secret.erase("stringData");
}

void prepare_namespace(Map& space, Arena& arena) {
  Map& spec = inner_map(space, "spec", arena);
  const Value given = spec.contains("finalizers") ? *spec.find("finalizers") : Value::null();
  if (std::ranges::any_of(given.items(), [](const Value& item) { return item.string_or() == "kubernetes"; })) return;
  List* finalizers = List::copy_of(arena, given.items());
  finalizers->push_back(arena, text("kubernetes"));
  spec.set(arena, "finalizers", Value::list(finalizers));
}

// The version that is stored from now on.
void prepare_definition(Map& definition, const Value& spec, Arena& arena) {
  for (const Value& version : spec["versions"].items()) {
    if (version["storage"].bool_or(false)) {
      inner_map(definition, "status", arena).set(arena, "storedVersions", one_text(version["name"].string_or(), arena));
    }
  }
}

}  // namespace

void prepare_object(const Value& object, const schema::KindInfo& info, const DefaultOptions& options, Arena& arena) {
  const GroupVersionKind kind = kind_of_object(object);
  Map& root = *object.as_map();
  const Value spec = object["spec"];
  // The status of a new object is not the user's to say.
  if (info.has_status && !options.keep_status) {
    const schema::Field* field = info.type->field("status");
    root.erase("status");
    if (field != nullptr && !info.custom) {
      const Value status = schema::empty_value(*field->type, arena);
      schema::apply_defaults(*field->type, status, arena);
      if (field->presence != schema::Presence::kOmitEmpty && status.is_map()) root.set(arena, "status", status);
    }
  }
  if (kind.group.empty()) {
    if (kind.kind == "Pod" && !options.keep_status) prepare_pod(root, spec, arena);
    if (kind.kind == "Service" && spec.is_map()) prepare_service(*spec.as_map(), options, arena);
    if (kind.kind == "Secret") prepare_secret(root, arena);
    if (kind.kind == "Namespace") prepare_namespace(root, arena);
    if (kind.kind == "PersistentVolume" && !options.now.is_null()) {
      inner_map(root, "status", arena).set(arena, "lastPhaseTransitionTime", options.now);
    }
  } else if (kind.group == "batch" && kind.kind == "Job") {
    prepare_job(object, options, arena);
  } else if (kind.group == "apiextensions.k8s.io") {
    prepare_definition(root, spec, arena);
  } else if (kind.group == "apps" && kind.kind == "DaemonSet") {
    Map& metadata = inner_map(root, "metadata", arena);
    inner_map(metadata, "annotations", arena).set(arena, "deprecated.daemonset.template.generation", text("1"));
  }
}

}  // namespace plimsoll::policy
