#include "engine/schema/kubernetes.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/schema/kubernetes_catalog.h"
#include "engine/schema/kubernetes_decode.h"
#include "engine/schema/kubernetes_defaults.h"
#include "engine/schema/kubernetes_merge.h"
#include "engine/schema/kubernetes_pod_defaults.h"
#include "engine/schema/kubernetes_quantity.h"
#include "engine/value/json.h"

namespace plimsoll::schema {
namespace {

class KubernetesTest : public testing::Test {
 protected:
  Value value(std::string_view text) { return *json::read(arena_, text); }
  const Type& type(std::string_view group, std::string_view version, std::string_view kind) {
    return *types_->type(group, version, kind);
  }

  std::shared_ptr<const KubernetesTypes> types_ = *KubernetesTypes::load();
  Arena arena_;
};

TEST_F(KubernetesTest, EveryMinorHasPods) {
  for (const std::string_view minor : {"1.32", "1.33", "1.34", "1.35", "1.36"}) {
    const auto types = KubernetesTypes::load(minor);
    ASSERT_TRUE(types) << minor;
    EXPECT_EQ((*types)->version(), minor);
    for (const Resource& resource : (*types)->resources()) {
      EXPECT_FALSE((*types)->type_of(resource).fields.empty()) << minor << " " << resource.kind;
    }
  }
  EXPECT_EQ((*KubernetesTypes::load("1.40"))->version(), "1.36");
  EXPECT_EQ((*KubernetesTypes::load("1.20"))->version(), "1.32");
}

TEST_F(KubernetesTest, KnowsHowListsMerge) {
  const Type& pod = type("", "v1", "Pod");
  const Type* containers = pod.field("spec")->type->field("containers")->type;
  EXPECT_EQ(containers->relation, Relation::kMap);
  ASSERT_EQ(containers->keys.size(), 1U);
  EXPECT_EQ(containers->keys[0], "name");
  EXPECT_EQ(pod.field("spec")->type->field("tolerations")->type->relation, Relation::kAtomic);
  EXPECT_EQ(types_->find("", "v1", "Nope"), nullptr);
}

TEST_F(KubernetesTest, WritesQuantitiesAsTheServerDoes) {
  const auto canonical = [](std::string_view text) {
    const auto quantity = Quantity::parse(text);
    return quantity ? quantity->to_string() : "none";
  };
  for (const auto& [text, expected] : {std::pair{"1024Mi", "1Gi"}, {"1.5Gi", "1536Mi"}, {"0.5", "500m"}, {"1000m", "1"},
                                       {"1e9", "1e9"}, {"1000000000", "1G"}, {"1e3", "1e3"}, {"0.5Mi", "512Ki"}, {"1.5Ki", "1536"},
                                       {"-1.5", "-1500m"}, {"+1", "1"}, {".5", "500m"}, {"5.", "5"}, {"0", "0"}, {"100n", "100n"},
                                       {"0.0000000001", "1n"}, {"12E", "12E"}, {"1000Ei", "1000Ei"}, {"1023", "1023"}, {"10Ki", "10Ki"}}) {
    EXPECT_EQ(canonical(text), expected) << text;
  }
  for (const std::string_view text : {"", "1K", "1Gb", "x", "1e", "1.2.3", "--1", "1 "}) EXPECT_EQ(canonical(text), "none") << text;
}

TEST_F(KubernetesTest, PullsAlwaysOnlyTheLatest) {
  for (const std::string_view image : {"nginx", "nginx:latest", "registry:5000/a/b", "a.example/x:latest", "localhost/x"}) {
    EXPECT_EQ(default_pull_policy(image), "Always") << image;
  }
  for (const std::string_view image : {"nginx:1", "registry:5000/a:1", "a@sha256:00", "", "Bad Name", "a/B"}) {
    EXPECT_EQ(default_pull_policy(image), "IfNotPresent") << image;
  }
}

TEST_F(KubernetesTest, DecodingDropsWhatGoDrops) {
  DecodeReport report;
  const Value pod = decode(type("", "v1", "Pod"),
                           value(R"({"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"a":null},"nope":1},
                                     "spec":{"hostNetwork":false,"volumes":[],"containers":[{"name":"c","image":"i","env":null,
                                     "resources":{"limits":{"cpu":1.5}}}]}})"),
                           arena_, report);
  EXPECT_EQ(json::write(pod, {.indent = 0, .sort_keys = true, .escape_html = false}),
            R"({"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"a":""}},"spec":{"containers":[{"image":"i","name":"c",)"
            R"("resources":{"limits":{"cpu":"1500m"}}}]},"status":{}})");
  ASSERT_EQ(report.unknown.size(), 1U);
  EXPECT_EQ(report.unknown[0].to_string(), "metadata.nope");
  EXPECT_FALSE(report.mismatch);

  (void)decode(type("apps", "v1", "Deployment"), value(R"({"spec":{"replicas":"two"}})"), arena_, report);
  ASSERT_TRUE(report.mismatch);
  EXPECT_EQ(report.mismatch->path.to_string(), "spec.replicas");
  EXPECT_EQ(report.mismatch->message, "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32");
}

