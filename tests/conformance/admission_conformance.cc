// Recorded answers of a kube-apiserver to requests under admission policies: conformance_admission DIR. The format of
// the files is in the README beside the copies under data/admission.
//
// The server's order of policies, of a policy's bindings and of selected params is that of a hash map, drawn anew
// whenever one of them changes. A case passes if some order gives the expected answer or one of its alternatives.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "engine/policy/compile.h"
#include "engine/policy/default.h"
#include "engine/policy/kinds.h"
#include "engine/policy/mutate.h"
#include "engine/policy/params.h"
#include "engine/policy/policy.h"
#include "engine/policy/review.h"
#include "engine/policy/validate.h"
#include "tests/conformance/rbac.h"
#include "tests/conformance/runner.h"

namespace plimsoll {
namespace {

using conformance::Tally;
using policy::Verdict;

// What the server was set up with, whatever the scenario.
struct Server {
  Arena arena;
  Value definitions, roles;
  policy::KindTable kinds;
  schema::TypeCatalog catalog;

  explicit Server(const std::string& folder) : catalog(types()) {
    definitions = read(folder + "/crds.json");
    roles = read(folder + "/rbac.json");
    for (const Value& definition : definitions.items()) {
      kinds.add_definition(definition);
      catalog.add_definition(definition);
    }
  }

 private:
  static std::shared_ptr<const schema::KubernetesTypes> types() {
    auto loaded = schema::KubernetesTypes::load();
    if (loaded) return *std::move(loaded);
    std::cerr << loaded.error().to_string() << "\n";
    std::exit(2);
  }

  Value read(const std::string& file) {
    const Result<Value> value = json::read(arena, conformance::read_text(file));
    if (value) return *value;
    std::cerr << file << ": " << value.error().to_string() << "\n";
    std::exit(2);
  }
};

// Objects in the order in which the server may list them.
class OrderedObjects final : public policy::ObjectSource {
 public:
  OrderedObjects(const Value& scenario, Arena& arena) {
    for (const Value& space : scenario["namespaces"].items()) {
      // The server dates what it creates.
      Map* metadata = Map::copy_of(arena, *space["metadata"].as_map());
      if (!metadata->contains("creationTimestamp")) {
        metadata->set(arena, "creationTimestamp", Value::string("2026-01-01T00:00:00Z"));
      }
      Map* object = Map::copy_of(arena, *space.as_map());
      object->set(arena, "metadata", Value::map(metadata));
      objects_.push_back(Value::map(object));
    }
    for (const Value& param : scenario["params"].items()) objects_.push_back(param);
  }

  void reverse() { std::ranges::reverse(objects_); }

  const Value* get(std::string_view api_version, std::string_view kind, std::string_view space,
                    std::string_view name) const override {
    for (const Value& object : objects_) {
      if (is(object, api_version, kind, space) && object["metadata"]["name"].string_or() == name &&
          object["metadata"]["namespace"].string_or() == space) {
        return &object;
      }
    }
    return nullptr;
  }

  void list(const Query& query, List& found, Arena& arena) const override {
    for (const Value& object : objects_) {
      if (is(object, query.api_version, query.kind, query.namespace_name)) found.push_back(arena, object);
    }
  }

  bool complete(std::string_view, std::string_view) const override { return true; }

 private:
  static bool is(const Value& object, std::string_view api_version, std::string_view kind, std::string_view space) {
    return object["apiVersion"].string_or() == api_version && object["kind"].string_or() == kind &&
           (space.empty() || object["metadata"]["namespace"].string_or() == space);
  }

