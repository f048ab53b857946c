#include "engine/schema/kubernetes_pod_defaults.h"

#include <algorithm>
#include <vector>

#include "engine/schema/kubernetes_quantity.h"

namespace plimsoll::schema {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

// Lower-case words between separators: one '.', one or two '_', any number of '-'.
bool is_path_component(std::string_view text) {
  size_t at = 0;
  while (true) {
    const size_t start = at;
    while (at < text.size() && is_lower_or_digit(text[at])) ++at;
    if (at == start) return false;
    if (at == text.size()) return true;
    if (text[at] == '.') {
      ++at;
    } else if (text[at] == '_') {
      at += text.substr(at).starts_with("__") ? 2 : 1;
    } else if (text[at] == '-') {
      while (at < text.size() && text[at] == '-') ++at;
    } else {
      return false;
    }
  }
}

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > 128 || !(is_alphanumeric(text[0]) || text[0] == '_')) return false;
  return std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

// A copy of a list of resources, or an empty one.
Map* resources_of(const Value& list, Arena& arena) {
  return list.is_map() ? Map::copy_of(arena, *list.as_map()) : Map::create(arena, 2);
}

void add_missing(Map& target, const Value& source, Arena& arena) {
  if (!source.is_map()) return;
  for (const Map::Entry& entry : *source.as_map()) {
    if (!target.contains(entry.key.string_or())) target.set(arena, entry.key, entry.value);
  }
}

void requests_from_limits(const Value& containers, Arena& arena) {
  for (const Value& container : containers.items()) {
    const Value resources = container["resources"];
    if (!resources["limits"].is_map()) continue;
    Map* requests = resources_of(resources["requests"], arena);
    add_missing(*requests, resources["limits"], arena);
    resources.as_map()->set(arena, "requests", Value::map(requests));
  }
}

void host_ports(const Value& containers, Arena& arena) {
  for (const Value& container : containers.items()) {
    for (const Value& port : container["ports"].items()) {
      if (port.is_map() && port["hostPort"].int_or(0) == 0 && !port["containerPort"].is_null()) {
        port.as_map()->set(arena, "hostPort", port["containerPort"]);
      }
    }
  }
}

bool is_huge_page(std::string_view resource) { return resource.starts_with("hugepages-"); }
bool pod_may_say(std::string_view resource) { return resource == "cpu" || resource == "memory" || is_huge_page(resource); }

// Sum over containers that run at once, or the most that one of the init containers needs beside those that stay
// (component-helpers/resource AggregateContainerRequests).
class Aggregate {
 public:
  struct Entry {
    std::string_view resource;
    Quantity total;
  };

  Aggregate(const Value& spec, std::string_view list) {
    for (const Value& container : spec["containers"].items()) add(totals_, container["resources"][list]);
    std::vector<Entry> staying, largest;
    for (const Value& container : spec["initContainers"].items()) {
      const Value own = container["resources"][list];
      std::vector<Entry> together;
      if (container["restartPolicy"].string_or() == "Always") {
        add(totals_, own);
        add(staying, own);
        together = staying;
      } else {
        add(together, own);
        for (const Entry& entry : staying) slot(together, entry.resource) += entry.total;
      }
      raise(largest, together);
    }
    raise(totals_, largest);
  }

  const std::vector<Entry>& totals() const { return totals_; }

 private:
  static Quantity& slot(std::vector<Entry>& entries, std::string_view resource) {
    for (Entry& entry : entries) {
      if (entry.resource == resource) return entry.total;
    }
    return entries.emplace_back(Entry{resource, {}}).total;
  }
  static void add(std::vector<Entry>& entries, const Value& resources) {
    if (!resources.is_map()) return;
    for (const Map::Entry& entry : *resources.as_map()) {
      if (const auto quantity = Quantity::of(entry.value)) slot(entries, entry.key.string_or()) += *quantity;
    }
  }
  static void raise(std::vector<Entry>& entries, const std::vector<Entry>& others) {
    for (const Entry& other : others) {
      Quantity& own = slot(entries, other.resource);
      if (own < other.total) own = other.total;
    }
  }

