// Packs that choose themselves: those whose `match` (pack.yaml) knows the objects by chart, label or image.
//
//   Result<PackMatches> matches = PackMatches::load();
//   for (const PackChoice& choice : matches->choose(set.objects)) use(choice.name, choice.reason);
#pragma once

#include <map>
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
  // If some pack knows a mapping as values by its keys: the values that it knows, null for none. They live as long as this.
  std::optional<Value> values_like(const Value& root);
  // The values that the first of these packs knows, which knows any; else null.
  Value known_values(const std::vector<std::string>& packs);

 private:
  Value values_of(const std::string& pack);

  std::vector<policy::Pack> packs_;  // without their rules
  std::map<std::string, std::optional<yaml::Document>> values_;  // by pack; read when first asked for, which most runs never do
};

}  // namespace plimsoll::cli
