// Policies from files and folders.
//
//   RuleSetBuilder builder;
//   Result<size_t> documents = add_policy_files(builder, {"policies/"});
#pragma once

#include <string>
#include <vector>

#include "engine/policy/engine.h"

namespace plimsoll::policy {

// Adds all documents below `paths` ("-" is standard input) and says how many there were. Errors name the file and place.
Result<size_t> add_policy_files(RuleSetBuilder& builder, const std::vector<std::string>& paths);

}  // namespace plimsoll::policy
