// The deployment library in expressions: other objects, labels, options of Java, secrets, versions, texts, and what is blamed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "engine/cel/blame.h"
#include "engine/cel/declare.h"
#include "engine/cel/runtime/network_policy.h"
#include "engine/cel/runtime/secret_strength.h"
#include "engine/cel/test_deployment.h"

namespace plimsoll::cel {
namespace {

class DeploymentTest : public testing::Test {
 protected:
  std::string run(std::string_view expression) { return run_deployment(expression, object_, &resources_).text; }

  Arena arena_;
  Value object_ = *json::read(arena_, R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
      "spec": {"secretName": "tls", "selector": {"matchLabels": {"app": "web"}}}})");
  TestResources resources_{R"([
      {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "tls", "namespace": "shop", "labels": {"app": "web"}}, "type": "Opaque"},
      {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "shop", "labels": {"app": "db"}}},
      {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "tls", "namespace": "other"}},
      {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}])"};
};

TEST_F(DeploymentTest, OtherObjectsAreFound) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"resources.get('v1', 'Secret', 'shop', 'tls').value().type", R"("Opaque")"},
      {"resources.get('v1', 'Secret', object.metadata.namespace, object.spec.secretName).hasValue()", "true"},
      {"resources.get('v1', 'Secret', 'shop', 'gone')", "optional.none"},
      {"resources.get('v1', 'Secret', 'shop', 'gone').?type.orValue('none')", R"("none")"},
      {"resources.get('v1', 'Namespace', '', 'shop').hasValue()", "true"},
      {"resources.list('v1', 'Secret').size()", "3"},
      {"resources.list('v1', 'Secret', '').size()", "3"},
      {"resources.list('v1', 'Secret', 'shop').map(s, s.metadata.name)", R"(["tls","db"])"},
      {"resources.list('v1', 'Secret', 'shop', 'app in (db,web),app!=web').map(s, s.metadata.name)", R"(["db"])"},
      {"resources.list('v1', 'Secret', '', object.spec.selector).map(s, s.metadata.name)", R"(["tls"])"},
      {"resources.list('v1', 'Secret', '', {}).size()", "3"},
      {"resources.list('v1', 'Secret', '', null).size()", "0"},
      {"resources.list('v2', 'Secret')", "[]"},
      {"resources.complete('v1', 'Secret')", "false"},
      {"resources.complete('v1', 'Namespace')", "true"},
      {"resources.list('v1', 'Secret', '', 'app in db')", "error: label selector, column 8: expected ( and values"},
      {"resources.list('v1', 'Secret', '', 5)",
       "error: label selector: expected a map with matchLabels and matchExpressions, or a string such as 'app=web', not int"},
      {"type(resources) == type(resources)", "true"},
      {"base64.encode(b'hi')", R"("aGk=")"},
  };
  for (const auto& [expression, expected] : kRows) EXPECT_EQ(run(expression), expected) << expression;
}

TEST_F(DeploymentTest, WithoutAViewTheCallsFailButTheRestRuns) {
  EXPECT_EQ(run_deployment("resources.list('v1', 'Secret')", object_).text, "error: resources: no view of other objects is given to this evaluation");
  EXPECT_EQ(run_deployment("resources.get('v1', 'Secret', '', 'a').hasValue() || true", object_).text, "true");
}

TEST_F(DeploymentTest, TypesAreChecked) {
  for (const std::string_view wrong : {"resources.get('v1', 'Secret', 'tls')", "resources.list('v1', 5)", "resources.other()", "resources.field"}) {
    EXPECT_TRUE(run(wrong).starts_with("ERROR: ")) << wrong << ": " << run(wrong);
  }
}

TEST_F(DeploymentTest, ListingCostsWhatItFinds) {
  EXPECT_EQ(run_deployment("resources.list('v1', 'Secret')", object_, &resources_).cost, 1U + 11 + 3);
  EXPECT_EQ(run_deployment("resources.get('v1', 'Secret', 'shop', 'tls')", object_, &resources_).cost, 1U + 10);
}

