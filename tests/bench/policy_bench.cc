// How long policies take: to load and compile, for one request, and for a file of manifests.
//
//   bench_policy [--policies=FILE --manifests=FILE]
//
// Without files, those of the shared measurement beside the repository are taken where they exist. The API server
// spends about 430 µs of CPU for one policy and request.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/policy/engine.h"
#include "engine/policy/review.h"
#include "engine/value/json.h"
#include "engine/yaml/document.h"

namespace plimsoll::policy {
namespace {

std::string policies_file = PLIMSOLL_SOURCE_DIR "/../shared/bench/policies.yaml";
std::string manifests_file = PLIMSOLL_SOURCE_DIR "/../shared/real/workloads.yaml";

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<yaml::Document> read_documents(const std::string& path) {
  auto documents = yaml::read_stream(read_text(path), {.file = path});
  if (documents) return *std::move(documents);
  std::cerr << documents.error().to_string() << "\n";
  std::exit(2);
}

std::shared_ptr<const RuleSet> rules_of(const std::vector<yaml::Document>& documents) {
  RuleSetBuilder builder;
  for (const yaml::Document& document : documents) {
    if (const auto added = builder.add_policy_document(document); !added) {
      std::cerr << added.error().to_string() << "\n";
      std::exit(2);
    }
  }
  return *builder.build();
}

// Reading, checking and compiling the policies of a file.
void build_rule_set(benchmark::State& state) {
  const std::string text = read_text(policies_file);
  for (auto _ : state) {
    const auto documents = *yaml::read_stream(text, {.file = policies_file});
    benchmark::DoNotOptimize(rules_of(documents));
  }
}

// A pack that is loaded and judges one object, as `plimsoll lint` of a small manifest does.
void first_object_of_pack(benchmark::State& state) {
  const auto pod =
      *yaml::read("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}");
  for (auto _ : state) {
    RuleSetBuilder builder;
    if (!builder.add_pack("pod-security-restricted")) std::exit(2);
    const auto rules = *builder.build();
    EvaluationScratch scratch;
    benchmark::DoNotOptimize(rules->evaluate({.object = pod.root()}, scratch));
  }
}

// All manifests under all policies, one thread; the time of one policy and object is reported as per_evaluation.
void lint(benchmark::State& state) {
  const auto rules = rules_of(read_documents(policies_file));
  const auto manifests = read_documents(manifests_file);
  EvaluationScratch scratch;
  size_t findings = 0;
  for (auto _ : state) {
    findings = 0;
    for (const yaml::Document& manifest : manifests) {
      const auto found = rules->evaluate({.object = manifest.root()}, scratch);
      findings += found ? found->size() : 0;
    }
  }
  const auto evaluations = static_cast<double>(manifests.size() * rules->rules().size());
  state.counters["findings"] = static_cast<double>(findings);
  state.counters["per_evaluation"] =
      benchmark::Counter(evaluations, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// Recorded admission requests under their policies, the whole answer: what the webhook does for each.
void review_requests(benchmark::State& state) {
  Arena arena;
  const Value scenarios =
      *json::read(arena, read_text(PLIMSOLL_SOURCE_DIR "/tests/conformance/data/admission/realistic.json"));
  struct Case {
    Request request;
    std::vector<BoundPolicy> policies;
    ObjectIndex objects;
  };
  std::vector<std::unique_ptr<Case>> cases;
  KindTable kinds;
  for (const Value& scenario : scenarios.items()) {
    PolicyCompiler compiler;
    DecodeState decode;
    std::vector<std::shared_ptr<const CompiledPolicy>> policies;
    std::vector<Binding> bindings;
    for (const Value& object : scenario["policies"].items())
      policies.push_back(compiler.compile(decode_policy(object, decode)));
    for (const Value& object : scenario["bindings"].items()) bindings.push_back(decode_binding(object, decode));
    for (const Value& test : scenario["requests"].items()) {
      Case& own = *cases.emplace_back(std::make_unique<Case>());
      const Value kind = test["kind"], resource = test["resource"];
      own.request.operation = test["operation"].string_or();
      own.request.kind = {kind["group"].string_or(), kind["version"].string_or(), kind["kind"].string_or()};
      own.request.resource = {resource["group"].string_or(), resource["version"].string_or(),
                              resource["resource"].string_or()};
      own.request.namespace_name = test["namespace"].string_or();
      own.request.name = test["name"].string_or();
      own.request.object = test["object"];
      own.request.old_object = test["oldObject"];
      own.request.user.name = test["user"].string_or();
      own.policies = bind_policies(policies, bindings);
      for (const char* list : {"params", "namespaces"}) {
        for (const Value& object : scenario[list].items()) own.objects.add(object);
      }
    }
  }
  Arena scratch;
  for (auto _ : state) {
    for (const auto& one : cases) {
      scratch.reset();
      const Surroundings surroundings{&kinds, &one->objects, nullptr, true};
      benchmark::DoNotOptimize(review(one->request, one->policies, surroundings, scratch));
    }
  }
  state.counters["per_request"] = benchmark::Counter(
      static_cast<double>(cases.size()), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

}  // namespace
}  // namespace plimsoll::policy

int main(int argc, char** argv) {
  namespace policy = plimsoll::policy;
  std::vector<char*> rest;
  for (char* argument : std::vector<char*>(argv, argv + argc)) {
    const std::string_view text = argument;
    if (text.starts_with("--policies=")) {
      policy::policies_file = text.substr(11);
    } else if (text.starts_with("--manifests=")) {
      policy::manifests_file = text.substr(12);
    } else {
      rest.push_back(argument);
    }
  }
  benchmark::RegisterBenchmark("first_object_of_pack", policy::first_object_of_pack)->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("review_requests", policy::review_requests)->Unit(benchmark::kMicrosecond);
  if (std::filesystem::exists(policy::policies_file)) {
    benchmark::RegisterBenchmark("build_rule_set", policy::build_rule_set)->Unit(benchmark::kMicrosecond);
    if (std::filesystem::exists(policy::manifests_file)) {
      benchmark::RegisterBenchmark("lint", policy::lint)->Unit(benchmark::kMillisecond);
    }
  }
  int count = static_cast<int>(rest.size());
  benchmark::Initialize(&count, rest.data());
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
