#include "engine/schema/kubernetes_catalog.h"

#include "engine/schema/kubernetes_custom.h"

namespace plimsoll::schema {

void TypeCatalog::add_definition(const Value& object) {
  if (object["kind"].string_or() != "CustomResourceDefinition") return;
  if (object["apiVersion"].string_or() != "apiextensions.k8s.io/v1") return;
  const Value spec = object["spec"];
  const Type* object_meta = built_in_->named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  if (object_meta == nullptr) return;
  for (const Value& version : spec["versions"].items()) {
    if (!version["served"].bool_or(true)) continue;
    KindInfo info;
    info.type = custom_type(version["schema"]["openAPIV3Schema"], *object_meta, arena_);
    info.namespaced = spec["scope"].string_or("Namespaced") != "Cluster";
    info.has_status = version["subresources"].find("status") != nullptr;
    info.custom = true;
    custom_.push_back({spec["group"].string_or(), version["name"].string_or(), spec["names"]["kind"].string_or(), info});
  }
}

KindInfo TypeCatalog::find(std::string_view group, std::string_view version, std::string_view kind) const {
  if (const Resource* resource = built_in_->find(group, version, kind)) {
    return {&built_in_->type_of(*resource), resource->namespaced, resource->has_status, false};
  }
  // The last of several definitions counts.
  for (auto it = custom_.rbegin(); it != custom_.rend(); ++it) {
    if (it->kind == kind && it->group == group && it->version == version) return it->info;
  }
  return {};
}

}  // namespace plimsoll::schema
