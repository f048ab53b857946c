// Packs that choose themselves: those whose `match` (pack.yaml) knows the objects by chart, label or image.
//
//   Result<PackMatches> matches = PackMatches::load();
//   for (const PackChoice& choice : matches->choose(set.objects)) use(choice.name, choice.reason);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/policy/pack.h"
#include "engine/source/object.h"
#include "engine/value/error.h"

namespace plimsoll::cli {

struct PackChoice {
  std::string name;
  std::string reason;  // "4 images like lightruncom/*"
};

// What the built-in packs are about.
class PackMatches {
 public:
  static Result<PackMatches> load();

  // Sorted by name.
  std::vector<PackChoice> choose(const std::vector<source::Object>& objects) const;
  // If some pack knows a mapping as values by its keys: the values that it knows, null for none.
  std::optional<Value> values_like(const Value& root) const;
  // The values that the first of these packs knows, which knows any; else null.
  Value known_values(const std::vector<std::string>& packs) const;

 private:
  std::vector<policy::Pack> packs_;  // without their rules
};

}  // namespace plimsoll::cli
