#include "engine/policy/kinds.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/policy/kinds_table.h"
#include "engine/value/json.h"

namespace plimsoll::policy {
namespace {

GroupVersionKind kind_of(std::string_view api_version, std::string_view kind) {
  const GroupVersion version = split_api_version(api_version);
  return {version.group, version.version, kind};
}

TEST(KindTable, IsSortedForBinarySearch) {
  EXPECT_TRUE(std::ranges::is_sorted(kKindRows, {}, [](const KindRow& row) { return std::pair(row.kind, row.group); }));
}

TEST(KindTable, KnowsKubernetesOwnKinds) {
  const KindTable kinds;
  std::string scratch;
  const auto resource = [&](std::string_view api_version, std::string_view kind) {
    const KindTable::Match match = kinds.find(kind_of(api_version, kind), scratch);
    EXPECT_TRUE(match.known) << kind;
    return std::string(match.resource.resource) + (match.namespaced ? "" : " (cluster)");
  };
  EXPECT_EQ(resource("v1", "Pod"), "pods");
  EXPECT_EQ(resource("v1", "Endpoints"), "endpoints");
  EXPECT_EQ(resource("v1", "Namespace"), "namespaces (cluster)");
  EXPECT_EQ(resource("networking.k8s.io/v1", "NetworkPolicy"), "networkpolicies");
  EXPECT_EQ(resource("networking.k8s.io/v1", "IngressClass"), "ingressclasses (cluster)");
  EXPECT_EQ(resource("batch/v1beta1", "CronJob"), "cronjobs");
  EXPECT_EQ(resource("extensions/v1beta1", "Deployment"), "deployments");
}

TEST(KindTable, GuessesKindsItDoesNotKnow) {
  const KindTable kinds;
  std::string scratch;
  const auto guess = [&](std::string_view kind) {
    const KindTable::Match match = kinds.find(kind_of("example.com/v1", kind), scratch);
    EXPECT_FALSE(match.known);
    return std::string(match.resource.resource) + (match.namespaced ? "" : " (cluster)");
  };
  EXPECT_EQ(guess("HelmRelease"), "helmreleases");
  EXPECT_EQ(guess("Policy"), "policies");
  EXPECT_EQ(guess("Gateway"), "gateways");
  EXPECT_EQ(guess("Patch"), "patches");
  EXPECT_EQ(guess("Redis"), "redises");
  EXPECT_EQ(guess("Certificate"), "certificates");
  EXPECT_EQ(guess("ClusterIssuer"), "clusterissuers (cluster)");
}

TEST(KindTable, LearnsFromDefinitions) {
  Arena arena;
  const Value definition = *json::read(arena, R"({
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "oxen.example.com"},
    "spec": {"group": "example.com", "scope": "Cluster", "names": {"kind": "Ox", "plural": "oxen"},
             "versions": [{"name": "v1", "served": true}, {"name": "v1beta1", "served": true}, {"name": "v0", "served": false}]}})");
  KindTable kinds;
  kinds.add_definition(definition);
  std::string scratch;
  const KindTable::Match match = kinds.find(kind_of("example.com/v1", "Ox"), scratch);
  EXPECT_TRUE(match.known);
  EXPECT_EQ(match.resource.resource, "oxen");
  EXPECT_FALSE(match.namespaced);
  EXPECT_TRUE(kinds.serves(kind_of("example.com/v1beta1", "Ox")));
  EXPECT_FALSE(kinds.serves(kind_of("example.com/v0", "Ox")));
  const auto equivalents = kinds.equivalents(match.resource, "");
  ASSERT_EQ(equivalents.size(), 1U);
  EXPECT_EQ(equivalents[0].resource.version, "v1beta1");
  EXPECT_EQ(kinds.equivalents(match.resource, "scale")[0].kind.kind, "Scale");
}

TEST(KindTable, FindsTheSameObjectsUnderOtherNames) {
  const KindTable kinds;
  const auto hpa = kinds.equivalents({"autoscaling", "v1", "horizontalpodautoscalers"}, "");
  ASSERT_EQ(hpa.size(), 1U);
  EXPECT_EQ(hpa[0].kind.api_version(), "autoscaling/v2");
  const auto events = kinds.equivalents({"", "v1", "events"}, "");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].resource.group, "events.k8s.io");
  const auto old = kinds.equivalents({"extensions", "v1beta1", "deployments"}, "");
  ASSERT_EQ(old.size(), 1U);
  EXPECT_EQ(old[0].kind.to_string(), "apps/v1, Kind=Deployment");
  EXPECT_TRUE(kinds.equivalents({"", "v1", "pods"}, "").empty());
}

TEST(ConvertObject, TranslatesAutoscalers) {
  Arena arena;
  const Value v1 = *json::read(arena, R"({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler",
      "spec": {"maxReplicas": 9, "targetCPUUtilizationPercentage": 70}})");
  const GroupVersionKind from = kind_of("autoscaling/v1", "HorizontalPodAutoscaler");
  const GroupVersionKind to = kind_of("autoscaling/v2", "HorizontalPodAutoscaler");
  const auto v2 = convert_object(v1, from, to, arena);
  ASSERT_TRUE(v2);
  EXPECT_EQ(
      json::write(*v2, {.sort_keys = true}),
      R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","spec":{"maxReplicas":9,"metrics":[)"
      R"({"resource":{"name":"cpu","target":{"averageUtilization":70,"type":"Utilization"}},"type":"Resource"}]}})");
  const auto back = convert_object(*v2, to, from, arena);
  ASSERT_TRUE(back);
  EXPECT_TRUE(equal(*back, v1));
  EXPECT_EQ(v1["apiVersion"].as_string(), "autoscaling/v1") << "the source is shared and must stay as it was";
}

TEST(ConvertObject, RenamesEventFields) {
  Arena arena;
  const Value event =
      *json::read(arena, R"({"apiVersion": "v1", "kind": "Event", "message": "m", "involvedObject": {"name": "p"}})");
  const auto converted = convert_object(event, kind_of("v1", "Event"), kind_of("events.k8s.io/v1", "Event"), arena);
  ASSERT_TRUE(converted);
  EXPECT_EQ((*converted)["note"].as_string(), "m");
  EXPECT_EQ((*converted)["regarding"]["name"].as_string(), "p");
}

TEST(ConvertObject, RefusesShapesItDoesNotKnow) {
  Arena arena;
  const Value ingress = *json::read(arena, R"({"apiVersion": "extensions/v1beta1", "kind": "Ingress"})");
  EXPECT_FALSE(convert_object(ingress, kind_of("extensions/v1beta1", "Ingress"),
                              kind_of("networking.k8s.io/v1", "Ingress"), arena));
}

}  // namespace
}  // namespace plimsoll::policy
