#include "engine/cel/runtime/network_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "engine/cel/runtime/ip.h"
#include "engine/value/label_selector.h"

namespace plimsoll::cel {
namespace {

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
constexpr std::string_view kDefaultNamespace = "default";

std::unexpected<Error> failure(std::string message) { return fail(ErrorCode::kEvaluation, std::move(message)); }

// A member of the kind that it must have; null if it is absent.
Result<Value> member(const Value& map, std::string_view key, Kind kind) {
  const Value value = map[key];
  if (value.is_null() || value.kind() == kind) return value;
  return failure(fmt::format("{} must be a {}, not a {}", key, kind_name(kind), kind_name(value.kind())));
}

std::string_view or_default(std::string_view namespace_name) { return namespace_name.empty() ? kDefaultNamespace : namespace_name; }

struct Endpoint {
  bool pod = true;  // false: an address outside the cluster
  std::string_view namespace_name = kDefaultNamespace;
  Value namespace_labels, labels;
  bool has_ports = false;
  std::vector<Value> ports;  // containerPorts
  std::optional<IpAddress> ip;
};

class EndpointReader {
 public:
  EndpointReader(std::string_view role, Arena& arena) : role_(role), arena_(arena) {}

  Result<Endpoint> read(const Value& value) {
    if (!value.is_map()) return failure(fmt::format("'{}' must be an endpoint or object, not a {}", role_, kind_name(value.kind())));
    Endpoint endpoint;
    PLIMSOLL_RETURN_IF_ERROR(value["metadata"].is_map() ? read_object(value, endpoint) : read_map(value, endpoint));
    if (endpoint.pod) {
      Map* labels = endpoint.namespace_labels.is_map() ? Map::copy_of(arena_, *endpoint.namespace_labels.as_map()) : Map::create(arena_, 1);
      labels->set(arena_, kNameLabel, Value::string(endpoint.namespace_name));
      endpoint.namespace_labels = Value::map(labels);
    }
    return endpoint;
  }

 private:
  std::unexpected<Error> wrong(std::string_view what, std::string_view wanted, const Value& found) const {
    return failure(fmt::format("{} of '{}' must be {}, not a {}", what, role_, wanted, kind_name(found.kind())));
  }

  Result<void> read_ip(const Value& value, Endpoint& endpoint) {
    if (value.is_null()) return {};
    if (!value.is_string()) return wrong("ip", "a string", value);
    const auto address = IpAddress::parse(value.as_string());
    if (!address) return failure(fmt::format("ip of '{}' is no IP address: {}", role_, value.as_string()));
    endpoint.ip = *address;
    return {};
  }

  Result<void> add_ports(const Value& ports, Endpoint& endpoint) {
    if (ports.is_null()) return {};
    if (!ports.is_list()) return wrong("ports", "a list", ports);
    for (const Value& port : ports.items()) {
      if (!port.is_map()) return wrong("an item of ports", "a map", port);
      endpoint.ports.push_back(port);
    }
    return {};
  }

  Result<void> read_map(const Value& value, Endpoint& endpoint) {
    for (const Map::Entry& field : *value.as_map()) {
      const std::string_view name = field.key.string_or();
      if (name == "namespace") {
        if (!field.value.is_string() && !field.value.is_null()) return wrong("namespace", "a string", field.value);
        endpoint.namespace_name = or_default(field.value.string_or());
      } else if (name == "labels" || name == "namespaceLabels") {
        if (!field.value.is_map() && !field.value.is_null()) return wrong(name, "a map", field.value);
        (name == "labels" ? endpoint.labels : endpoint.namespace_labels) = field.value;
      } else if (name == "ports") {
        endpoint.has_ports = !field.value.is_null();
        PLIMSOLL_RETURN_IF_ERROR(add_ports(field.value, endpoint));
      } else if (name == "ip") {
        PLIMSOLL_RETURN_IF_ERROR(read_ip(field.value, endpoint));
      } else {
        return failure(fmt::format("'{}' has '{}'; an endpoint has namespace, namespaceLabels, labels, ports and ip", role_, name));
      }
    }
    const bool described = value.find("namespace") != nullptr || value.find("labels") != nullptr || value.find("namespaceLabels") != nullptr;
    endpoint.pod = described || !endpoint.ip.has_value();
    return {};
  }

