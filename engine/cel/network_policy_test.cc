// NetworkPolicies as their API reference describes them: isolation, union, peers, blocks, ports.
#include "engine/cel/runtime/network_policy.h"

#include <gtest/gtest.h>

#include "engine/yaml/document.h"

namespace plimsoll::cel {
namespace {

// Policies by name, all in namespace shop unless they say otherwise.
constexpr std::string_view kPolicies = R"(
deny-all: {podSelector: {}}
deny-all-both: {podSelector: {}, policyTypes: [Ingress, Egress]}
deny-egress: {podSelector: {}, policyTypes: [Egress]}
allow-all: {podSelector: {}, ingress: [{}]}
allow-all-egress: {podSelector: {}, policyTypes: [Egress], egress: [{}]}
allow-empty-lists: {podSelector: {}, ingress: [{from: [], ports: []}]}
no-selector: {ingress: []}
nothing: {}
db-only: {podSelector: {matchLabels: {app: db}}}
web-to-db: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}
web-to-db-named: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: sql}]}]}
api-to-db: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [api]}]}}]}]}
pods-of-own: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}
all-namespaces: {podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}
by-name: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}]}]}
by-team: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}
both-selectors: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: probe}}}]}]}
either-selector: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}, {podSelector: {matchLabels: {app: web}}}]}]}
block: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}
block-v6: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '2001:db8::/32'}}]}]}
block-unmasked: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.9.8.7/8}}]}]}
world: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}}]}]}
dns: {podSelector: {}, egress: [{ports: [{port: 53, protocol: UDP}, {port: 53}]}]}
range: {podSelector: {}, ingress: [{ports: [{port: 8000, endPort: 8100}]}]}
any-udp: {podSelector: {}, ingress: [{ports: [{protocol: UDP}]}]}
two-rules: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 1}]}, {from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 2}]}]}
ingress-and-empty-egress: {podSelector: {}, ingress: [{}], egress: []}
types-without-rules: {podSelector: {}, policyTypes: [Ingress]}
egress-ignored: {podSelector: {}, policyTypes: [Ingress], egress: [{}]}
elsewhere: {namespace: ops, podSelector: {}}
null-lists: {podSelector: null, ingress: [{from: null, ports: null}]}
string-port-number: {podSelector: {}, ingress: [{ports: [{port: '5432'}]}]}
)";

constexpr std::string_view kEndpoints = R"(
web: {namespace: shop, labels: {app: web}, ip: 10.0.0.1}
api: {namespace: shop, labels: {app: api}}
db: {namespace: shop, labels: {app: db}, ip: 10.1.0.5, ports: [{containerPort: 5432, name: sql}, {containerPort: 5353, name: sql, protocol: UDP}]}
vague-db: {namespace: shop, labels: {app: db}}
probe: {namespace: ops, namespaceLabels: {team: ops}, labels: {app: probe}}
ops: {namespace: ops, namespaceLabels: {team: ops}}
stranger: {namespace: other, labels: {app: web}}
outside: {ip: 203.0.113.9}
outside-v6: {ip: '2001:db8::1'}
inner: {ip: 10.200.0.1}
excepted: {ip: 10.1.2.3}
metadata-service: {ip: 169.254.169.254}
pod: {kind: Pod, metadata: {name: db-0, namespace: shop, labels: {app: db}}, spec: {containers: [{name: a}, {name: b, ports: [{containerPort: 5432, name: sql}]}],
      initContainers: [{name: c, restartPolicy: Always, ports: [{containerPort: 9000, name: metrics}]}, {name: d, ports: [{containerPort: 9001, name: setup}]}]}, status: {podIP: 10.0.0.9}}
deployment: {kind: Deployment, metadata: {name: web, namespace: shop, labels: {app: other}}, spec: {template: {metadata: {labels: {app: web}}, spec: {containers: []}}}}
cronjob: {kind: CronJob, metadata: {name: web, namespace: shop}, spec: {jobTemplate: {spec: {template: {metadata: {labels: {app: web}}}}}}}
homeless: {kind: Pod, metadata: {name: x, labels: {app: web}}}
default: {namespace: default, labels: {app: web}}
)";