TEST_F(DeploymentTest, IsNotOfferedToKubernetesOwnPolicies) {
  EXPECT_TRUE(run_expression(*test_environment(), "selects('', {})").text.starts_with("ERROR: "));
  EXPECT_TRUE(run_expression(*test_environment(Library::kExtended), "selects('', {})").text.starts_with("ERROR: "));
}

TEST_F(DeploymentTest, SelectsAsKubernetesDoes) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"selects('app=web', {'app': 'web'})", "true"},
      {"selects('app==web', {'app': 'web'})", "true"},
      {"selects(' app = web , tier in ( a , b ) ', {'app': 'web', 'tier': 'b'})", "true"},
      {"selects('app!=web', {})", "true"},
      {"selects('app', {'app': ''})", "true"},
      {"selects('!app', {'app': ''})", "false"},
      {"selects('! app', {})", "true"},
      {"selects('app=', {'app': ''})", "true"},
      {"selects('tier notin (a,b)', {'tier': 'c'})", "true"},
      {"selects('tier notin (a,b)', {})", "true"},
      {"selects('tier in (a,)', {'tier': ''})", "true"},
      {"selects('example.com/app=web', {'example.com/app': 'web'})", "true"},
      {"selects('in in (in)', {'in': 'in'})", "true"},
      {"selects('', {})", "true"},
      {"selects({}, {'a': 'b'})", "true"},
      {"selects({}, null)", "true"},
      {"selects(null, {'a': 'b'})", "false"},
      {"selects({'matchLabels': {'app': 'web'}}, {'app': 'web', 'x': 'y'})", "true"},
      {"selects({'matchLabels': {'app': 'web'}}, null)", "false"},
      {"selects({'matchLabels': {'app': 'web'}}, {'app': 5})", "false"},
      {"selects({'matchLabels': null, 'matchExpressions': null}, {})", "true"},
      {"selects({'matchExpressions': [{'key': 'a', 'operator': 'NotIn', 'values': ['b']}]}, {})", "true"},
      {"selects({'matchExpressions': [{'key': 'a', 'operator': 'Exists'}]}, {'a': ''})", "true"},
      {"selects({'matchExpressions': [{'key': 'a', 'operator': 'DoesNotExist'}]}, {'a': ''})", "false"},
      {"selects({'app': 'web'}, {})", "error: label selector: it has matchLabels and matchExpressions, not 'app'"},
      {"selects({'matchLabels': {'a': 1}}, {})", "error: label selector: matchLabels.a must be a string, not a int"},
      {"selects({'matchExpressions': [{'key': 'a', 'operator': 'In'}]}, {})", "error: label selector: operator In needs values"},
      {"selects({'matchExpressions': [{'key': 'a', 'operator': 'Exists', 'values': ['b']}]}, {})",
       "error: label selector: operator Exists takes no values"},
      {"selects({'matchExpressions': [{'key': 'a', 'operator': 'Gt', 'values': ['1']}]}, {})",
       "error: label selector: operator 'Gt' is none of In, NotIn, Exists, DoesNotExist"},
      {"selects({'matchExpressions': ['a']}, {})", "error: label selector: an item of matchExpressions must be a map, not a string"},
      {"selects('app=web,', {})", "error: label selector, column 9: expected a requirement after the comma"},
      {"selects('app>1', {})", "error: label selector, column 4: expected =, ==, !=, in or notin after the key"},
      {"selects('=web', {})", "error: label selector, column 1: expected a label's key"},
      {"selects('a b', {})", "error: label selector, column 3: expected =, ==, !=, in or notin after the key"},
      {"selects('a in (b', {})", "error: label selector, column 8: expected ) after the values"},
      {"selects('a', dyn('b'))", "error: no such overload: selects(string, string)"},
  };
  for (const auto& [expression, expected] : kRows) EXPECT_EQ(run(expression), expected) << expression;
}