  Result<void> read_object(const Value& object, Endpoint& endpoint) {
    endpoint.namespace_name = or_default(object["metadata"]["namespace"].string_or());
    Value pod = object;
    if (object["spec"]["jobTemplate"].is_map()) pod = object["spec"]["jobTemplate"]["spec"]["template"];
    else if (object["spec"]["template"].is_map()) pod = object["spec"]["template"];
    endpoint.labels = pod["metadata"]["labels"];
    endpoint.has_ports = true;
    for (const std::string_view containers : {"containers", "initContainers"}) {
      for (const Value& container : pod["spec"][containers].items()) {
        // Of init containers only those that keep running serve anything.
        if (containers == "initContainers" && container["restartPolicy"].string_or() != "Always") continue;
        PLIMSOLL_RETURN_IF_ERROR(add_ports(container["ports"], endpoint));
      }
    }
    return read_ip(object["status"]["podIP"], endpoint);
  }

  std::string_view role_;
  Arena& arena_;
};

// The port of the connection, as number and as name; 0: the number is not known.
struct Port {
  int64_t number = 0;
  std::string_view name;
};

std::string_view protocol_of(const Value& port) { return port["protocol"].string_or("TCP"); }

Result<Port> resolve_port(const Connection& connection, const Endpoint& to) {
  if (connection.port.is_int() || connection.port.is_uint()) {
    const uint64_t number = connection.port.is_int() ? static_cast<uint64_t>(connection.port.as_int()) : connection.port.as_uint();
    if (number < 1 || number > 65535) return failure("the port must be from 1 to 65535");
    return Port{static_cast<int64_t>(number), {}};
  }
  if (!connection.port.is_string()) return failure(fmt::format("the port must be an int or a name, not a {}", kind_name(connection.port.kind())));
  const std::string_view name = connection.port.as_string();
  for (const Value& port : to.ports) {
    if (port["name"].string_or() == name && protocol_of(port) == connection.protocol) return Port{port["containerPort"].int_or(0), name};
  }
  if (to.has_ports) return failure(fmt::format("'to' has no {} port of name '{}'", connection.protocol, name));
  return Port{0, name};
}

// One direction: the isolated pod and its peer.
class Judge {
 public:
  Judge(bool ingress, const Endpoint& from, const Endpoint& to, const Port& port, std::string_view protocol)
      : ingress_(ingress), self_(ingress ? to : from), peer_(ingress ? from : to), to_(to), port_(port), protocol_(protocol) {}

  Result<bool> allows(const List& policies) {
    if (!self_.pod) return true;
    bool isolated = false;
    for (const Value& policy : policies) {
      namespace_name_ = or_default(policy["metadata"]["namespace"].string_or());
      Result<bool> verdict = judge(policy, isolated);
      if (!verdict) {
        return std::unexpected(std::move(verdict).error().with_context(
            fmt::format("NetworkPolicy {}/{}", namespace_name_, policy["metadata"]["name"].string_or("?"))));
      }
      if (*verdict) return true;
    }
    return !isolated;
  }

