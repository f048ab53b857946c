// Packs that choose themselves: those whose `match` (pack.yaml) knows the objects by chart, label or image.
//
//   Result<PackMatches> matches = PackMatches::load();
//   for (const PackChoice& choice : matches->choose(set.objects)) use(choice.name, choice.reason);
#pragma once

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
  // Whether some pack knows a mapping as values by its keys.
  bool knows_values(const Value& root) const;

 private:
  struct Entry {
    std::string name;
    policy::Pack::Match match;
  };
  std::vector<Entry> packs_;
};

}  // namespace plimsoll::cli