TEST_F(DeploymentTest, JavaOptionsAreReadAsTheMachineReadsThem) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"java.heap('-Xmx1g').value()", "1073741824"},
      {"java.heap('-Xms64m -Xmx512m\\t-Dx=y\\n-Xmx1G').value()", "1073741824"},
      {"java.heap('-Xmx2048k').value()", "2097152"},
      {"java.heap('-Xmx1T').value()", "1099511627776"},
      {"java.heap('-Xmx1048576').value()", "1048576"},
      {"java.heap('-Xmx0x100m').value()", "268435456"},
      {"java.heap('-XX:MaxHeapSize=256m').value()", "268435456"},
      {"java.heap('-Xmx1g -XX:MaxHeapSize=256m').value()", "268435456"},
      {"java.heap('-XX:MaxHeapSize=256m -Xmx1g').value()", "1073741824"},
      {"java.heap('\"-Xmx1g\"').value()", "1073741824"},
      {"java.heap(\"-Dp='a -Xmx1g' -Xmx2k\").value()", "2048"},
      {"java.heap('-X\"mx\"1g').value()", "1073741824"},
      {"java.heap('')", "optional.none"},
      {"java.heap('-Xmn1g -XX:+UseG1GC Xmx1g --Xmx1g')", "optional.none"},
      {"java.heap('-Xmx0')", "error: java: -Xmx0 is too small for a heap"},
      {"java.heap('-Xmx')", "error: java: -Xmx has no size such as 512m or 1g: ''"},
      {"java.heap('-Xmx1gb')", "error: java: -Xmx has no size such as 512m or 1g: '1gb'"},
      {"java.heap('-Xmx-1g')", "error: java: -Xmx has no size such as 512m or 1g: '-1g'"},
      {"java.heap('-Xmx1.5g')", "error: java: -Xmx has no size such as 512m or 1g: '1.5g'"},
      {"java.heap('-Xmx99999999999t')", "error: java: -Xmx has no size such as 512m or 1g: '99999999999t'"},
      {"java.heap('-Da=\"b -Xmx1g')", "error: java: unmatched quote at character 5"},
      {"java.initialHeap('-Xms64m -XX:InitialHeapSize=32m').value()", "33554432"},
      {"java.initialHeap('-Xms0').value()", "0"},
      {"java.initialHeap('-Xmx1g')", "optional.none"},
      {"java.maxRAMPercentage('-XX:MaxRAMPercentage=75').value() == 75.0", "true"},
      {"java.maxRAMPercentage('-XX:MaxRAMPercentage=75.5 -XX:MaxRAMPercentage=10').value() == 10.0", "true"},
      {"java.maxRAMPercentage('-XX:MaxRAMPercentage=101')", "error: java: -XX:MaxRAMPercentage= has no percentage from 0 to 100: '101'"},
      {"java.maxRAMPercentage('-XX:MaxRAMPercentage=nan')", "error: java: -XX:MaxRAMPercentage= has no percentage from 0 to 100: 'nan'"},
  };
  for (const auto& [expression, expected] : kRows) EXPECT_EQ(run(expression), expected) << expression;
}

