#include "engine/cluster/policies.h"

#include <fmt/format.h>

#include "engine/value/json.h"
#include "engine/yaml/field_reader.h"

namespace plimsoll::cluster {
namespace {

constexpr std::string_view kApiVersion = "plimsoll.dev/v1";
constexpr std::string_view kPolicy = "Policy", kPackParams = "PackParams", kException = "PolicyException";

// The object as somebody may have written it: without what the server adds.
Result<yaml::Document> written(const Value& object) {
  Arena arena;
  const Value given = object["metadata"];
  Map* metadata = Map::create(arena, 4);
  for (const std::string_view key : {"name", "namespace", "labels", "annotations"}) {
    if (const Value value = given[key]; !value.is_null()) metadata->set(arena, key, value);
  }
  Map* copied = Map::copy_of(arena, *object.as_map());
  copied->set(arena, "metadata", Value::map(metadata));
  copied->erase("status");
  const std::string_view space = given["namespace"].string_or();
  const std::string file = fmt::format("{}/{}{}{}", object["kind"].string_or(), space, space.empty() ? "" : "/", given["name"].string_or());
  return yaml::read(json::write(Value::map(copied), {.indent = 2}), {.file = file});
}

}  // namespace

std::vector<WatchedKind> rule_kinds() {
  std::vector<WatchedKind> kinds;
  for (const std::string_view kind : {kPolicy, kPackParams, kException}) kinds.push_back({std::string(kApiVersion), std::string(kind)});
  return kinds;
}

Result<ClusterRules> read_rules(const policy::ObjectSource& objects) {
  ClusterRules rules;
  for (const std::string_view kind : {kPolicy, kPackParams}) {
    for (const Value& object : objects.all(kApiVersion, kind, {})) {
      PLIMSOLL_ASSIGN_OR_RETURN(yaml::Document document, written(object));
      rules.documents.push_back(std::move(document));
    }
  }
  for (const Value& object : objects.all(kApiVersion, kException, {})) {
    PLIMSOLL_ASSIGN_OR_RETURN(const yaml::Document document, written(object));
    const yaml::FieldReader reader(document);
    PLIMSOLL_ASSIGN_OR_RETURN(policy::Exception exception, policy::read_exception(reader, document.root()["spec"], Path().key("spec")));
    exception.namespace_name = document.root()["metadata"]["namespace"].string_or();
    rules.exceptions.push_back(std::move(exception));
  }
  return rules;
}

}  // namespace plimsoll::cluster
