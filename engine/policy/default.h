// An object as policies in a cluster would see it when it is created: decoded and defaulted, after the API server's own mutating
// plugins, and prepared by the registry.
//
//   schema::TypeCatalog catalog(*schema::KubernetesTypes::load());
//   Defaulting defaulting(catalog);
//   DefaultedObject seen = defaulting.create(document.root(), arena);
//   seen.object["spec"]["replicas"];      // 1, though the manifest does not say
//   seen.report.unknown;                  // fields that the server drops
//
// The stages, each of which can be had alone:
//   decode    apimachinery's decoding and the packages k8s.io/kubernetes/pkg/apis/*/v1 (engine/schema)
//   admit     plugins DefaultTolerationSeconds, Priority, LimitRanger, RuntimeClass, StorageObjectInUseProtection
//   prepare   pkg/registry/*/strategy.go: status, labels of jobs, families of services
// MutatingAdmissionPolicies run after admit, ValidatingAdmissionPolicies see what prepare made. What only a running cluster can know
// (addresses, UIDs) is left out unless the options say what to write.
#pragma once

#include <string>
#include <string_view>

#include "engine/policy/kinds.h"
#include "engine/policy/params.h"
#include "engine/schema/kubernetes_catalog.h"
#include "engine/schema/kubernetes_decode.h"
#include "engine/value/value.h"

namespace plimsoll::policy {

struct DefaultOptions {
  // Namespace of a namespaced object that names none.
  std::string_view default_namespace = "default";
  // PriorityClasses, LimitRanges and RuntimeClasses that are known; nullptr: none.
  const ObjectSource* objects = nullptr;
  // What stands for addresses and ports that the server would allocate, for UIDs, and for the present time; null: left out.
  Value allocated = {}, uid = {}, now = {};
  // Objects may have been read from a cluster: their status stays as it is written, and none is made.
  bool keep_status = false;
};

struct DefaultedObject {
  Value object;
  bool known = false;  // false: no such kind is served; `object` is as it was given
  schema::DecodeReport report;
};

class Defaulting {
 public:
  // The catalog outlives this.
  explicit Defaulting(const schema::TypeCatalog& catalog, DefaultOptions options = {}) : catalog_(catalog), options_(options) {}

  // All stages.
  DefaultedObject create(const Value& object, Arena& arena) const;

  DefaultedObject decode(const Value& object, Arena& arena) const;
  // `object`: the result of decode(), changed in place.
  void admit(const Value& object, Arena& arena) const;
  void prepare(const Value& object, Arena& arena) const;

  const schema::TypeCatalog& catalog() const { return catalog_; }
  const DefaultOptions& options() const { return options_; }

 private:
  const schema::TypeCatalog& catalog_;
  DefaultOptions options_;
};

// The kind of an object and what is known of it.
GroupVersionKind kind_of_object(const Value& object);

}  // namespace plimsoll::policy