TEST_F(DeploymentTest, SecretsAreWeakOrNot) {
  for (const std::string_view weak : {"", "   ", "admin", "Admin", "ADMIN123", "password!", "changeme-1234", "11111111111111111111", "abcdefghijklmnopqrstuvwxyz",
                                      "0123456789abcdef0123456789abcdef", "qwertyuiop", "zyxwvutsrqponm", "k9!xk9!xk9!xk9!xk9!xk9!x", "hunter2", "\xff\xff"}) {
    EXPECT_TRUE(is_weak_secret(weak)) << weak << ": " << entropy(weak);
  }
  for (const std::string_view strong : {"vD8#kq2!LmZ0xY", "5f8a3c9e17d24b60a1c7e4", "correct horse battery staple", "Zm9vYmFyYmF6cXV4cXV1eA"}) {
    EXPECT_FALSE(is_weak_secret(strong)) << strong << ": " << entropy(strong);
  }
  EXPECT_EQ(entropy("aaaa"), 0);
  EXPECT_DOUBLE_EQ(entropy("ab"), 2);
  EXPECT_DOUBLE_EQ(entropy("0123456789abcdef"), 8);  // two characters of four bits; the others go on
  EXPECT_DOUBLE_EQ(entropy("xq7kxq7k"), entropy("xq7k"));
  EXPECT_DOUBLE_EQ(entropy("äß"), 2);
  EXPECT_EQ(run("entropy('ab') == 2.0 && weakSecret('admin')"), "true");
}

TEST_F(DeploymentTest, VersionsMeetConstraints) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"semverMatches('v1.34.2', '>=1.30.0-0 <1.40.0 || ~2.1')", "true"},
      {"semverMatches('1.2', '^1.2')", "true"},
      {"semverMatches('2.0.0', '^1.2')", "false"},
      {"semverMatches('1.2.3-rc.1', '>=1.2.0')", "false"},
      {"semverMatches('latest', '>=1')", "error: semverMatches: invalid semantic version: latest"},
      {"semverMatches('1.0.0', 'about 1')", "error: semverMatches: improper constraint: about 1: about 1"},
  };
  for (const auto& [expression, expected] : kRows) EXPECT_EQ(run(expression), expected) << expression;
}

TEST_F(DeploymentTest, TextsAreParsed) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"yaml.parse('a: [1, x]').a[1]", R"("x")"},
      {"yaml.parse('{\"a\": {\"b\": null}}')", R"({"a":{"b":null}})"},
      {"yaml.parse('a: 1\\n---\\nb: 2')", R"({"a":1})"},
      {"yaml.parse('')", "null"},
      {"yaml.parse('a: 1\\na: 2')", "error: yaml: unmarshal errors:\n  line 2: key \"a\" already set in map"},
      {"yaml.parse('a: [1')", "error: yaml: line 1: did not find expected ',' or ']'"},
      {"yaml.valid('a: [1]') && !yaml.valid('a: [1') && yaml.valid('')", "true"},
      {"yaml.valid('[' + object.metadata.name.replace('web', '') + ']')", "true"},
  };
  for (const auto& [expression, expected] : kRows) EXPECT_EQ(run(expression), expected) << expression;
  const std::string deep = std::string(500, '[') + std::string(500, ']');
  EXPECT_EQ(run("yaml.parse('" + deep + "')"), "error: yaml: nested too deeply");
  const std::string bomb = "a: &a [x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\\n"
                           "e: &e [*d,*d,*d,*d,*d,*d,*d,*d]\\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\\ng: [*f,*f,*f,*f,*f,*f,*f,*f]";
  EXPECT_EQ(run("yaml.valid('" + bomb + "')"), "false");
}

TEST_F(DeploymentTest, NetworkPoliciesAreAsked) {
  constexpr std::string_view kDeny = "[{'kind': 'NetworkPolicy', 'metadata': {'namespace': 'shop', 'name': 'deny'}, 'spec': {'podSelector': {}}}]";
  const auto ask = [&](std::string_view rest) { return run(fmt::format("{}{}", kDeny, rest)); };
  EXPECT_EQ(ask(".allows('Ingress', {'ip': '10.0.0.1'}, object, 80, 'TCP')"), "false");
  EXPECT_EQ(ask(".allows('Egress', object, {'ip': '10.0.0.1'}, 'http', 'TCP')"), "true");
  EXPECT_EQ(ask(".allows('Ingress', 5, object, 80, 'TCP')"), "error: allows: 'from' must be an endpoint or object, not a int");
  EXPECT_EQ(run("resources.list('networking.k8s.io/v1', 'NetworkPolicy').allows('Both', object, object, 80, 'TCP')"), "true");
  EXPECT_EQ(run("[1].allows('Ingress', {}, {}, 80, 'TCP')"), "error: allows: NetworkPolicy default/?: a policy must be a NetworkPolicy, not a int");
}

