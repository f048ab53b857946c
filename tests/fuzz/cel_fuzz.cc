// CEL expressions: parsing with and without recovery, checking, planning and evaluation in both environments.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/cel/cel.h"
#include "engine/value/json.h"

namespace {

using namespace plimsoll;

class Variables : public cel::Activation {
 public:
  Variables() {
    object_ = *json::read(arena_, R"({"metadata": {"name": "p", "labels": {"a": "b"}}, "spec": {"replicas": 3, "ratio": 0.5,
                                      "containers": [{"name": "c", "image": "r/i:1", "ports": [80]}], "none": null}})");
  }
  cel::Outcome variable(size_t variable) override { return cel::Outcome(variable == 0 ? object_ : Value()); }

 private:
  Arena arena_;
  Value object_;
};

std::shared_ptr<const cel::Environment> make_environment(cel::Library library) {
  cel::EnvironmentOptions options;
  options.library = library;
  options.mutation = true;
  options.variables = {{"object", cel::Type::dyn()}, {"params", cel::Type::dyn()}};
  return *cel::Environment::create(std::move(options));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::shared_ptr<const cel::Environment> environments[] = {make_environment(cel::Library::kKubernetes),
                                                                         make_environment(cel::Library::kExtended)};
  static Variables variables;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& environment : environments) {
    const auto program = environment->compile(text);
    if (!program) continue;
    Arena arena;
    cel::Budget budget{.per_call = 10'000};
    (void)(*program)->evaluate(variables, arena, budget);
  }
  return 0;
}
