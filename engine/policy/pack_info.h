// What is known of a pack without its rules: what lists and pages of packs tell.
#pragma once

#include <string>
#include <vector>

namespace plimsoll::policy {

// A param, as params.yaml describes it (pack_params.h).
struct ParamInfo {
  std::string name;
  std::string type;           // "integer from 1 to 100"
  std::string default_value;  // as JSON
  std::string description;
};

struct PackInfo {
  std::string name;
  std::string title;
  std::string description;
  std::vector<std::string> extends;
  std::vector<std::string> match;  // what the pack is about: "charts lightrun", "labels app=lightrun-*", "images lightruncom/*"
  std::vector<ParamInfo> params;
};

}  // namespace plimsoll::policy