  std::vector<Entry> totals_;
};

// Pod-level resources (KEP-2837): what is said in part for the pod is filled in from its containers.
void pod_resources(const Value& spec, Arena& arena) {
  const Value resources = spec["resources"];
  if (!resources.is_map()) return;
  const auto set = [&](std::string_view list, Map* values) {
    if (!values->empty()) resources.as_map()->set(arena, list, Value::map(values));
  };
  const auto text = [&](const Quantity& quantity) { return Value::string(arena.copy(quantity.to_string())); };
  if (resources["limits"].size() == 0 && resources["requests"].size() == 0) return;

  const Aggregate limits(spec, "limits");
  Map* pod_limits = resources_of(resources["limits"], arena);
  for (const auto& [resource, total] : limits.totals()) {
    if (!is_huge_page(resource) || !resources["requests"][resource].is_null() || pod_limits->contains(resource)) continue;
    pod_limits->set(arena, resource, text(total));
  }
  set("limits", pod_limits);

  if (resources["limits"].size() > 0) {
    const Aggregate requests(spec, "requests");
    Map* pod_requests = resources_of(resources["requests"], arena);
    for (const auto& [resource, total] : requests.totals()) {
      if (pod_may_say(resource) && !is_huge_page(resource) && !pod_requests->contains(resource)) {
        pod_requests->set(arena, resource, text(total));
      }
    }
    for (const Map::Entry& limit : *resources["limits"].as_map()) {
      const std::string_view resource = limit.key.string_or();
      if (pod_may_say(resource) && !pod_requests->contains(resource)) pod_requests->set(arena, limit.key, limit.value);
    }
    set("requests", pod_requests);
  }
}

}  // namespace

