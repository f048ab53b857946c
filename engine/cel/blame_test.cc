#include "engine/cel/blame.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "engine/value/json.h"

namespace plimsoll::cel {
namespace {

constexpr std::string_view kPod = R"({
  "apiVersion": "v1", "kind": "Pod",
  "metadata": {"name": "web", "labels": {"app": "web", "tier": "front"}},
  "spec": {
    "hostNetwork": true,
    "replicas": 5, "limit": 3,
    "securityContext": {"runAsNonRoot": false},
    "containers": [
      {"name": "good", "image": "registry/app:1", "securityContext": {"privileged": false, "capabilities": {"drop": ["ALL"]}}},
      {"name": "bad", "image": "docker.io/app", "securityContext": {"privileged": true, "capabilities": {"add": ["CHOWN", "NET_ADMIN"]}}},
      {"name": "worse", "image": "docker.io/other", "command": ["sh", "-c"], "args": ["--debug"]}
    ],
    "initContainers": [{"name": "init", "image": "docker.io/init"}],
    "empty": []
  }})";

// Variables `object`, `params` and the fields of `variables`, which are defined by expressions.
class World : public Activation {
 public:
  explicit World(std::map<std::string, std::string> variables) {
    object_ = *json::read(arena_, kPod);
    params_ = *json::read(arena_, R"({"registry": "registry/", "max": 2})");
    EnvironmentOptions options;
    options.library = Library::kExtended;
    options.variables = {{"object", Type::dyn()}, {"params", Type::dyn()}, {"variables", Type::object("Variables"), true}};
    ObjectDeclaration fields{"Variables", {}};
    for (const auto& [name, expression] : variables) fields.fields.push_back({name, Type::dyn()});
    options.objects = {fields};
    environment_ = *Environment::create(options);
    for (const auto& [name, expression] : variables) fields_.push_back(*environment_->compile(expression));
  }

  Outcome variable(size_t variable) override { return Outcome(variable == 0 ? object_ : params_); }
  Outcome field(size_t, size_t field) override {
    Budget budget;
    return fields_[field]->evaluate(*this, arena_, budget);
  }

  std::vector<std::string> blame_of(std::string_view expression) {
    auto program = environment_->compile(expression);
    EXPECT_TRUE(program) << program.error().text;
    Budget budget;
    const Outcome outcome = (*program)->evaluate(*this, arena_, budget);
    EXPECT_FALSE(outcome.ok() && outcome.value().bool_or(true)) << expression << " is true";
    std::vector<std::string> result;
    for (const Path& path : blame({**program, *this, arena_, 0, [this](size_t, size_t field) { return fields_[field].get(); }})) {
      result.push_back(path.to_string());
    }
    return result;
  }

 private:
  Arena arena_;
  Value object_, params_;
  std::shared_ptr<const Environment> environment_;
  std::vector<std::shared_ptr<const Program>> fields_;
};

const std::map<std::string, std::string> kVariables = {
    {"containers", "object.spec.containers + object.spec.?initContainers.orValue([]) + object.spec.?ephemeralContainers.orValue([])"},
    {"podContext", "object.spec.?securityContext.orValue({})"},
    {"spec", "object.kind == 'Pod' ? object.spec : object.spec.template.spec"},
    {"bad", "object.spec.containers.filter(c, !c.image.startsWith(params.registry))"},
    {"badNames", "object.spec.containers.filter(c, !c.image.startsWith(params.registry)).map(c, c.name)"},
    {"isPod", "object.kind == 'Pod'"},
    {"isWindows", "object.spec.?os.?name.orValue('') == 'windows'"},
    {"self", "1"},
};

struct Row {
  std::string_view expression;
  std::vector<std::string> paths;
};

