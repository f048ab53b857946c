// Objects that policies read besides the one they judge: params and namespaces.
//
//   ObjectIndex index;
//   index.add(config_map);
//   const Value* params = index.find({"v1", "ConfigMap"}, "prod", "limits");
//
// The linter fills an ObjectIndex from the manifests it was given and from --policy; the webhook asks its cluster cache
// through the same interface.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/policy/kinds.h"
#include "engine/value/value.h"

namespace plimsoll::policy {

class ObjectSource {
 public:
  virtual ~ObjectSource() = default;

  // nullptr if there is no such object. `namespace_name` is empty for cluster-scoped kinds.
  virtual const Value* find(std::string_view api_version, std::string_view kind, std::string_view namespace_name,
                            std::string_view name) const = 0;
  // All objects of that kind, of one namespace unless it is empty, by namespace and name.
  virtual std::vector<const Value*> list(std::string_view api_version, std::string_view kind,
                                         std::string_view namespace_name) const = 0;
};

// Objects by kind, namespace and name. Borrows the objects' trees; a later object of the same name replaces an earlier
// one.
class ObjectIndex final : public ObjectSource {
 public:
  // `namespace_name`: that of a namespaced object whose metadata has none; of no meaning for cluster-scoped kinds.
  void add(const Value& object, std::string_view namespace_name = {});

  const Value* find(std::string_view api_version, std::string_view kind, std::string_view namespace_name,
                    std::string_view name) const override;
  std::vector<const Value*> list(std::string_view api_version, std::string_view kind,
                                 std::string_view namespace_name) const override;

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<Key, Value, std::less<>> objects_;
  KindTable kinds_;
};

}  // namespace plimsoll::policy
