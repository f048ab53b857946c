// How long expressions take to compile and to evaluate, one thread.
//
//   bench_cel [--expressions=FILE] [Google Benchmark's flags]
//
// FILE holds expressions with what cel-go v0.26 took for them (compile_cpu_ns, eval_cpu_ns), by default that of the recording beside
// the repository; the counter times_faster is their quotient. Without a file, some expressions of the kind that policies have are
// measured by themselves.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/cel/cel.h"
#include "engine/value/json.h"

namespace plimsoll::cel {
namespace {

struct Expression {
  std::string name;
  std::string text;
  Value object;
  double compile_ns = 0;  // cel-go's CPU time; 0: unknown
  double evaluate_ns = 0;
};

constexpr std::string_view kPod = R"({"metadata": {"name": "web", "labels": {"app": "web", "team": "payments"}},
  "spec": {"containers": [
    {"name": "web", "image": "registry.example.com/web:1.2", "resources": {"limits": {"memory": "512Mi"}}},
    {"name": "log", "image": "registry.example.com/log:3", "resources": {"limits": {"memory": "1Gi"}}}]}})";

constexpr std::pair<std::string_view, std::string_view> kOwn[] = {
    {"required_labels", "['app', 'team'].all(l, l in object.metadata.labels)"},
    {"image_registry", "object.spec.containers.all(c, c.image.startsWith('registry.example.com/'))"},
    {"memory_limits", "object.spec.containers.all(c, quantity(c.resources.limits.memory).isLessThan(quantity('2Gi')))"},
    {"image_pattern", "object.spec.containers.all(c, c.image.matches('^[a-z.]+/[a-z]+(:[0-9.]+)?$'))"},
};

std::shared_ptr<const Environment> environment() {
  EnvironmentOptions options;
  for (const char* name : {"object", "oldObject", "request", "params", "namespaceObject", "variables"}) {
    options.variables.push_back({name, Type::dyn()});
  }
  return *Environment::create(std::move(options));
}

// The first variable, `object`.
class Object : public Activation {
 public:
  explicit Object(const Value& object) : object_(object) {}
  Outcome variable(size_t variable) override { return Outcome(variable == 0 ? object_ : Value()); }

 private:
  const Value& object_;
};

void report(benchmark::State& state, double reference_ns) {
  if (reference_ns == 0) return;
  // Runs in the time that the reference takes for one.
  state.counters["times_faster"] = benchmark::Counter(reference_ns * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void compile(benchmark::State& state, const Expression& expression) {
  const auto shared = environment();
  for (auto _ : state) {
    auto program = shared->compile(expression.text);
    if (!program) {
      state.SkipWithError(program.error().text.c_str());
      return;
    }
    benchmark::DoNotOptimize(program);
  }
  report(state, expression.compile_ns);
}

void evaluate(benchmark::State& state, const Expression& expression) {
  const auto program = *environment()->compile(expression.text);
  Object activation(expression.object);
  Arena arena;
  for (auto _ : state) {
    arena.reset();
    Budget budget;
    const Outcome outcome = program->evaluate(activation, arena, budget);
    if (!outcome.ok()) {
      state.SkipWithError(outcome.error().message.c_str());
      return;
    }
    benchmark::DoNotOptimize(outcome.value());
  }
  report(state, expression.evaluate_ns);
}

// {"map":[[{"string":"a"},{"int":"1"}]]} as a plain value: the forms that objects of the API server have.
Value plain(Arena& arena, const Value& recorded) {
  const Map::Entry& entry = *recorded.as_map()->begin();
  const std::string_view kind = entry.key.as_string();
  const Value& value = entry.value;
  if (kind == "int") return Value::integer(std::stoll(std::string(value.as_string())));
  if (kind == "double") return Value::real(std::stod(std::string(value.as_string())));
  if (kind == "list") {
    List* list = List::create(arena, value.size());
    for (const Value& item : value.items()) list->push_back(arena, plain(arena, item));
    return Value::list(list);
  }
  if (kind == "map") {
    Map* map = Map::create(arena, value.size());
    for (const Value& pair : value.items()) map->set(arena, plain(arena, pair.items()[0]), plain(arena, pair.items()[1]));
    return Value::map(map);
  }
  return value;
}

std::vector<Expression> recorded_expressions(Arena& arena, const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const auto file = json::read(arena, std::string{std::istreambuf_iterator<char>(in), {}});
  if (!file) {
    std::cerr << path << ": " << file.error().to_string() << "\n";
    std::exit(2);
  }
  std::vector<Expression> result;
  for (const Value& recorded : (*file)["results"].items()) {
    const auto number = [&](std::string_view key) {
      const Value value = recorded[key];
      return value.is_int() ? static_cast<double>(value.as_int()) : value.is_double() ? value.as_double() : 0;
    };
    result.push_back({.name = std::string(recorded["name"].as_string()),
                      .text = std::string(recorded["expr"].as_string()),
                      .object = plain(arena, (*file)["bindings"][recorded["object"].as_string()]["object"]),
                      .compile_ns = number("compile_cpu_ns"),
                      .evaluate_ns = number("eval_cpu_ns")});
  }
  return result;
}

std::vector<Expression> own_expressions(Arena& arena) {
  const Value pod = *json::read(arena, kPod);
  std::vector<Expression> result;
  for (const auto& [name, text] : kOwn) result.push_back({std::string(name), std::string(text), pod});
  return result;
}

}  // namespace
}  // namespace plimsoll::cel

int main(int argc, char** argv) {
  namespace cel = plimsoll::cel;
  std::string path = PLIMSOLL_SOURCE_DIR "/../shared/oracle/cel/cel_go_bench.json";
  std::vector<char*> rest;
  for (char* argument : std::vector<char*>(argv, argv + argc)) {
    const std::string_view text = argument;
    if (text.starts_with("--expressions=")) {
      path = text.substr(text.find('=') + 1);
    } else {
      rest.push_back(argument);
    }
  }
  plimsoll::Arena arena;
  const auto expressions = std::filesystem::exists(path) ? cel::recorded_expressions(arena, path) : cel::own_expressions(arena);
  for (const cel::Expression& expression : expressions) {
    benchmark::RegisterBenchmark(("compile/" + expression.name).c_str(), cel::compile, expression)->Unit(benchmark::kMicrosecond);
  }
  for (const cel::Expression& expression : expressions) {
    benchmark::RegisterBenchmark(("evaluate/" + expression.name).c_str(), cel::evaluate, expression)->Unit(benchmark::kNanosecond);
  }
  int count = static_cast<int>(rest.size());
  benchmark::Initialize(&count, rest.data());
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