TEST(BlameTest, NamesTheFieldsThatMadeAnExpressionFalse) {
  const Row kRows[] = {
      // Comparisons and calls.
      {"object.spec.replicas <= 3", {"spec.replicas"}},
      {"object.spec.replicas <= object.spec.limit", {"spec.replicas", "spec.limit"}},
      {"object.metadata.name.matches('^prod-')", {"metadata.name"}},
      {"object.metadata.name in ['a', 'b']", {"metadata.name"}},
      {"'team' in object.metadata.labels", {"metadata.labels"}},
      {"object.metadata.labels['app'].size() > 10", {"metadata.labels.app"}},
      {"string(object.spec.replicas) + '!' == '3!'", {"spec.replicas"}},
      {"params.max > object.spec.replicas", {"spec.replicas"}},
      {"params.max > 3", {}},
      {"false", {}},
      // Logic.
      {"!object.spec.hostNetwork", {"spec.hostNetwork"}},
      {"object.spec.replicas > 1 && object.spec.limit > 5 && !object.spec.hostNetwork", {"spec.limit", "spec.hostNetwork"}},
      {"object.spec.replicas < 5 || object.spec.limit > 5", {"spec.replicas", "spec.limit"}},
      {"!(object.spec.hostNetwork && object.spec.replicas > 1)", {"spec.hostNetwork", "spec.replicas"}},
      {"!(object.spec.hostNetwork || object.spec.replicas > 9)", {"spec.hostNetwork"}},
      // Guards say when a rule applies, names say to what; neither is blamed beside a requirement.
      {"object.kind != 'Pod' || !object.spec.hostNetwork", {"spec.hostNetwork"}},
      {"variables.isWindows || object.spec.replicas < 3", {"spec.replicas"}},
      {"!variables.isPod || object.spec.replicas < 3", {"spec.replicas"}},
      {"object.metadata.name == 'db' || object.spec.replicas < 3", {"spec.replicas"}},
      {"object.kind != 'Pod'", {"kind"}},
      // What is missing.
      {"has(object.spec.os)", {"spec.os"}},
      {"has(object.spec.tolerations) && has(object.metadata.labels.team)", {"spec.tolerations", "metadata.labels.team"}},
      {"object.spec.?os.?name.orValue('') == 'linux'", {"spec.os.name"}},
      {"object.spec.?os.hasValue()", {"spec.os"}},
      {"object.metadata.?labels[?'team'].orValue('') != ''", {"metadata.labels.team"}},
      {"object.spec.?os.?name.orValue(object.metadata.name) == 'linux'", {"metadata.name"}},
      {"object.metadata.labels.exists(k, k == 'team')", {"metadata.labels"}},
      // Comprehensions.
      {"object.spec.containers.all(c, c.image.startsWith('registry/'))", {"spec.containers[1].image", "spec.containers[2].image"}},
      {"object.spec.containers.all(c, c.image.startsWith(params.registry))", {"spec.containers[1].image", "spec.containers[2].image"}},
      {"object.spec.containers.all(c, !c.?securityContext.?privileged.orValue(false))", {"spec.containers[1].securityContext.privileged"}},
      {"object.spec.containers.all(c, c.?securityContext.?capabilities.?drop.orValue([]).exists(k, k == 'ALL'))",
       {"spec.containers[1].securityContext.capabilities.drop", "spec.containers[2].securityContext.capabilities.drop"}},
      {"object.spec.containers.all(c, c.?securityContext.?capabilities.?add.orValue([]).all(k, k in ['CHOWN']))",
       {"spec.containers[1].securityContext.capabilities.add[1]"}},
      {"object.spec.containers.all(c, object.spec.replicas < 3)", {"spec.replicas"}},
      {"object.spec.containers.all(c, c.name != 'bad' || object.kind == 'x')", {"kind"}},
      {"object.metadata.labels.all(k, object.metadata.labels[k] == 'web')", {"metadata.labels.tier"}},
      {"object.metadata.labels.all(k, v, v == 'web')", {"metadata.labels.tier"}},
      {"object.spec.containers.all(i, c, i < 1 || c.name.size() > 3)", {"spec.containers[1].name"}},
      {"!object.spec.containers.exists(c, c.?securityContext.?privileged.orValue(false))", {"spec.containers[1].securityContext.privileged"}},
      {"object.spec.containers.exists(c, c.name == 'sidecar')", {"spec.containers"}},
      {"object.spec.empty.exists(c, true)", {"spec.empty"}},
      {"[object.spec.replicas, object.spec.limit].exists(n, n > 100)", {"spec.replicas", "spec.limit"}},
      {"object.spec.containers.exists_one(c, c.image.contains('docker'))", {"spec.containers"}},
      {"object.spec.containers.all(c, (c.?command.orValue([]) + c.?args.orValue([])).all(a, a != '--debug'))", {"spec.containers[2].args[0]"}},
      // Lists that an expression put together.
      {"object.spec.containers.filter(c, c.image.contains('docker')).size() == 0", {"spec.containers[1].image", "spec.containers[2].image"}},
      {"object.spec.containers.filter(c, c.image.contains('quay')).size() > 0", {"spec.containers"}},
      {"object.spec.containers.map(c, c.image).all(i, i.contains('app'))", {"spec.containers[2].image"}},
      {"object.spec.containers.filter(c, c.image.contains('docker'))[0].name == 'good'", {"spec.containers[1].name"}},
      {"object.spec.containers.filter(c, c.image.contains('docker')).map(c, c.name) == []", {"spec.containers[1].image", "spec.containers[2].image"}},
      {"object.spec.containers.map(c, c.name).join(',') == ''", {"spec.containers"}},
      {"(object.spec.containers + object.spec.initContainers).all(c, c.name != 'init')", {"spec.initContainers[0].name"}},
      {"object.spec.containers.slice(1, 3).all(c, c.name != 'worse')", {"spec.containers[2].name"}},
      {"cel.bind(list, object.spec.containers, list.all(c, c.name != 'worse'))", {"spec.containers[2].name"}},
      // Variables of the policy.
      {"variables.containers.all(c, c.name != 'init')", {"spec.initContainers[0].name"}},
      {"variables.spec.replicas < 3", {"spec.replicas"}},
      {"variables.bad.size() == 0", {"spec.containers[1].image", "spec.containers[2].image"}},
      {"variables.badNames.size() == 0", {"spec.containers[1].image", "spec.containers[2].image"}},
      {"variables.bad == []", {"spec.containers[1].image", "spec.containers[2].image"}},
      {"!variables.isPod", {"kind"}},
      {"variables.podContext.?runAsNonRoot.orValue(true)", {"spec.securityContext.runAsNonRoot"}},
      {"variables.containers.all(c, c.?securityContext.?runAsNonRoot.orValue(variables.podContext.?runAsNonRoot.orValue(true)))",
       {"spec.securityContext.runAsNonRoot"}},
      {"variables.containers.all(c, c.?securityContext.?runAsUser.orValue(variables.podContext.?runAsUser.orValue(0)) != 0)",
       {"spec.containers[0].securityContext.runAsUser", "spec.containers[1].securityContext.runAsUser",
        "spec.containers[2].securityContext.runAsUser", "spec.initContainers[0].securityContext.runAsUser"}},
      // Choices.
      {"object.kind == 'Pod' ? object.spec.replicas < 3 : true", {"spec.replicas"}},
      {"object.kind == 'Pod' ? false : true", {"kind"}},
      {"(object.kind == 'Pod' ? object.spec.replicas : 0) < 3", {"spec.replicas"}},
      // Errors.
      {"object.spec.tolerations.size() == 0", {"spec.tolerations"}},
      {"object.spec.os.name == 'linux'", {"spec.os"}},
      {"int(object.metadata.name) > 1", {"metadata.name"}},
      {"object.spec.containers.all(c, has(c.securityContext.privileged))", {"spec.containers[2].securityContext"}},
      {"variables.spec.os == 'linux'", {"spec.os"}},
  };
  World world(kVariables);
  for (const Row& row : kRows) {
    EXPECT_EQ(fmt::format("{}", fmt::join(world.blame_of(row.expression), " ")), fmt::format("{}", fmt::join(row.paths, " "))) << row.expression;
  }
}

TEST(BlameTest, StopsAtTheLimitOfPaths) {
  World world(kVariables);
  EXPECT_EQ(world.blame_of("variables.containers.all(c, has(c.a) && has(c.b) && has(c.c) && has(c.d) && has(c.e) && has(c.f) && has(c.g))").size(), 20U);
}

TEST(BlameTest, EndsWhenTheWorkIsTooMuch) {
  World world(kVariables);
  std::string nested = "a0 + a7 > 100";
  for (int level = 7; level >= 0; --level) nested = fmt::format("[0,1,2,3,4,5,6,7,8,9].all(a{}, {})", level, nested);
  // Each evaluation stops at the first false; to explain them all would take 100 million.
  EXPECT_EQ(world.blame_of("object.spec.limit > 5 && " + nested), std::vector<std::string>{"spec.limit"});
}

}  // namespace
}  // namespace plimsoll::cel
