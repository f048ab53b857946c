// The objects that a command works on as one: they know each other's namespaces, params and definitions, and look to rules as they would in
// a cluster.
//
//   const ObjectSet set(objects, "default", types);
//   rules.evaluate(set.context(objects[0]), scratch);
//
// Of a chart's objects, rules see their own render first, for several values give several objects of one name; then the manifests beside it.
// Of manifests they see everything.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/policy/default.h"
#include "engine/policy/engine.h"
#include "engine/source/object.h"

namespace plimsoll::cli {

class ObjectSet {
 public:
  // Borrows the objects. `default_namespace`: of objects that name none; empty: nobody said where they will be, which counts as
  // "default", but no object is shown as if it said so. `types`: nullptr: rules see objects as they are written.
  ObjectSet(const std::vector<source::Object>& objects, std::string default_namespace,
            std::shared_ptr<const schema::KubernetesTypes> types);
  ObjectSet(const ObjectSet&) = delete;
  ObjectSet& operator=(const ObjectSet&) = delete;

  // Of one of the objects. Thread-safe.
  policy::ObjectContext context(const source::Object& object) const;

 private:
  struct Group {
    policy::ObjectIndex index;
    std::optional<policy::LayeredSource> layered;
  };

  const policy::ObjectSource& all() const;

  std::string default_namespace_;
  std::chrono::sys_seconds now_;
  policy::ObjectIndex manifests_;  // of no group
  policy::ObjectIndex all_;        // filled only if there are groups
  std::map<const void*, Group> groups_;
  std::optional<schema::TypeCatalog> catalog_;
  std::optional<policy::Defaulting> defaulting_;
};

}  // namespace plimsoll::cli
