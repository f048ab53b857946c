// Policy documents: decoding, validation, compilation, and evaluation on a small object.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/policy/engine.h"
#include "engine/policy/exception.h"
#include "engine/yaml/document.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)policy::parse_exceptions(text);
  const auto documents = yaml::read_stream(text, {.file = "fuzz.yaml", .max_bytes = 1U << 20});
  if (!documents) return 0;
  policy::RuleSetBuilder builder;
  for (const yaml::Document& document : *documents) (void)builder.add_policy_document(document);
  const auto rules = builder.build();
  if (!rules) return 0;
  static const auto pod = *yaml::read(
      "{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {a: b}}, spec: {containers: [{name: c, image: "
      "'i:1'}]}}");
  policy::EvaluationScratch scratch;
  (void)(*rules)->evaluate({.object = pod.root()}, scratch);
  for (const yaml::Document& document : *documents) (void)(*rules)->evaluate({.object = document.root()}, scratch);
  return 0;
}