class NetworkPolicyTest : public testing::Test {
 protected:
  // Names of policies and endpoints -> "true", "false" or the error.
  std::string judge(std::string_view names, std::string_view direction, std::string_view from, std::string_view to, Value port,
                    std::string_view protocol = "TCP") {
    List* policies = List::create(arena_);
    while (!names.empty()) {
      const size_t blank = names.find(' ');
      policies->push_back(arena_, policy(names.substr(0, blank)));
      names.remove_prefix(blank == std::string_view::npos ? names.size() : blank + 1);
    }
    const Result<bool> allowed = network_allows(*policies, {direction, endpoints_[from], endpoints_[to], port, protocol}, arena_);
    return allowed ? *allowed ? "true" : "false" : allowed.error().message();
  }

  Value policy(std::string_view name) {
    Map* metadata = Map::create(arena_);
    const Value spec = policies_[name];
    EXPECT_TRUE(spec.is_map()) << name;
    metadata->set(arena_, "name", Value::string(name));
    metadata->set(arena_, "namespace", Value::string(spec["namespace"].string_or("shop")));
    Map* object = Map::create(arena_);
    object->set(arena_, "kind", Value::string("NetworkPolicy"));
    object->set(arena_, "metadata", Value::map(metadata));
    object->set(arena_, "spec", spec);
    return Value::map(object);
  }

  Value read(std::string_view text) { return *yaml::read_go(arena_, text); }

  Arena arena_;
  Value policies_ = read(kPolicies);
  Value endpoints_ = read(kEndpoints);
};

