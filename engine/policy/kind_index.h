// The objects of one kind by namespace and name, and by label: what ObjectIndex and the watch caches of a cluster have in common.
//
//   KindIndex index;
//   index.set("shop", "web", &object);          // the object it replaces, if any
//   index.find("shop", "web");
//   index.list(query, found, arena);            // in the order of namespaces and names
//
// Borrows the objects. Many threads may ask at once; changes need them all to wait.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "engine/cel/cel.h"
#include "engine/value/value.h"

namespace plimsoll::policy {

class KindIndex {
 public:
  // Both give the object that is no longer in, or nullptr.
  const Value* set(std::string_view namespace_name, std::string_view name, const Value* object);
  const Value* erase(std::string_view namespace_name, std::string_view name);
  void clear();

  size_t size() const { return objects_.size(); }
  const Value* find(std::string_view namespace_name, std::string_view name) const;
  // Looks at namespace and selector of the query only.
  void list(const cel::Resources::Query& query, List& found, Arena& arena) const;
  // Calls `use(const Value*)` for all.
  template <typename Use>
  void each(const Use& use) const {
    for (const auto& [key, object] : objects_) use(object);
  }

 private:
  using Objects = std::map<std::tuple<std::string, std::string>, const Value*, std::less<>>;  // by namespace, name
  using Holders = std::vector<Objects::const_iterator>;                                       // in the order of objects_

  void label(Objects::const_iterator object);
  void unlabel(Objects::const_iterator object);
  void label_all() const;

  Objects objects_;
  // By "key=value" of a label; made when a selector first asks, kept up to date from then on.
  mutable std::mutex labelling_;
  mutable std::atomic<bool> labelled_ = false;
  mutable std::unordered_map<std::string, Holders> holders_;
};

}  // namespace plimsoll::policy
