// Conversion of objects between the versions that the API server serves side by side. Most of them differ in nothing
// but their apiVersion; HorizontalPodAutoscaler and Event do not.
#include "engine/policy/kinds.h"

namespace plimsoll::policy {
namespace {

// Go's internal type keeps what v1 can't say in annotations; those are left alone here, so only the CPU metric crosses.
Value autoscaler_to_v2(const Value& object, Arena& arena) {
  Map* result = Map::copy_of(arena, *object.as_map());
  const Value spec = object["spec"];
  if (!spec.is_map()) return Value::map(result);
  Map* target = Map::create(arena);
  target->set(arena, "type", Value::string("Utilization"));
  // An autoscaler without any target used to mean 80 % in the controller; v2 says so.
  const Value* percentage = spec.find("targetCPUUtilizationPercentage");
  target->set(arena, "averageUtilization", percentage ? *percentage : Value::integer(80));
  Map* resource = Map::create(arena);
  resource->set(arena, "name", Value::string("cpu"));
  resource->set(arena, "target", Value::map(target));
  Map* metric = Map::create(arena);
  metric->set(arena, "type", Value::string("Resource"));
  metric->set(arena, "resource", Value::map(resource));
  List* metrics = List::create(arena);
  metrics->push_back(arena, Value::map(metric));

  Map* new_spec = Map::copy_of(arena, *spec.as_map());
  new_spec->erase("targetCPUUtilizationPercentage");
  new_spec->set(arena, "metrics", Value::list(metrics));
  result->set(arena, "spec", Value::map(new_spec));

  if (const Value status = object["status"]; status.is_map()) {
    Map* new_status = Map::copy_of(arena, *status.as_map());
    new_status->erase("currentCPUUtilizationPercentage");
    if (!new_status->contains("currentMetrics")) new_status->set(arena, "currentMetrics", Value::null());
    result->set(arena, "status", Value::map(new_status));
  }
  return Value::map(result);
}

Value autoscaler_to_v1(const Value& object, Arena& arena) {
  Map* result = Map::copy_of(arena, *object.as_map());
  if (const Value spec = object["spec"]; spec.is_map()) {
    Map* new_spec = Map::copy_of(arena, *spec.as_map());
    for (const Value& metric : spec["metrics"].items()) {
      const Value resource = metric["resource"];
      const Value utilization = resource["target"]["averageUtilization"];
      if (resource["name"].string_or() == "cpu" && !utilization.is_null()) {
        new_spec->set(arena, "targetCPUUtilizationPercentage", utilization);
        break;
      }
    }
    new_spec->erase("metrics");
    new_spec->erase("behavior");
    result->set(arena, "spec", Value::map(new_spec));
  }
  if (const Value status = object["status"]; status.is_map()) {
    Map* new_status = Map::copy_of(arena, *status.as_map());
    new_status->erase("currentMetrics");
    new_status->erase("conditions");
    if (!new_status->contains("currentReplicas")) new_status->set(arena, "currentReplicas", Value::integer(0));
    result->set(arena, "status", Value::map(new_status));
  }
  return Value::map(result);
}

struct Rename {
  std::string_view core, events;
};
constexpr Rename kEventFields[] = {
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
    {"reportingComponent", "reportingController"},
};

Value rename_event(const Value& object, bool to_core, Arena& arena) {
  Map* result = Map::create(arena, object.size());
  for (const Map::Entry& entry : *object.as_map()) {
    Value key = entry.key;
    for (const Rename& rename : kEventFields) {
      if (key.string_or() == (to_core ? rename.events : rename.core))
        key = Value::string(to_core ? rename.core : rename.events);
    }
    result->set(arena, key, entry.value);
  }
  return Value::map(result);
}

}  // namespace

std::optional<Value> convert_object(const Value& object, const GroupVersionKind& from, const GroupVersionKind& to,
                                    Arena& arena) {
  if (from == to || !object.is_map()) return object;
  Value result = object;
  if (from.kind == "HorizontalPodAutoscaler") {
    if (from.version == "v1") {
      result = autoscaler_to_v2(object, arena);
    } else if (to.version == "v1") {
      result = autoscaler_to_v1(object, arena);
    } else if (from.version == "v2beta1") {
      return std::nullopt;
    }
  } else if (from.kind == "Event" && from.group != to.group) {
    result = rename_event(object, to.group.empty(), arena);
  } else if (from.kind == "Ingress" && from.version != to.version) {
    return std::nullopt;  // v1beta1 names the backend in other words
  }
  Map* map = result.as_map() == object.as_map() ? Map::copy_of(arena, *object.as_map()) : result.as_map();
  map->set(arena, "apiVersion", Value::string(arena.copy(to.api_version())));
  map->set(arena, "kind", Value::string(arena.copy(to.kind)));
  return Value::map(map);
}

}  // namespace plimsoll::policy
