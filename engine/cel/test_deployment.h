// Expressions with the deployment library, and a small view of other objects.
//
//   TestResources others(R"([{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "tls"}}])");
//   run_deployment("resources.list('v1', 'Secret').size()", object, &others).text;  // "1"
#pragma once

#include <string_view>

#include "engine/cel/test_expressions.h"

namespace plimsoll::cel {

// A list of objects; complete for Namespaces only.
class TestResources : public Resources {
 public:
  explicit TestResources(std::string_view objects) : objects_(*json::read(arena_, objects)) {}

  const Value* get(std::string_view api_version, std::string_view kind, std::string_view namespace_name, std::string_view name) const override {
    for (const Value& object : objects_.items()) {
      const Value metadata = object["metadata"];
      if (is(object, api_version, kind) && metadata["namespace"].string_or() == namespace_name && metadata["name"].string_or() == name) return &object;
    }
    return nullptr;
  }
  void list(const Query& query, List& found, Arena& arena) const override {
    for (const Value& object : objects_.items()) {
      const Value metadata = object["metadata"];
      if (!is(object, query.api_version, query.kind)) continue;
      if (!query.namespace_name.empty() && metadata["namespace"].string_or() != query.namespace_name) continue;
      if (query.selector == nullptr || query.selector->matches(metadata["labels"])) found.push_back(arena, object);
    }
  }
  bool complete(std::string_view, std::string_view kind) const override { return kind == "Namespace"; }

 private:
  static bool is(const Value& object, std::string_view api_version, std::string_view kind) {
    return object["apiVersion"].string_or() == api_version && object["kind"].string_or() == kind;
  }

  Arena arena_;
  Value objects_;
};

// The variables `object` and `resources`.
class DeploymentActivation : public Activation {
 public:
  DeploymentActivation(Value object, const Resources* resources) : object_(object), resources_(resources) {}
  Outcome variable(size_t variable) override { return Outcome(variable == 0 ? object_ : make_resources(arena_)); }
  const Resources* resources() override { return resources_; }

 private:
  Arena arena_;
  Value object_;
  const Resources* resources_;
};

inline std::shared_ptr<const Environment> deployment_environment() {
  EnvironmentOptions options;
  options.deployment = true;
  options.variables = {{"object", Type::dyn()}, {"resources", Type::opaque(std::string(kResourcesType))}};
  return *Environment::create(std::move(options));
}

inline TestRun run_deployment(std::string_view expression, Value object = {}, const Resources* resources = nullptr) {
  DeploymentActivation activation(object, resources);
  return run_with(*deployment_environment(), expression, activation);
}

}  // namespace plimsoll::cel