 private:
  // Whether the policy allows the connection; `isolated` turns true if it concerns it at all.
  Result<bool> judge(const Value& policy, bool& isolated) {
    if (!policy.is_map()) return failure(fmt::format("a policy must be a NetworkPolicy, not a {}", kind_name(policy.kind())));
    if (const std::string_view kind = policy["kind"].string_or("NetworkPolicy"); kind != "NetworkPolicy") {
      return failure(fmt::format("a policy must be a NetworkPolicy, not a {}", kind));
    }
    if (namespace_name_ != self_.namespace_name) return false;
    PLIMSOLL_ASSIGN_OR_RETURN(const Value spec, member(policy, "spec", Kind::kMap));
    PLIMSOLL_ASSIGN_OR_RETURN(const bool applies, has_type(spec));
    if (!applies) return false;
    PLIMSOLL_ASSIGN_OR_RETURN(const bool chosen, selects(spec["podSelector"], self_.labels));
    if (!chosen) return false;
    isolated = true;
    PLIMSOLL_ASSIGN_OR_RETURN(const Value rules, member(spec, ingress_ ? "ingress" : "egress", Kind::kList));
    for (const Value& rule : rules.items()) {
      if (!rule.is_map()) return failure("a rule must be a map");
      PLIMSOLL_ASSIGN_OR_RETURN(const bool port, matches_ports(rule));
      if (!port) continue;
      PLIMSOLL_ASSIGN_OR_RETURN(const bool peer, matches_peers(rule));
      if (peer) return true;
    }
    return false;
  }

  Result<bool> has_type(const Value& spec) const {
    PLIMSOLL_ASSIGN_OR_RETURN(const Value types, member(spec, "policyTypes", Kind::kList));
    if (types.size() == 0) return ingress_ || spec["egress"].items().size() > 0;
    return std::ranges::any_of(types.items(), [&](const Value& type) { return type.string_or() == (ingress_ ? "Ingress" : "Egress"); });
  }

  // A selector that is there: {} selects all, and so does the spec's podSelector if it is absent.
  static Result<bool> selects(const Value& selector, const Value& labels) {
    if (selector.is_null()) return true;
    PLIMSOLL_ASSIGN_OR_RETURN(const LabelSelector read, LabelSelector::decode(selector));
    return read.matches(labels);
  }

  Result<bool> matches_ports(const Value& rule) const {
    PLIMSOLL_ASSIGN_OR_RETURN(const Value ports, member(rule, "ports", Kind::kList));
    if (ports.size() == 0) return true;
    for (const Value& port : ports.items()) {
      if (!port.is_map()) return failure("an item of ports must be a map");
      PLIMSOLL_RETURN_IF_ERROR(member(port, "protocol", Kind::kString));
      PLIMSOLL_ASSIGN_OR_RETURN(const bool matched, matches_port(port));
      if (matched) return true;
    }
    return false;
  }

  Result<bool> matches_port(const Value& port) const {
    const bool same_protocol = protocol_of(port) == protocol_;
    const Value number = port["port"];
    const Value end = port["endPort"];
    if (number.is_null()) return end.is_null() ? Result<bool>(same_protocol) : failure("endPort needs a port");
    if (number.is_string()) {
      if (!end.is_null()) return failure("endPort needs a port that is a number");
      return same_protocol && matches_name(number.as_string());
    }
    if (!number.is_int()) return failure(fmt::format("port must be an int or a name, not a {}", kind_name(number.kind())));
    if (end.is_null()) return same_protocol && port_.number == number.as_int();
    if (!end.is_int()) return failure(fmt::format("endPort must be an int, not a {}", kind_name(end.kind())));
    if (end.as_int() < number.as_int()) return failure("endPort is below port");
    return same_protocol && port_.number != 0 && port_.number >= number.as_int() && port_.number <= end.as_int();
  }

  // Names of ports mean those of the destination.
  bool matches_name(std::string_view name) const {
    if (port_.number == 0) return port_.name == name;
    return std::ranges::any_of(to_.ports, [&](const Value& port) {
      return port["name"].string_or() == name && protocol_of(port) == protocol_ && port["containerPort"].int_or(0) == port_.number;
    });
  }

  Result<bool> matches_peers(const Value& rule) const {
    PLIMSOLL_ASSIGN_OR_RETURN(const Value peers, member(rule, ingress_ ? "from" : "to", Kind::kList));
    if (peers.size() == 0) return true;
    for (const Value& peer : peers.items()) {
      if (!peer.is_map()) return failure("a peer must be a map");
      PLIMSOLL_ASSIGN_OR_RETURN(const bool matched, matches_peer(peer));
      if (matched) return true;
    }
    return false;
  }

