// Label selectors: meta/v1 LabelSelector, and the one-line form of kubectl.
//
//   Result<LabelSelector> selector = LabelSelector::parse("app=web,tier in (front,back),!legacy");
//   selector->matches(object["metadata"]["labels"]);
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll {

struct LabelSelector {
  struct Requirement {
    std::string key;
    std::string operation;  // In, NotIn, Exists, DoesNotExist; others match nothing
    std::vector<std::string> values;
  };
  std::vector<std::pair<std::string, std::string>> match_labels;
  std::vector<Requirement> match_expressions;

  // The grammar of apimachinery's labels.Parse: key, !key, key=value (or ==), key!=value, key in (a,b), key notin (a,b), joined by commas.
  // Comparisons by < and > are not offered. Errors (kSyntax) tell the column.
  static Result<LabelSelector> parse(std::string_view text);
  // {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [a]}]}. Errors (kInvalid): unknown fields, wrong types and
  // what the API server refuses: In and NotIn need values, Exists and DoesNotExist must not have any.
  static Result<LabelSelector> decode(const Value& selector);

  // An empty selector matches everything.
  bool empty() const { return match_labels.empty() && match_expressions.empty(); }
  // `labels`: a map of strings; anything else counts as no labels.
  bool matches(const Value& labels) const;
};

}  // namespace plimsoll