TEST_F(DeploymentTest, WhatFlowsIntoAFunctionIsBlamed) {
  const std::pair<std::string_view, std::vector<std::string>> kRows[] = {
      {"selects(object.spec.selector, object.metadata.labels)", {"spec.selector", "metadata.labels"}},
      {"selects('app=db', object.metadata.labels)", {"metadata.labels"}},
      {"!weakSecret(object.metadata.name)", {"metadata.name"}},
      {"x509.isCertificate(object.metadata.name)", {"metadata.name"}},
      {"x509.certificates(object.metadata.name).all(c, c.covers(object.metadata.namespace))", {"metadata.name"}},
      {"java.heap(object.spec.options).orValue(0) > 2048", {"spec.options"}},
      {"resources.get('v1', 'Secret', object.metadata.namespace, object.spec.gone).hasValue()", {"spec.gone"}},
      {"resources.list('v1', 'Secret', object.metadata.namespace).exists(s, s.metadata.name == object.spec.gone)", {"metadata.namespace", "spec.gone"}},
      {"[object.policy].allows('Ingress', {'namespace': 'a'}, {'namespace': 'a', 'labels': object.metadata.labels}, object.spec.port, 'TCP')",
       {"policy", "metadata.labels", "spec.port"}},
      {"yaml.parse(object.spec.options).size() > 100", {"spec.options"}},
      {"semverMatches(object.spec.version, '>=2')", {"spec.version"}},
  };
  const Value object = *json::read(arena_, R"({"metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
      "policy": {"metadata": {"namespace": "a"}, "spec": {"podSelector": {}}},
      "spec": {"selector": {"matchLabels": {"app": "x"}}, "options": "-Xmx1k", "gone": "gone", "port": 5, "version": "1.0.0"}})");
  const auto environment = deployment_environment();
  DeploymentActivation activation(object, &resources_);
  for (const auto& [expression, expected] : kRows) {
    const auto program = environment->compile(expression);
    ASSERT_TRUE(program) << program.error().text;
    Arena arena;
    Budget budget;
    const Outcome outcome = (*program)->evaluate(activation, arena, budget);
    EXPECT_FALSE(outcome.ok() && outcome.value().bool_or(true)) << expression;
    std::vector<std::string> paths;
    for (const Path& path : blame({**program, activation, arena})) paths.push_back(path.to_string());
    EXPECT_EQ(paths, expected) << expression;
  }
}

TEST_F(DeploymentTest, EveryFunctionIsPriced) {
  const auto cost = [&](std::string_view expression) { return run_deployment(expression, object_, &resources_).cost; };
  EXPECT_GE(cost("selects('app', object.metadata)"), 5U);
  EXPECT_EQ(cost("weakSecret('0123456789abcdefghij')"), 2U);
  EXPECT_GE(cost("yaml.valid(string(['x'].map(x, x)[0]) + 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')"), 20U);
  EXPECT_EQ(cost("x509.isCertificate(object.metadata.name)"), 3U + 10 + 3);
  EXPECT_GE(cost("x509.isPrivateKey(object.metadata.name)"), 1000U);
  EXPECT_GE(cost("resources.list('v1', 'Secret').allows('Ingress', {}, {}, 1, 'TCP')"), 30U);
}