std::string_view default_pull_policy(std::string_view image) {
  constexpr std::string_view kNotPresent = "IfNotPresent";
  if (image.find('@') != std::string_view::npos) {
    const std::string_view named = image.substr(0, image.find('@'));
    const size_t colon = named.rfind(':');
    const bool latest = colon != std::string_view::npos && named.substr(colon + 1) == "latest";
    return latest ? "Always" : kNotPresent;
  }
  const size_t slash = image.rfind('/');
  const size_t colon = image.find(':', slash == std::string_view::npos ? 0 : slash);
  const std::string_view tag = colon == std::string_view::npos ? "latest" : image.substr(colon + 1);
  std::string_view path = image.substr(0, colon);
  // The first part is a registry if it looks like a host.
  if (const size_t first = path.find('/'); first != std::string_view::npos) {
    const std::string_view host = path.substr(0, first);
    const bool upper = std::ranges::any_of(host, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (host.find_first_of(".:") != std::string_view::npos || host == "localhost" || upper) path.remove_prefix(first + 1);
  }
  bool valid = is_tag(tag);
  while (valid) {
    const size_t end = path.find('/');
    valid = is_path_component(path.substr(0, end));
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  return valid && tag == "latest" ? "Always" : kNotPresent;
}

void container_defaults(Defaults& container) {
  container.fill("imagePullPolicy", Value::string(default_pull_policy(container.text("image"))));
}

void pod_defaults(Defaults& pod) {
  const Value spec = pod.get("spec");
  if (!spec.is_map()) return;
  Arena& arena = pod.arena();
  requests_from_limits(spec["containers"], arena);
  requests_from_limits(spec["initContainers"], arena);
  pod_resources(spec, arena);
  if (spec["enableServiceLinks"].is_null()) spec.as_map()->set(arena, "enableServiceLinks", Value::boolean(true));
  if (spec["hostNetwork"].bool_or(false)) {
    host_ports(spec["containers"], arena);
    host_ports(spec["initContainers"], arena);
  }
}

// Go's conversion keeps the old name of serviceAccountName beside it.
void pod_spec_defaults(Defaults& spec) {
  if (spec.unset("serviceAccountName") && !spec.unset("serviceAccount")) spec.set("serviceAccountName", spec.get("serviceAccount"));
  if (!spec.unset("serviceAccountName")) spec.set("serviceAccount", spec.get("serviceAccountName"));
}

void volume_defaults(Defaults& volume) {
  if (volume.object().size() == 1) volume.inner("emptyDir");  // nothing but the name
  if (volume.get("image").is_map()) {
    Defaults image = volume.inner("image");
    image.fill("pullPolicy", Value::string(default_pull_policy(image.text("reference"))));
  }
}

void service_defaults(Defaults& service) {
  Arena& arena = service.arena();
  Defaults spec = service.inner("spec");
  spec.fill("sessionAffinity", Value::string("None"));
  if (spec.text("sessionAffinity") == "None") spec.object().erase("sessionAffinityConfig");
  if (spec.text("sessionAffinity") == "ClientIP" && spec.get("sessionAffinityConfig")["clientIP"]["timeoutSeconds"].is_null()) {
    Map* client = Map::create(arena, 1);
    client->set(arena, "timeoutSeconds", Value::integer(10800));
    Map* config = Map::create(arena, 1);
    config->set(arena, "clientIP", Value::map(client));
    spec.set("sessionAffinityConfig", Value::map(config));
  }
  spec.fill("type", Value::string("ClusterIP"));
  const std::string_view type = spec.text("type");
  for (const Value& port : spec.get("ports").items()) {
    if (!port.is_map()) continue;
    const Value target = port["targetPort"];
    const bool none = target.is_null() || (target.is_int() && target.as_int() == 0) || (target.is_string() && target.size() == 0);
    if (none) port.as_map()->set(arena, "targetPort", port["port"]);
  }
  const bool external = type == "LoadBalancer" || type == "NodePort" || (type == "ClusterIP" && spec.get("externalIPs").size() > 0);
  if (external) spec.fill("externalTrafficPolicy", Value::string("Cluster"));
  if (type == "NodePort" || type == "LoadBalancer" || type == "ClusterIP") {
    spec.fill("internalTrafficPolicy", Value::string("Cluster"));
  }
  if (type != "LoadBalancer") return;
  spec.fill("allocateLoadBalancerNodePorts", Value::boolean(true));
  for (const Value& ingress : service.get("status")["loadBalancer"]["ingress"].items()) {
    if (ingress.is_map() && !ingress["ip"].is_null() && ingress["ipMode"].is_null()) {
      ingress.as_map()->set(arena, "ipMode", Value::string("VIP"));
    }
  }
}

void replication_controller_defaults(Defaults& controller) {
  Defaults spec = controller.inner("spec");
  const Value labels = spec.get("template")["metadata"]["labels"];
  if (labels.size() == 0) return;
  if (spec.get("selector").size() == 0) spec.set("selector", labels);
  Defaults metadata = controller.inner("metadata");
  if (metadata.get("labels").size() == 0) metadata.set("labels", labels);
}

void namespace_defaults(Defaults& space) {
  Defaults metadata = space.inner("metadata");
  if (metadata.text("name").empty()) return;
  Map* labels = resources_of(metadata.get("labels"), space.arena());
  labels->set(space.arena(), "kubernetes.io/metadata.name", metadata.get("name"));
  metadata.set("labels", Value::map(labels));
}

void node_status_defaults(Defaults& status) {
  if (status.get("allocatable").is_null() && !status.get("capacity").is_null()) status.set("allocatable", status.get("capacity"));
}

void limit_range_item_defaults(Defaults& item) {
  if (item.text("type") != "Container") return;
  Arena& arena = item.arena();
  Map* limits = resources_of(item.get("default"), arena);
  add_missing(*limits, item.get("max"), arena);
  Map* requests = resources_of(item.get("defaultRequest"), arena);
  add_missing(*requests, Value::map(limits), arena);
  add_missing(*requests, item.get("min"), arena);
  if (!limits->empty()) item.set("default", Value::map(limits));
  if (!requests->empty()) item.set("defaultRequest", Value::map(requests));
}

}  // namespace plimsoll::schema