  std::vector<Value> objects_;
};

std::string text_of(const Verdict& verdict) {
  std::string text = verdict.allowed
                         ? "allowed"
                         : "denied " + std::to_string(verdict.code) + " " + verdict.reason + ": " + verdict.message;
  for (const std::string& cause : verdict.causes) text += "\n    cause: " + cause;
  for (const std::string& warning : verdict.warnings) text += "\n    warning: " + warning;
  auto annotations = verdict.audit_annotations;
  std::ranges::sort(annotations);
  for (const auto& [key, value] : annotations) text += "\n    audit " + key + ": " + value;
  return text;
}

Verdict verdict_of(const Value& expect) {
  Verdict verdict;
  verdict.allowed = expect["allowed"].bool_or(false);
  if (!verdict.allowed) {
    verdict.message = expect["message"].string_or();
    verdict.reason = expect["reason"].string_or();
    verdict.code = static_cast<int>(expect["code"].int_or(0));
    for (const Value& cause : expect["causes"].items()) verdict.causes.emplace_back(cause.string_or());
  }
  for (const Value& warning : expect["warnings"].items()) verdict.warnings.emplace_back(warning.string_or());
  if (const Value annotations = expect["auditAnnotations"]; annotations.is_map()) {
    for (const Map::Entry& entry : *annotations.as_map()) {
      verdict.audit_annotations.emplace_back(entry.key.string_or(), entry.value.string_or());
    }
  }
  return verdict;
}

policy::Request request_of(const Value& test) {
  policy::Request request;
  request.operation = test["operation"].string_or();
  const Value kind = test["kind"], resource = test["resource"];
  request.kind = {kind["group"].string_or(), kind["version"].string_or(), kind["kind"].string_or()};
  request.resource = {resource["group"].string_or(), resource["version"].string_or(), resource["resource"].string_or()};
  request.subresource = test["subresource"].string_or();
  request.namespace_name = test["namespace"].string_or();
  request.name = test["name"].string_or();
  request.dry_run = test["dryRun"].bool_or(false);
  request.options = test["options"];
  request.user = {test["user"].string_or(), test["uid"].string_or(), test["groups"], test["extra"]};
  request.object = test["object"];
  request.old_object = test["oldObject"];
  return request;
}

class Scenario {
 public:
  Scenario(const Value& test, const Server& server) : test_(test), server_(server), authorizer_(server.roles) {
    policy::PolicyCompiler compiler;
    policy::DecodeState state;
    std::vector<std::shared_ptr<const policy::CompiledPolicy>> compiled;
    for (const Value& object : test["policies"].items()) {
      compiled.push_back(compiler.compile(policy::decode_policy(object, state)));
    }
    std::vector<policy::Binding> bindings;
    for (const Value& object : test["bindings"].items()) bindings.push_back(policy::decode_binding(object, state));
    if (state.failure) problem_ = state.failure->path.to_string() + ": " + state.failure->message;
    policies_ = policy::bind_policies(compiled, bindings);
    mutating_ = std::ranges::any_of(compiled, [](const auto& policy) { return policy->policy().mutating; });
  }

  void run(Tally& tally) {
    size_t index = 0;
    for (const Value& test : test_["requests"].items()) {
      const std::string name = std::string(test_["name"].string_or()) + "/" + std::to_string(index++);
      std::vector<std::string> expected{expected_text(test["expect"])};
      for (const Value& alternative : test["alternatives"].items()) expected.push_back(expected_text(alternative));
      std::string first;
      if (problem_.empty() && passes(test, expected, first)) {
        tally.pass();
      } else {
        tally.fail(name, expected.front(), problem_.empty() ? first : problem_);
      }
    }
  }

 private:
  static std::string object_text(const Value& object) {
    return "\n    object: " + json::write(object, {.indent = 0, .sort_keys = true, .escape_html = false});
  }

  std::string expected_text(const Value& expect) const {
    if (expect["server_panicked"].bool_or(false)) return "the server panics";
    std::string text = text_of(verdict_of(expect));
    if (mutating_ && !expect["patched_object"].is_null()) text += object_text(expect["patched_object"]);
    return text;
  }

  // The mutating phase, and the validating one on what it made.
  std::string answer(policy::Request request, std::span<const policy::BoundPolicy> policies,
                     const policy::Surroundings& surroundings, bool tell_object, Arena& arena) const {
    if (!mutating_) return text_of(policy::review(request, policies, surroundings, arena));
    std::vector<policy::BoundPolicy> mutating, validating;
    for (const policy::BoundPolicy& bound : policies) (bound.policy->policy().mutating ? mutating : validating).push_back(bound);
    const policy::DefaultOptions options{.default_namespace = {}, .objects = surroundings.objects, .allocated = {}, .uid = {}, .now = {}};
    const policy::Defaulting defaulting(server_.catalog, options);
    const policy::MutationOutcome outcome = *policy::mutate(request, mutating, surroundings, defaulting, arena);
    if (outcome.crashes_server) return "the server panics";
    if (!outcome.allowed) {
      Verdict verdict;
      verdict.allowed = false;
      verdict.message = outcome.message;
      verdict.reason = outcome.reason;
      verdict.code = outcome.code;
      verdict.causes = outcome.causes;
      return text_of(verdict);
    }
    std::string object = tell_object ? object_text(outcome.object) : "";
    request.object = outcome.object;
    if (!validating.empty() && request.object.is_map()) {
      request.object = deep_copy(arena, request.object);
      if (request.operation == "CREATE") defaulting.prepare(request.object, arena);
    }
    return text_of(policy::review(request, validating, surroundings, arena)) + object;
  }