TEST_F(NetworkPolicyTest, LetsPassWhatTheApiReferenceSays) {
  struct Row {
    std::string_view policies, direction, from, to;
    int port;
    bool allowed;
    std::string_view protocol = "TCP";
  };
  constexpr Row kRows[] = {
      // Isolation.
      {"", "Both", "web", "db", 5432, true},
      {"deny-all", "Ingress", "web", "db", 5432, false},
      {"deny-all", "Egress", "web", "db", 5432, true},
      {"deny-all", "Both", "web", "db", 5432, false},
      {"deny-egress", "Ingress", "web", "db", 5432, true},
      {"deny-egress", "Egress", "web", "db", 5432, false},
      {"deny-all-both", "Egress", "web", "outside", 443, false},
      {"deny-all", "Ingress", "web", "outside", 443, true},
      {"deny-all", "Ingress", "outside", "web", 443, false},
      {"deny-egress", "Egress", "outside", "web", 443, true},
      {"elsewhere", "Ingress", "web", "db", 5432, true},
      {"elsewhere", "Ingress", "web", "ops", 1, false},
      {"no-selector", "Ingress", "web", "db", 5432, false},
      {"nothing", "Ingress", "web", "db", 5432, false},
      {"nothing", "Egress", "web", "db", 5432, true},
      {"db-only", "Ingress", "api", "web", 80, true},
      {"types-without-rules", "Ingress", "api", "web", 80, false},
      // Which directions a policy is about.
      {"ingress-and-empty-egress", "Egress", "web", "db", 5432, true},
      {"dns", "Egress", "web", "db", 5432, false},
      {"dns", "Ingress", "web", "db", 53, false},
      {"egress-ignored", "Egress", "web", "db", 5432, true},
      // Everything.
      {"allow-all", "Ingress", "outside", "db", 5432, true},
      {"allow-all-egress", "Egress", "web", "outside", 443, true},
      {"allow-empty-lists", "Ingress", "stranger", "db", 1, true},
      {"null-lists", "Ingress", "stranger", "db", 1, true},
      // Union.
      {"deny-all allow-all", "Ingress", "web", "db", 5432, true},
      {"deny-all web-to-db", "Ingress", "web", "db", 5432, true},
      {"web-to-db api-to-db", "Ingress", "api", "db", 1, true},
      {"web-to-db", "Ingress", "api", "db", 5432, false},
      {"two-rules", "Ingress", "web", "db", 1, true},
      {"two-rules", "Ingress", "web", "db", 2, false},
      {"two-rules", "Ingress", "api", "db", 2, true},
      // Pods and namespaces.
      {"web-to-db", "Ingress", "web", "db", 5432, true},
      {"web-to-db", "Ingress", "stranger", "db", 5432, false},
      {"web-to-db", "Ingress", "outside", "db", 5432, false},
      {"pods-of-own", "Ingress", "api", "db", 1, true},
      {"pods-of-own", "Ingress", "probe", "db", 1, false},
      {"all-namespaces", "Ingress", "stranger", "db", 1, true},
      {"all-namespaces", "Ingress", "outside", "db", 1, false},
      {"by-name", "Ingress", "ops", "db", 1, true},
      {"by-name", "Ingress", "web", "db", 1, false},
      {"by-team", "Ingress", "ops", "db", 1, true},
      {"by-team", "Ingress", "stranger", "db", 1, false},
      {"both-selectors", "Ingress", "probe", "db", 1, true},
      {"both-selectors", "Ingress", "ops", "db", 1, false},
      {"either-selector", "Ingress", "ops", "db", 1, true},
      {"either-selector", "Ingress", "web", "db", 1, true},
      {"either-selector", "Ingress", "stranger", "db", 1, false},
      // Blocks.
      {"block", "Ingress", "inner", "db", 1, true},
      {"block", "Ingress", "excepted", "db", 1, false},
      {"block", "Ingress", "outside", "db", 1, false},
      {"block", "Ingress", "web", "db", 1, true},
      {"block", "Ingress", "api", "db", 1, false},
      {"block", "Ingress", "outside-v6", "db", 1, false},
      {"block-v6", "Ingress", "outside-v6", "db", 1, true},
      {"block-v6", "Ingress", "outside", "db", 1, false},
      {"block-unmasked", "Ingress", "inner", "db", 1, true},
      {"world", "Egress", "web", "outside", 443, true},
      {"world", "Egress", "web", "metadata-service", 80, false},
      {"world", "Egress", "web", "outside-v6", 443, false},
      // Ports.
      {"web-to-db", "Ingress", "web", "db", 5433, false},
      {"web-to-db", "Ingress", "web", "db", 5432, false, "UDP"},
      {"web-to-db-named", "Ingress", "web", "db", 5432, true},
      {"web-to-db-named", "Ingress", "web", "db", 5433, false},
      {"web-to-db-named", "Ingress", "web", "db", 5353, false},
      {"web-to-db-named", "Ingress", "web", "vague-db", 5432, false},
      {"string-port-number", "Ingress", "web", "db", 5432, false},
      {"dns", "Egress", "web", "outside", 53, true, "UDP"},
      {"dns", "Egress", "web", "outside", 53, true},
      {"dns", "Egress", "web", "outside", 53, false, "SCTP"},
      {"range", "Ingress", "web", "db", 8000, true},
      {"range", "Ingress", "web", "db", 8100, true},
      {"range", "Ingress", "web", "db", 8101, false},
      {"range", "Ingress", "web", "db", 7999, false},
      {"any-udp", "Ingress", "web", "db", 9, true, "UDP"},
      {"any-udp", "Ingress", "web", "db", 9, false},
      // Objects as endpoints.
      {"web-to-db-named", "Ingress", "deployment", "pod", 5432, true},
      {"web-to-db-named", "Ingress", "cronjob", "pod", 5432, true},
      {"web-to-db", "Ingress", "pod", "pod", 5432, false},
      {"block", "Ingress", "pod", "db", 1, true},
      {"deny-all", "Ingress", "web", "homeless", 1, true},
      {"deny-all", "Ingress", "web", "default", 1, true},
      {"pods-of-own", "Ingress", "homeless", "db", 1, false},
  };
  static_assert(std::size(kRows) >= 40);
  for (const Row& row : kRows) {
    EXPECT_EQ(judge(row.policies, row.direction, row.from, row.to, Value::integer(row.port), row.protocol), row.allowed ? "true" : "false")
        << row.policies << ": " << row.direction << " " << row.from << " -> " << row.to << ":" << row.port << " " << row.protocol;
  }
}

TEST_F(NetworkPolicyTest, NamesOfPortsAreThoseOfTheDestination) {
  const Value sql = Value::string("sql");
  EXPECT_EQ(judge("web-to-db", "Ingress", "web", "db", sql), "true");
  EXPECT_EQ(judge("web-to-db-named", "Ingress", "web", "pod", sql), "true");
  EXPECT_EQ(judge("range", "Ingress", "web", "db", sql), "false");
  EXPECT_EQ(judge("allow-all", "Ingress", "web", "pod", Value::string("metrics")), "true");
  EXPECT_EQ(judge("allow-all", "Ingress", "web", "pod", Value::string("setup")), "allows: 'to' has no TCP port of name 'setup'");
  EXPECT_EQ(judge("allow-all", "Ingress", "web", "db", Value::string("http")), "allows: 'to' has no TCP port of name 'http'");
  // Without ports to look into, names are compared.
  EXPECT_EQ(judge("web-to-db-named", "Ingress", "web", "vague-db", sql), "true");
  EXPECT_EQ(judge("web-to-db", "Ingress", "web", "vague-db", sql), "false");
  EXPECT_EQ(judge("range", "Ingress", "web", "vague-db", sql), "false");
  EXPECT_EQ(judge("deny-all allow-all", "Ingress", "web", "vague-db", sql), "true");
}

