// Whether NetworkPolicies let a connection pass (networking.k8s.io/v1, as its API reference says).
//
//   Result<bool> open = network_allows(policies, {.direction = "Ingress", .from = client, .to = pod, .port = Value::integer(5432),
//                                                 .protocol = "TCP"}, arena);
//
// A pod that no policy selects for a direction is open in it. Else it is isolated, and what any rule of any of those policies allows
// passes. Missing or empty `from`, `to` and `ports` of a rule mean everything; `policyTypes` that are not given mean Ingress, and Egress
// if there are egress rules.
//
// An endpoint is a map {namespace, namespaceLabels, labels, ports, ip}, or an object with metadata: a Pod, or a workload, whose pod template
// counts then. `ports` are containerPorts, by which named ports are resolved at the destination. Without a namespace it is in "default",
// as are policies; with nothing but an ip it is no pod, and only ipBlocks match it. A namespace always has the label
// kubernetes.io/metadata.name; its other labels are those that are given. ipBlocks match every endpoint with an ip.
//
// Pods in their node's network (hostNetwork) are judged like others, which network plugins need not do.
//
// A port by name is that of the destination. If `to` says nothing of ports, names are compared with names alone.
//
// Errors (kEvaluation): values of wrong type, and what the API server refuses, such as peers of nothing or an endPort below port.
#pragma once

#include <string_view>

#include "engine/value/arena.h"
#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::cel {

struct Connection {
  std::string_view direction;  // Ingress: the policies that select `to`; Egress: those that select `from`; Both
  Value from, to;
  Value port;                  // 1 to 65535, or a name
  std::string_view protocol;   // TCP, UDP, SCTP
};

// `policies`: a list of NetworkPolicy objects. Synthetic values are made in `arena`.
Result<bool> network_allows(const List& policies, const Connection& connection, Arena& arena);

}  // namespace plimsoll::cel
