// Typed merge, as server-side apply and ApplyConfiguration do it (sigs.k8s.io/structured-merge-diff, KEP-555).
//
//   if (auto error = check_patch(type, patch)) ...      // ".spec.nope: field not declared in schema"
//   Value merged = merge(type, live, patch, arena);     // containers by name, labels key by key
//
// Lists of objects with keys are merged item by item: items of the patch keep its order, others stay where they were between them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/schema/kubernetes_type.h"
#include "engine/value/path.h"

namespace plimsoll::schema {

// Map::tag of a map in a patch that the server would not take for an object (a map literal of CEL inside a list or map).
inline constexpr uint32_t kNotAnObject = 1;

// What the server says of a patch that does not fit the type; nullopt if it does.
std::optional<std::string> check_patch(const Type& type, const Value& patch);

// Paths of the atomic lists, maps and structs in a patch (".spec.tolerations"), which ApplyConfiguration may not touch: it would lose
// what the patch does not say.
std::vector<std::string> atomic_paths(const Type& type, const Value& patch);

// `patch` must have passed check_patch(). The result shares what is not merged.
Value merge(const Type& type, const Value& live, const Value& patch, Arena& arena);

// A field that two versions of an object do not agree on.
struct Difference {
  Path path;          // in the new version, or in the old one if the value is gone
  std::string place;  // the same with list items by their keys, so that it stays true when items move: spec.containers[name="app"].image
  Value before;       // null if `added`
  Value after;        // null if `removed`
  bool added = false, removed = false;
};

// Differences in the order of the new version, then what is gone. `type` may be nullptr: then lists are compared by index.
std::vector<Difference> differences(const Type* type, const Value& before, const Value& after);

// Makes the changes that lead from `before` to `after` in `written`, an object that `before` was decoded from: what the server filled in
// stays out of it. Shares whatever does not change, and `after`. `type` may be nullptr, as above.
Value carry_over(const Type* type, const Value& before, const Value& after, const Value& written, Arena& arena);

}  // namespace plimsoll::schema