// Objects of any shape, as a webhook may get them: an answer or an error, never a crash.
TEST_F(DeploymentTest, ObjectsOfAnyShapeAreSurvived) {
  std::mt19937 random(5);
  Arena arena;
  const auto pick = [&](size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random); };
  constexpr std::string_view kKeys[] = {"metadata", "namespace", "labels", "spec", "podSelector", "matchLabels", "matchExpressions", "key", "operator", "values",
                                        "ingress", "egress", "from", "to", "ports", "port", "endPort", "protocol", "ipBlock", "cidr", "except", "policyTypes",
                                        "namespaceSelector", "namespaceLabels", "ip", "template", "jobTemplate", "containers", "containerPort", "name", "status", "podIP"};
  constexpr std::string_view kTexts[] = {"", "a", "In", "Exists", "TCP", "UDP", "10.0.0.0/8", "10.0.0.1", "::/0", "Ingress", "Egress", "NetworkPolicy", "default", "\xff"};
  const auto make = [&](const auto& self, int depth) -> Value {
    switch (pick(depth > 0 ? 8 : 5)) {
      case 0: return {};
      case 1: return Value::integer(static_cast<int64_t>(pick(70000)) - 100);
      case 2: return pick(2) == 0 ? Value::boolean(true) : Value::real(0.5);
      case 3:
      case 4: return Value::string(kTexts[pick(std::size(kTexts))]);
      case 5: {
        List* list = List::create(arena);
        for (size_t i = pick(4); i > 0; --i) list->push_back(arena, self(self, depth - 1));
        return Value::list(list);
      }
      default: {
        Map* map = Map::create(arena);
        for (size_t i = pick(6); i > 0; --i) map->set(arena, kKeys[pick(std::size(kKeys))], self(self, depth - 1));
        return Value::map(map);
      }
    }
  };
  size_t answered = 0;
  for (int i = 0; i < 20000; ++i) {
    List* policies = List::create(arena);
    for (size_t count = pick(3); count > 0; --count) {
      Map* policy = Map::create(arena);
      policy->set(arena, "metadata", make(make, 2));
      Map* spec = Map::create(arena);
      for (const std::string_view key : {"podSelector", "ingress", "egress", "policyTypes"}) {
        if (pick(2) == 0) continue;
        Map* rule = Map::create(arena);
        rule->set(arena, pick(2) == 0 ? "from" : "ports", make(make, 4));
        Value value = Value::map(rule);
        if (key.ends_with("gress")) value = Value::list(List::copy_of(arena, std::span(&value, 1)));
        spec->set(arena, key, pick(2) == 0 ? value : make(make, 5));
      }
      policy->set(arena, "spec", Value::map(spec));
      policies->push_back(arena, pick(10) == 0 ? make(make, 5) : Value::map(policy));
    }
    Map* endpoint = Map::create(arena);
    endpoint->set(arena, "ip", Value::string("10.0.0.1"));
    endpoint->set(arena, "labels", make(make, 1));
    const Value from = pick(2) == 0 ? Value::map(endpoint) : make(make, 4);
    const Connection connection{pick(2) == 0 ? "Ingress" : "Both", from, pick(3) == 0 ? make(make, 4) : Value::map(Map::create(arena)), Value::integer(80), "TCP"};
    if (network_allows(*policies, connection, arena)) ++answered;
    const Value selector = make(make, 3);
    if (selector.is_map()) (void)LabelSelector::decode(selector);
    std::string text;
    for (size_t length = pick(20); length > 0; --length) text += "ab!=,() in"[pick(10)];
    (void)LabelSelector::parse(text);
  }
  EXPECT_GT(answered, 1000U);
}

TEST_F(DeploymentTest, EveryFunctionSaysWhatItDoes) {
  for (const LibraryTable& table : library_tables()) {
    if (table.name != "deployment") continue;
    EXPECT_GT(table.signatures.size(), 20U);
    for (const Signature& signature : table.signatures) {
      EXPECT_FALSE(signature.doc.empty()) << signature.id;
      const FunctionDeclarations functions(deployment_environment()->options());
      EXPECT_NE(functions.find(signature.function), nullptr) << signature.function;
    }
  }
}

}  // namespace
}  // namespace plimsoll::cel
