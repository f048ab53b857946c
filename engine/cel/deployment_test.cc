// The deployment library: the other objects, and choosing among them by label.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace plimsoll::cel