  Result<bool> matches_peer(const Value& peer) const {
    const Value pods = peer["podSelector"], namespaces = peer["namespaceSelector"], block = peer["ipBlock"];
    if (!block.is_null()) {
      if (!pods.is_null() || !namespaces.is_null()) return failure("a peer has either an ipBlock or selectors");
      return matches_block(block);
    }
    if (pods.is_null() && namespaces.is_null()) return failure("a peer needs a podSelector, namespaceSelector or ipBlock");
    PLIMSOLL_ASSIGN_OR_RETURN(const bool namespace_matches, namespaces.is_null()
                                                                ? Result<bool>(peer_.namespace_name == namespace_name_)
                                                                : selects(namespaces, peer_.namespace_labels));
    PLIMSOLL_ASSIGN_OR_RETURN(const bool pod_matches, selects(pods, peer_.labels));
    return peer_.pod && namespace_matches && pod_matches;
  }

  static Result<IpPrefix> prefix(const Value& value) {
    const auto read = IpPrefix::parse(value.string_or());
    if (!value.is_string() || !read) return failure(fmt::format("ipBlock: '{}' is no CIDR", value.string_or("?")));
    return read->masked();
  }

  Result<bool> matches_block(const Value& block) const {
    if (!block.is_map()) return failure("ipBlock must be a map");
    PLIMSOLL_ASSIGN_OR_RETURN(const IpPrefix cidr, prefix(block["cidr"]));
    PLIMSOLL_ASSIGN_OR_RETURN(const Value exceptions, member(block, "except", Kind::kList));
    bool excepted = false;
    for (const Value& exception : exceptions.items()) {
      PLIMSOLL_ASSIGN_OR_RETURN(const IpPrefix range, prefix(exception));
      excepted = excepted || (peer_.ip && range.contains(*peer_.ip));
    }
    return peer_.ip && cidr.contains(*peer_.ip) && !excepted;
  }

  bool ingress_;
  const Endpoint& self_;
  const Endpoint& peer_;
  const Endpoint& to_;
  const Port& port_;
  std::string_view protocol_;
  std::string_view namespace_name_;  // of the policy at hand
};

Result<bool> judge(const List& policies, const Connection& connection, Arena& arena) {
  constexpr std::array<std::string_view, 3> kDirections = {"Ingress", "Egress", "Both"};
  constexpr std::array<std::string_view, 3> kProtocols = {"TCP", "UDP", "SCTP"};
  if (std::ranges::find(kDirections, connection.direction) == kDirections.end()) {
    return failure(fmt::format("the direction must be 'Ingress', 'Egress' or 'Both', not '{}'", connection.direction));
  }
  if (std::ranges::find(kProtocols, connection.protocol) == kProtocols.end()) {
    return failure(fmt::format("the protocol must be 'TCP', 'UDP' or 'SCTP', not '{}'", connection.protocol));
  }
  PLIMSOLL_ASSIGN_OR_RETURN(const Endpoint from, EndpointReader("from", arena).read(connection.from));
  PLIMSOLL_ASSIGN_OR_RETURN(const Endpoint to, EndpointReader("to", arena).read(connection.to));
  PLIMSOLL_ASSIGN_OR_RETURN(const Port port, resolve_port(connection, to));
  for (const bool ingress : {true, false}) {
    if (connection.direction == (ingress ? "Egress" : "Ingress")) continue;
    PLIMSOLL_ASSIGN_OR_RETURN(const bool allowed, Judge(ingress, from, to, port, connection.protocol).allows(policies));
    if (!allowed) return false;
  }
  return true;
}

}  // namespace

Result<bool> network_allows(const List& policies, const Connection& connection, Arena& arena) {
  Result<bool> allowed = judge(policies, connection, arena);
  if (!allowed) return std::unexpected(std::move(allowed).error().with_context("allows"));
  return allowed;
}

}  // namespace plimsoll::cel
