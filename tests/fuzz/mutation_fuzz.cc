// Documents, patches and types that do not fit: the first line is a JSON Patch, the second a document, the third an apply configuration.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/policy/default.h"
#include "engine/schema/kubernetes_merge.h"
#include "engine/value/json.h"
#include "engine/value/json_patch.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = [&] {
    const std::string_view result = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), result.size() + 1));
    return result;
  };
  Arena arena;
  const auto patch = json::read(arena, line());
  const auto document = json::read(arena, line());
  if (!document) return 0;
  if (patch) {
    std::vector<JsonPatchOperation> operations;
    for (const Value& item : patch->items()) {
      operations.push_back({item["op"].string_or(), item["path"].string_or(), item["from"].string_or(), item["value"]});
    }
    (void)apply_json_patch(*document, operations, arena);
  }
  static const auto types = *schema::KubernetesTypes::load();
  static const schema::TypeCatalog catalog(types);
  static const schema::Type& pod = *types->type("", "v1", "Pod");
  policy::DefaultOptions options;
  options.uid = Value::string("uid");
  (void)policy::Defaulting(catalog, options).create(*document, arena);
  if (const auto configuration = json::read(arena, line()); configuration && !schema::check_patch(pod, *configuration)) {
    (void)schema::atomic_paths(pod, *configuration);
    (void)schema::differences(&pod, *document, schema::merge(pod, *document, *configuration, arena));
  }
  return 0;
}
