// Label selectors (meta/v1 LabelSelector).
//
//   Result<LabelSelector> selector = LabelSelector::parse(value);   // {matchLabels: {app: web}}
//   selector->matches(object["metadata"]["labels"]);
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/policy/decode.h"
#include "engine/value/value.h"

namespace plimsoll::policy {

struct LabelSelector {
  struct Requirement {
    std::string key;
    std::string operation;  // In, NotIn, Exists, DoesNotExist; others are refused by validation and match nothing
    std::vector<std::string> values;
  };
  std::vector<std::pair<std::string, std::string>> match_labels;
  std::vector<Requirement> match_expressions;

  static LabelSelector decode(Decoder decoder);

  // An empty selector matches everything.
  bool empty() const { return match_labels.empty() && match_expressions.empty(); }
  // `labels`: a map of strings, or null for none.
  bool matches(const Value& labels) const;
};

}  // namespace plimsoll::policy
