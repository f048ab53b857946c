// What the API server of a minor version serves: its types and resources.
//
//   Result<std::shared_ptr<const KubernetesTypes>> types = KubernetesTypes::load("1.36");
//   const Resource* pods = (*types)->find("", "v1", "Pod");     // pods->type, pods->plural, pods->namespaced
//
// Read from the facts under data/, compressed in the program. Loading reads the text (about a millisecond); the types of a kind are
// made when it is first asked for. Thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "engine/schema/kubernetes_type.h"
#include "engine/value/error.h"

namespace plimsoll::schema {

struct Resource {
  std::string_view group, version, kind, plural;
  bool namespaced = true;
  bool gated = false;  // off by default: behind a feature gate or an API that must be switched on
  bool has_status = false;  // a status subresource: the status of a new object is the server's
};

class KubernetesTypes {
 public:
  static constexpr std::string_view kNewest = "1.36";
  static constexpr std::string_view kOldest = "1.32";

  // Of a minor version such as "1.34"; an older or newer one gets the nearest there is. Reads the facts: keep the result.
  static Result<std::shared_ptr<const KubernetesTypes>> load(std::string_view minor = kNewest);
  ~KubernetesTypes();
  KubernetesTypes(const KubernetesTypes&) = delete;
  KubernetesTypes& operator=(const KubernetesTypes&) = delete;

  std::string_view version() const;
  // nullptr if there is no such kind. Not for kinds that only subresources have.
  const Resource* find(std::string_view group, std::string_view version, std::string_view kind) const;
  const Type& type_of(const Resource& resource) const;
  // The type of that kind; nullptr if there is none.
  const Type* type(std::string_view group, std::string_view version, std::string_view kind) const;
  // By its full name, such as "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta".
  const Type* named(std::string_view name) const;
  std::span<const Resource> resources() const;

 private:
  struct State;
  explicit KubernetesTypes(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::schema