TEST_F(NetworkPolicyTest, WhatIsWrongIsSaid) {
  struct Row {
    std::string_view spec, error;
  };
  constexpr Row kSpecs[] = {
      {"{ingress: 5}", "ingress must be a list, not a int"},
      {"{ingress: [5]}", "a rule must be a map"},
      {"{policyTypes: Ingress}", "policyTypes must be a list, not a string"},
      {"{podSelector: []}", "label selector: it must be a map, not a list"},
      {"{podSelector: {matchLabels: {a: 1}}}", "label selector: matchLabels.a must be a string, not a int"},
      {"{podSelector: {app: web}}", "label selector: it has matchLabels and matchExpressions, not 'app'"},
      {"{ingress: [{from: {}}]}", "from must be a list, not a map"},
      {"{ingress: [{from: [null]}]}", "a peer must be a map"},
      {"{ingress: [{from: [{}]}]}", "a peer needs a podSelector, namespaceSelector or ipBlock"},
      {"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]}", "a peer has either an ipBlock or selectors"},
      {"{ingress: [{from: [{ipBlock: 10.0.0.0/8}]}]}", "ipBlock must be a map"},
      {"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}]}", "ipBlock: '10.0.0.0/33' is no CIDR"},
      {"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [x]}}]}]}", "ipBlock: 'x' is no CIDR"},
      {"{ingress: [{ports: [80]}]}", "an item of ports must be a map"},
      {"{ingress: [{ports: [{port: []}]}]}", "port must be an int or a name, not a list"},
      {"{ingress: [{ports: [{port: 5, protocol: 6}]}]}", "protocol must be a string, not a int"},
      {"{ingress: [{ports: [{port: 5, endPort: 4}]}]}", "endPort is below port"},
      {"{ingress: [{ports: [{endPort: 4}]}]}", "endPort needs a port"},
      {"{ingress: [{ports: [{port: http, endPort: 4}]}]}", "endPort needs a port that is a number"},
  };
  for (const Row& row : kSpecs) {
    policies_ = read("bad: " + std::string(row.spec));
    EXPECT_EQ(judge("bad", "Ingress", "web", "db", Value::integer(9)), "allows: NetworkPolicy shop/bad: " + std::string(row.error)) << row.spec;
  }
  const std::pair<std::string_view, std::string_view> kFrom[] = {
      {"5", "allows: 'from' must be an endpoint or object, not a int"},
      {"{app: web}", "allows: 'from' has 'app'; an endpoint has namespace, namespaceLabels, labels, ports and ip"},
      {"{namespace: 5}", "allows: namespace of 'from' must be a string, not a int"},
      {"{labels: []}", "allows: labels of 'from' must be a map, not a list"},
      {"{ip: 10.0.0}", "allows: ip of 'from' is no IP address: 10.0.0"},
      {"{ports: [5]}", "allows: an item of ports of 'from' must be a map, not a int"},
  };
  for (const auto& [text, error] : kFrom) {
    const Result<bool> allowed = network_allows(*List::create(arena_), {"Both", read(text), endpoints_["db"], Value::integer(1), "TCP"}, arena_);
    EXPECT_EQ(allowed ? "" : allowed.error().message(), error) << text;
  }
  EXPECT_EQ(judge("", "ingress", "web", "db", Value::integer(1)), "allows: the direction must be 'Ingress', 'Egress' or 'Both', not 'ingress'");
  EXPECT_EQ(judge("", "Ingress", "web", "db", Value::integer(1), "tcp"), "allows: the protocol must be 'TCP', 'UDP' or 'SCTP', not 'tcp'");
  EXPECT_EQ(judge("", "Ingress", "web", "db", Value::integer(0)), "allows: the port must be from 1 to 65535");
  EXPECT_EQ(judge("", "Ingress", "web", "db", Value::integer(-1)), "allows: the port must be from 1 to 65535");
  EXPECT_EQ(judge("", "Ingress", "web", "db", Value::real(80)), "allows: the port must be an int or a name, not a double");
}

}  // namespace
}  // namespace plimsoll::cel
