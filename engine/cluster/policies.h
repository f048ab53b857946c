// Rules that a cluster keeps itself: objects Policy, PackParams and PolicyException of plimsoll.dev/v1.
//
//   view.watch(rule_kinds());
//   Result<ClusterRules> rules = read_rules(view.objects());
//   for (const yaml::Document& document : rules->documents) builder.add_policy_document(document);
//
// An exception holds for objects of its own namespace, so that who may write it there can except nothing elsewhere.
#pragma once

#include <vector>

#include "engine/cluster/view.h"
#include "engine/policy/exception.h"
#include "engine/policy/params.h"
#include "engine/value/error.h"
#include "engine/yaml/document.h"

namespace plimsoll::cluster {

struct ClusterRules {
  std::vector<yaml::Document> documents;  // Policy and PackParams; called "Policy/NAME" in messages
  std::vector<policy::Exception> exceptions;
};

std::vector<WatchedKind> rule_kinds();
// Errors name the object and the field.
Result<ClusterRules> read_rules(const policy::ObjectSource& objects);

}  // namespace plimsoll::cluster
