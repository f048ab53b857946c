#include "engine/policy/match.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/value/json.h"

namespace plimsoll::policy {
namespace {

class MatchTest : public testing::Test {
 protected:
  MatchResources match_of(std::string_view json) {
    DecodeState state;
    const Value spec = *json::read(arena_, std::string(R"({"spec": {"matchConstraints": )") + std::string(json) + "}}");
    const Policy policy = decode_policy(spec, state);
    EXPECT_FALSE(state.failure) << state.failure->path.to_string() << ": " << state.failure->message;
    return *policy.match_constraints;
  }

  // As the creation of an object, with the namespaces that exist.
  MatchOutcome match(std::string_view json, std::string_view object, const ObjectSource* objects = nullptr) {
    const MatchResources match = match_of(json);
    request_ = request_to_create(*json::read(arena_, object), "default", kinds_, scratch_);
    const Surroundings surroundings{&kinds_, objects, nullptr, objects == nullptr};
    RequestScope scope(request_, surroundings, arena_);
    return match_resources(match, scope);
  }

  Arena arena_;
  KindTable kinds_;
  std::string scratch_;
  Request request_;
};

constexpr std::string_view kPod =
    R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"app": "web"}}})";

TEST_F(MatchTest, RulesNameGroupVersionResourceAndOperation) {
  const auto rule = [&](std::string_view groups, std::string_view versions, std::string_view operations,
                        std::string_view resources) {
    return match(std::string(R"({"resourceRules": [{"apiGroups": [)") + std::string(groups) + R"(], "apiVersions": [)" +
                     std::string(versions) + R"(], "operations": [)" + std::string(operations) +
                     R"(], "resources": [)" + std::string(resources) + "]}]}",
                 kPod)
        .matched;
  };
  EXPECT_TRUE(rule(R"("")", R"("v1")", R"("CREATE")", R"("pods")"));
  EXPECT_TRUE(rule(R"("*")", R"("*")", R"("*")", R"("*")"));
  EXPECT_TRUE(rule(R"("*")", R"("*")", R"("*")", R"("*/*")"));
  EXPECT_TRUE(rule(R"("*")", R"("*")", R"("*")", R"("pods/*")"));
  EXPECT_FALSE(rule(R"("apps")", R"("v1")", R"("CREATE")", R"("pods")"));
  EXPECT_FALSE(rule(R"("")", R"("v2")", R"("CREATE")", R"("pods")"));
  EXPECT_FALSE(rule(R"("")", R"("v1")", R"("UPDATE")", R"("pods")"));
  EXPECT_FALSE(rule(R"("")", R"("v1")", R"("CREATE")", R"("pods/exec")"));
}

TEST_F(MatchTest, ExclusionsWinAndNamesNarrow) {
  constexpr std::string_view kAll =
      R"("apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"])";
  const auto with = [&](std::string_view names, std::string_view excluded_names) {
    return match(std::string(R"({"resourceRules": [{)") + std::string(kAll) + std::string(names) +
                     R"(}], "excludeResourceRules": [{)" + std::string(kAll) + std::string(excluded_names) + "}]}",
                 kPod)
        .matched;
  };
  EXPECT_FALSE(with("", ""));
  EXPECT_TRUE(with("", R"(, "resourceNames": ["q"])"));
  EXPECT_FALSE(with("", R"(, "resourceNames": ["p"])"));
  EXPECT_FALSE(with(R"(, "resourceNames": ["q"])", R"(, "resourceNames": ["q"])"));
  EXPECT_TRUE(with(R"(, "resourceNames": ["p"])", R"(, "resourceNames": ["q"])"));
}

TEST_F(MatchTest, ScopeSeparatesClusterFromNamespace) {
  const auto scoped = [&](std::string_view scope, std::string_view object) {
    return match(
               std::string(
                   R"({"resourceRules": [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"], "scope": ")") +
                   std::string(scope) + "\"}]}",
               object)
        .matched;
  };
  constexpr std::string_view kNamespace = R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}})";
  EXPECT_TRUE(scoped("Namespaced", kPod));
  EXPECT_FALSE(scoped("Cluster", kPod));
  EXPECT_FALSE(scoped("Namespaced", kNamespace));
  EXPECT_TRUE(scoped("Cluster", kNamespace));
}

TEST_F(MatchTest, EquivalentVersionsAreSeenAsTheRulesNameThem) {
  constexpr std::string_view kAutoscaler =
      R"({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}})";
  const std::string rules =
      R"("resourceRules": [{"apiGroups": ["autoscaling"], "apiVersions": ["v2"], "operations": ["*"], "resources": ["horizontalpodautoscalers"]}])";
  const MatchOutcome outcome = match("{" + rules + "}", kAutoscaler);
  EXPECT_TRUE(outcome.matched);
  EXPECT_EQ(outcome.kind.version, "v2");
  EXPECT_FALSE(match("{" + rules + R"(, "matchPolicy": "Exact"})", kAutoscaler).matched);
}

TEST_F(MatchTest, CustomResourcesOfUnknownDefinitionHaveEveryVersionThatIsNamed) {
  constexpr std::string_view kWidget = R"({"apiVersion": "example.com/v1beta1", "kind": "Widget", "metadata": {"name": "w"}})";
  const auto seen_as = [&](std::string_view group, std::string_view policy) {
    const MatchResources rules = match_of(fmt::format(
        R"({{"matchPolicy": "{}", "resourceRules": [{{"apiGroups": ["{}"], "apiVersions": ["v1"], "operations": ["*"], "resources": ["widgets"]}}]}})",
        policy, group));
    request_ = request_to_create(*json::read(arena_, kWidget), "default", kinds_, scratch_);
    const Surroundings surroundings{&kinds_, nullptr, nullptr, true};
    RequestScope scope(request_, surroundings, arena_);
    const MatchOutcome outcome = match_resources(rules, scope);
    return outcome.matched ? outcome.kind.to_string() + " " + std::string(outcome.resource.version) : "";
  };
  EXPECT_EQ(seen_as("example.com", "Equivalent"), "example.com/v1, Kind=Widget v1");
  EXPECT_EQ(seen_as("example.com", "Exact"), "");
  EXPECT_EQ(seen_as("other.example.com", "Equivalent"), "");
  kinds_.add_definition(*json::read(arena_, R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "spec": {"group": "example.com", "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"},
    "versions": [{"name": "v1beta1", "served": true}]}})"));
  EXPECT_EQ(seen_as("example.com", "Equivalent"), "");
}

TEST_F(MatchTest, SelectorsLookAtObjectAndNamespace) {
  EXPECT_TRUE(match(R"({"objectSelector": {"matchLabels": {"app": "web"}}})", kPod).matched);
  EXPECT_FALSE(match(R"({"objectSelector": {"matchLabels": {"app": "db"}}})", kPod).matched);
  const auto expression = [&](std::string_view operation, std::string_view key, std::string_view values) {
    return match(std::string(R"({"objectSelector": {"matchExpressions": [{"key": ")") + std::string(key) +
                     R"(", "operator": ")" + std::string(operation) + R"(", "values": )" + std::string(values) + "}]}}",
                 kPod)
        .matched;
  };
  EXPECT_TRUE(expression("In", "app", R"(["db", "web"])"));
  EXPECT_FALSE(expression("In", "tier", R"(["db"])"));
  EXPECT_TRUE(expression("NotIn", "tier", R"(["db"])"));
  EXPECT_FALSE(expression("NotIn", "app", R"(["web"])"));
  EXPECT_TRUE(expression("Exists", "app", "null"));
  EXPECT_FALSE(expression("DoesNotExist", "app", "null"));

  ObjectIndex objects;
  objects.add(*json::read(
      arena_,
      R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default", "labels": {"env": "prod"}}})"));
  constexpr std::string_view kProduction = R"({"namespaceSelector": {"matchLabels": {"env": "prod"}}})";
  EXPECT_TRUE(match(kProduction, kPod, &objects).matched);
  EXPECT_TRUE(
      match(R"({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "default"}}})", kPod, &objects)
          .matched);
  const ObjectIndex none;
  EXPECT_EQ(match(kProduction, kPod, &none).error, "namespaces \"default\" not found");
  EXPECT_FALSE(match(kProduction, kPod).matched) << "an assumed namespace has no labels of its own";
}

}  // namespace
}  // namespace plimsoll::policy