  bool passes(const Value& test, const std::vector<std::string>& expected, std::string& first) {
    authorizer_.set_user(test["user"].string_or(), test["groups"]);
    const policy::Request request = request_of(test);
    std::vector<size_t> policy_order(policies_.size());
    std::iota(policy_order.begin(), policy_order.end(), 0);
    do {
      std::vector<policy::BoundPolicy> ordered;
      for (const size_t i : policy_order) ordered.push_back(policies_[i]);
      for (int rotation = 0; rotation < 2; ++rotation) {
        for (int reversed = 0; reversed < 2; ++reversed) {
          Arena arena;
          OrderedObjects objects(test_, arena);
          if (reversed) objects.reverse();
          const policy::Surroundings surroundings{&server_.kinds, &objects, &authorizer_, false};
          const bool tell_object = !test["expect"]["patched_object"].is_null();
          const std::string actual = answer(request, ordered, surroundings, tell_object, arena);
          if (first.empty()) first = actual;
          if (std::ranges::find(expected, actual) != expected.end()) return true;
        }
        for (policy::BoundPolicy& bound : ordered) std::ranges::reverse(bound.bindings);
      }
    } while (policy_order.size() <= 5 && std::next_permutation(policy_order.begin(), policy_order.end()));
    return false;
  }

  Value test_;
  const Server& server_;
  conformance::RbacAuthorizer authorizer_;
  std::vector<policy::BoundPolicy> policies_;
  bool mutating_ = false;
  std::string problem_;
};

// The creation of one policy or binding.
void run_creation(const Value& test, Tally& tally) {
  std::vector<Value> objects;
  for (const char* list : {"policies", "bindings"}) {
    for (const Value& object : test[list].items()) objects.push_back(object);
  }
  const Value expect = test["expect"];
  std::string actual = "allowed";
  for (const Value& object : objects) {
    policy::DecodeState state;
    const bool binding = object["kind"].string_or().ends_with("Binding");
    const std::vector<policy::FieldError> errors = binding
                                                       ? policy::validate_binding(policy::decode_binding(object, state))
                                                       : policy::validate_policy(policy::decode_policy(object, state));
    if (state.failure) {
      actual = "denied 400: " + state.failure->path.to_string() + ": " + state.failure->message;
    } else if (!errors.empty()) {
      actual = "denied 422 Invalid: " +
               policy::creation_message(object["kind"].string_or(), object["metadata"]["name"].string_or(), errors);
      for (const policy::FieldError& error : errors) {
        actual += "\n    cause: " + error.field + " " + std::string(error.cause()) + " " + error.body();
      }
    }
  }
  std::string expected = "allowed";
  if (!expect["allowed"].bool_or(false)) {
    expected = "denied " + std::to_string(expect["code"].int_or(0));
    if (expect["code"].int_or(0) == 400) {
      // Words of Go's decoder: only the verdict is compared.
      if (actual.starts_with(expected)) expected = actual;
    } else {
      expected += " " + std::string(expect["reason"].string_or()) + ": " + std::string(expect["message"].string_or());
      for (const Value& cause : expect["causes"].items()) {
        expected += "\n    cause: " + std::string(cause["field"].string_or()) + " " +
                    std::string(cause["reason"].string_or()) + " " + std::string(cause["message"].string_or());
      }
    }
  }
  tally.check(test["name"].string_or(), expected, actual);
}

int run(const std::string& folder) {
  std::string surroundings = folder + "/surroundings";
  if (!std::filesystem::exists(surroundings)) surroundings = "tests/conformance/data/admission/surroundings";
  const Server server(surroundings);
  Tally tally;
  for (const std::string& file : conformance::case_files(folder, "")) {
    const bool creation = std::filesystem::path(file).filename() == "creation.json";
    conformance::for_each_case(file, [&](const Value& test) {
      if (creation) {
        run_creation(test, tally);
      } else {
        Scenario(test, server).run(tally);
      }
    });
  }
  return tally.finish();
}

}  // namespace
}  // namespace plimsoll

int main(int argc, char** argv) {
  return plimsoll::run(plimsoll::conformance::path_argument(argc, argv, "conformance_admission"));
}
