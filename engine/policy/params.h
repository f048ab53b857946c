// Objects that policies read besides the one they judge: params, namespaces, and what `resources` shows.
//
//   ObjectIndex index;
//   index.add(config_map);
//   const Value* params = index.get("v1", "ConfigMap", "prod", "limits");
//
// The linter fills an ObjectIndex from the manifests it was given and from --policy; the webhook asks its cluster cache
// through the same interface, cel::Resources, which is also what expressions see.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/cel/cel.h"
#include "engine/policy/kind_index.h"
#include "engine/policy/kinds.h"
#include "engine/value/value.h"

namespace plimsoll::policy {

class ObjectSource : public cel::Resources {
 public:
  // All objects of that kind, of one namespace unless it is empty, in the source's order.
  std::vector<Value> all(std::string_view api_version, std::string_view kind, std::string_view namespace_name) const;
  // Whether objects of a kind that is not Kubernetes' own have namespaces, where the source knows.
  virtual std::optional<bool> namespaced(std::string_view, std::string_view) const { return std::nullopt; }
};

// Objects by kind, namespace and name; the version of a kind does not count, an object is seen as it is written. Borrows the
// objects' trees; a later object of the same name replaces an earlier one. Lists go by namespace and name. Filled by one thread,
// then asked by many; the first question with a selector indexes the labels of that kind.
class ObjectIndex final : public ObjectSource {
 public:
  // `namespace_name`: that of a namespaced object whose metadata has none; of no meaning for cluster-scoped kinds.
  void add(const Value& object, std::string_view namespace_name = {});
  // What complete() says: whether these are all there are. A set of files is not (false).
  void set_complete(bool complete) { complete_ = complete; }

  const Value* get(std::string_view api_version, std::string_view kind, std::string_view namespace_name,
                   std::string_view name) const override;
  void list(const Query& query, List& found, Arena& arena) const override;
  bool complete(std::string_view, std::string_view) const override { return complete_; }

 private:
  const KindIndex* find_kind(std::string_view api_version, std::string_view kind) const;

  std::deque<Value> objects_;  // at stable addresses
  std::map<std::tuple<std::string, std::string>, KindIndex, std::less<>> kinds_;  // by group and kind
  KindTable table_;
  bool complete_ = false;
};

// One source over another: what the first has hides what the second has by the same name.
class LayeredSource final : public ObjectSource {
 public:
  // Borrows both; `second` may be nullptr.
  LayeredSource(const ObjectSource& first, const ObjectSource* second) : first_(first), second_(second) {}

  const Value* get(std::string_view api_version, std::string_view kind, std::string_view namespace_name,
                   std::string_view name) const override;
  void list(const Query& query, List& found, Arena& arena) const override;
  bool complete(std::string_view api_version, std::string_view kind) const override;
  std::optional<bool> namespaced(std::string_view api_version, std::string_view kind) const override;

 private:
  const ObjectSource& first_;
  const ObjectSource* second_;
};

}  // namespace plimsoll::policy
