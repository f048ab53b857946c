// YAML texts against the recorded answers of sigs.k8s.io/yaml (yaml.json): the JSON of the first document, or the
// error.
#include "engine/value/base64.h"
#include "engine/yaml/document.h"
#include "tests/conformance/runner.h"

namespace plimsoll::conformance {
namespace {

std::string sorted_json(const Value& value) { return json::write(value, {.sort_keys = true}); }

std::string error_of(const std::string& text, yaml::Dialect dialect) {
  const auto document = yaml::read(text, {.dialect = dialect});
  return document ? std::string() : document.error().message();
}

}  // namespace
}  // namespace plimsoll::conformance

int main(int argc, char** argv) {
  using namespace plimsoll;
  using namespace plimsoll::conformance;
  Tally tally;
  for (const std::string& file : case_files(path_argument(argc, argv, "conformance_yaml"), "yaml")) {
    for_each_case(file, [&](const Value& test) {
      const std::string_view name = test["name"].string_or();
      std::string text(test["yaml"].string_or());
      if (const Value* encoded = test.find("yaml_b64")) text = base64::decode(encoded->string_or()).value_or("");
      const auto document = yaml::read(text, {.dialect = yaml::Dialect::kGo});
      std::string expected = "error: " + std::string(test["error"].string_or());
      std::string actual = document ? sorted_json(document->root()) : "error: " + document.error().message();
      if (const Value* json = test.find("json")) {
        expected = sorted_json(*json);
        // -0 is a number of its own in JSON text only.
        if (document && equal(*json, document->root())) actual = expected;
      }
      if (expected != actual) return tally.fail(name, expected, actual);

      Arena arena;
      const auto value = yaml::read_go(arena, text);
      actual = value ? sorted_json(*value) : "error: " + value.error().message();
      if (expected != actual && !(value && document && equal(*value, document->root()))) {
        return tally.fail(std::string(name) + " (read_go)", expected, actual);
      }
      // The recording names the strict error only where it differs.
      const std::string strict_error(test.find("strict_error") != nullptr ? test["strict_error"].string_or()
                                                                          : test["error"].string_or());
      tally.check(std::string(name) + " (strict)", strict_error, error_of(text, yaml::Dialect::kGoStrict));
    });
  }
  return tally.finish();
}
