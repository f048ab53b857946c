// What a kube-apiserver made of objects before policies saw them: conformance_defaults DIR. Each case is {name, sent, seen}; addresses
// and ports that the server allocated are "<allocated>" in `seen`, UIDs "<uid>".
#include <iostream>
#include <string>

#include "engine/policy/default.h"
#include "engine/value/json.h"
#include "tests/conformance/runner.h"

namespace plimsoll {
namespace {

// The server stamps volumes with its clock, which no program can repeat: such a time counts as the one that was recorded.
Value recorded_time(const Value& seen) { return seen["status"]["lastPhaseTransitionTime"]; }

int run(const std::string& folder) {
  auto types = schema::KubernetesTypes::load();
  if (!types) {
    std::cerr << types.error().to_string() << "\n";
    return 2;
  }
  const schema::TypeCatalog catalog(*types);
  conformance::Tally tally;
  for (const std::string& file : conformance::case_files(folder, "")) {
    conformance::for_each_case(file, [&](const Value& test) {
      Arena arena;
      policy::DefaultOptions options;
      options.default_namespace = "ns";
      options.allocated = Value::string("<allocated>");
      options.uid = Value::string("<uid>");
      options.now = recorded_time(test["seen"]);
      const policy::Defaulting defaulting(catalog, options);
      const policy::DefaultedObject actual = defaulting.create(test["sent"], arena);
      if (actual.known && equal(actual.object, test["seen"])) {
        tally.pass();
        return;
      }
      const json::WriteOptions sorted{.indent = 0, .sort_keys = true, .escape_html = false};
      tally.fail(test["name"].string_or(), json::write(test["seen"], sorted), json::write(actual.object, sorted));
    });
  }
  return tally.finish();
}

}  // namespace
}  // namespace plimsoll

int main(int argc, char** argv) {
  return plimsoll::run(plimsoll::conformance::path_argument(argc, argv, "conformance_defaults"));
}
