#include "engine/policy/selector.h"

namespace plimsoll::policy {

LabelSelector decode_selector(Decoder decoder) {
  LabelSelector selector;
  selector.match_labels = decoder.take("matchLabels").string_map();
  decoder.take("matchExpressions").each([&](Decoder item) {
    LabelSelector::Requirement& requirement = selector.match_expressions.emplace_back();
    requirement.key = item.take("key").string();
    requirement.operation = item.take("operator").string();
    requirement.values = item.take("values").strings();
    item.finish();
  });
  decoder.finish();
  return selector;
}

}  // namespace plimsoll::policy
