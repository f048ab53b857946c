// Policies from files and folders.
//
//   Result<std::vector<yaml::Document>> documents = read_policy_files({"policies/"});
//   for (const yaml::Document& document : *documents) builder.add_policy_document(document);
#pragma once

#include <string>
#include <vector>

#include "engine/value/error.h"
#include "engine/yaml/document.h"

namespace plimsoll::policy {

// All documents below `paths` ("-" is standard input), for RuleSetBuilder::add_policy_document(). Errors name the file
// and place.
Result<std::vector<yaml::Document>> read_policy_files(const std::vector<std::string>& paths);

}  // namespace plimsoll::policy
