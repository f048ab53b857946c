#include "engine/policy/selector.h"

#include <algorithm>

namespace plimsoll::policy {
namespace {

bool holds(const LabelSelector::Requirement& requirement, const Value* label) {
  const auto listed = [&] {
    return label != nullptr && std::ranges::find(requirement.values, label->string_or()) != requirement.values.end();
  };
  if (requirement.operation == "In") return listed();
  if (requirement.operation == "NotIn") return !listed();
  if (requirement.operation == "Exists") return label != nullptr;
  if (requirement.operation == "DoesNotExist") return label == nullptr;
  return false;
}

}  // namespace

LabelSelector LabelSelector::decode(Decoder decoder) {
  LabelSelector selector;
  selector.match_labels = decoder.take("matchLabels").string_map();
  decoder.take("matchExpressions").each([&](Decoder item) {
    Requirement& requirement = selector.match_expressions.emplace_back();
    requirement.key = item.take("key").string();
    requirement.operation = item.take("operator").string();
    requirement.values = item.take("values").strings();
    item.finish();
  });
  decoder.finish();
  return selector;
}

bool LabelSelector::matches(const Value& labels) const {
  for (const auto& [key, value] : match_labels) {
    const Value* label = labels.find(key);
    if (label == nullptr || label->string_or() != value) return false;
  }
  return std::ranges::all_of(match_expressions, [&](const Requirement& requirement) {
    return holds(requirement, labels.find(requirement.key));
  });
}

}  // namespace plimsoll::policy
