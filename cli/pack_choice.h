// Packs that choose themselves: those whose `match` (pack.yaml) knows the objects by chart, label or image.
//
//   for (const PackChoice& choice : fitting_packs(set.objects)) use(choice.name, choice.reason);
#pragma once

#include <string>
#include <vector>

#include "engine/source/object.h"
#include "engine/value/error.h"

namespace plimsoll::cli {

struct PackChoice {
  std::string name;
  std::string reason;  // "4 images like lightruncom/*"
};

// Of the built-in packs, sorted by name.
Result<std::vector<PackChoice>> fitting_packs(const std::vector<source::Object>& objects);

}  // namespace plimsoll::cli
