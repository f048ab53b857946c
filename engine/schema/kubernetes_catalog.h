// The types of all kinds that a cluster serves: Kubernetes' own and the custom ones it was told of.
//
//   TypeCatalog catalog(*KubernetesTypes::load("1.36"));
//   catalog.add_definition(custom_resource_definition);
//   const KindInfo kind = catalog.find("rules.example.com", "v1", "Widget");   // kind.type, kind.namespaced
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "engine/schema/kubernetes.h"
#include "engine/schema/kubernetes_type.h"

namespace plimsoll::schema {

struct KindInfo {
  const Type* type = nullptr;  // nullptr: the kind is not known
  bool namespaced = true;
  bool has_status = false;
  bool custom = false;
};

class TypeCatalog {
 public:
  explicit TypeCatalog(std::shared_ptr<const KubernetesTypes> built_in) : built_in_(std::move(built_in)) {}
  TypeCatalog(const TypeCatalog&) = delete;
  TypeCatalog& operator=(const TypeCatalog&) = delete;

  // Learns the kinds of a CustomResourceDefinition of apiextensions.k8s.io/v1; other objects are ignored. Borrows the object. Not
  // while other threads read.
  void add_definition(const Value& object);

  KindInfo find(std::string_view group, std::string_view version, std::string_view kind) const;
  const KubernetesTypes& built_in() const { return *built_in_; }

 private:
  struct Custom {
    std::string_view group, version, kind;
    KindInfo info;
  };
  std::shared_ptr<const KubernetesTypes> built_in_;
  std::deque<Custom> custom_;
  Arena arena_;
};

}  // namespace plimsoll::schema