TEST_F(KubernetesTest, MergesContainersByName) {
  const Type& pod = type("", "v1", "Pod");
  const Value merged = merge(pod, value(R"({"spec":{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1"}]}})"),
                             value(R"({"spec":{"containers":[{"name":"z","image":"z:1"},{"name":"b","tty":true}]}})"), arena_);
  EXPECT_EQ(json::write(merged["spec"]["containers"]),
            R"([{"name":"a","image":"a:1"},{"name":"z","image":"z:1"},{"name":"b","image":"b:1","tty":true}])");
}

TEST_F(KubernetesTest, RefusesPatchesThatDoNotFit) {
  const Type& pod = type("", "v1", "Pod");
  const auto error = [&](std::string_view text) { return check_patch(pod, value(text)).value_or(""); };
  EXPECT_EQ(error(R"({"spec":{"nope":1}})"), ".spec.nope: field not declared in schema");
  EXPECT_EQ(error(R"({"spec":{"containers":[{"name":"a"},{"name":"a"}]}})"), ".spec.containers: duplicate entries for key [name=\"a\"]");
  EXPECT_EQ(error(R"({"spec":{"hostNetwork":"x","priority":"y"}})"),
            "errors:\n  .spec.hostNetwork: expected boolean, got x\n  .spec.priority: expected numeric (int or float), got string");
  EXPECT_EQ(error(R"({"spec":{"containers":[{"name":"a","image":"i"}]}})"), "");
  EXPECT_EQ(atomic_paths(pod, value(R"({"spec":{"tolerations":[],"containers":[{"name":"a","command":["x"]}]}})")),
            (std::vector<std::string>{".spec.tolerations", ".spec.containers[0].command"}));
}

TEST_F(KubernetesTest, TellsDifferencesByKey) {
  const auto found = differences(&type("", "v1", "Pod"),
                                 value(R"({"spec":{"containers":[{"name":"a","image":"a:1"},{"name":"b"}],"hostPID":true}})"),
                                 value(R"({"spec":{"containers":[{"name":"new"},{"name":"a","image":"a:2"},{"name":"b"}]}})"));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].place, "spec.containers[name=\"new\"]");
  EXPECT_TRUE(found[0].added);
  EXPECT_EQ(found[1].place, "spec.containers[name=\"a\"].image");
  EXPECT_EQ(found[1].path.to_string(), "spec.containers[1].image");
  EXPECT_EQ(found[1].after.string_or(), "a:2");
  EXPECT_EQ(found[2].place, "spec.hostPID");
  EXPECT_TRUE(found[2].removed);
}

TEST_F(KubernetesTest, CustomResourcesUseTheirDefinition) {
  TypeCatalog catalog(types_);
  catalog.add_definition(value(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":{"group":"x.io",
    "scope":"Cluster","names":{"kind":"Box"},"versions":[{"name":"v1","served":true,"schema":{"openAPIV3Schema":{"type":"object",
    "properties":{"spec":{"type":"object","default":{},"properties":{"size":{"type":"integer","default":3},
    "parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
    "items":{"type":"object","properties":{"name":{"type":"string"},"n":{"type":"integer"}}}}}}}}}}]}})"));
  const KindInfo box = catalog.find("x.io", "v1", "Box");
  ASSERT_NE(box.type, nullptr);
  EXPECT_FALSE(box.namespaced);
  DecodeReport report;
  const Value object = decode(*box.type, value(R"({"apiVersion":"x.io/v1","kind":"Box","metadata":{"name":"b"},"extra":1})"), arena_, report);
  apply_defaults(*box.type, object, arena_);
  EXPECT_EQ(json::write(object), R"({"apiVersion":"x.io/v1","kind":"Box","metadata":{"name":"b"},"spec":{"size":3}})");
  ASSERT_EQ(report.unknown.size(), 1U);
  EXPECT_EQ(check_patch(*box.type, value(R"({"spec":{"parts":[{"n":1}]}})")),
            ".spec.parts: element 0: associative list with keys has an element that omits key field \"name\" (and doesn't have default "
            "value)");
}

TEST_F(KubernetesTest, EveryDefaultNamesAType) {
  size_t with_defaults = 0;
  for (const Resource& resource : types_->resources()) {
    const Type& root = types_->type_of(resource);
    const Value object = empty_value(root, arena_);
    apply_defaults(root, object, arena_);
    apply_defaults(root, object, arena_);  // twice changes nothing
    const std::string once = json::write(object);
    apply_defaults(root, object, arena_);
    EXPECT_EQ(json::write(object), once) << resource.kind;
    with_defaults += once != json::write(empty_value(root, arena_));
  }
  EXPECT_GT(with_defaults, 10U);
}

}  // namespace
}  // namespace plimsoll::schema
