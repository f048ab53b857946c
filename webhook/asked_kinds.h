// Which kinds of other objects policies ask for: what a cluster's view has to watch.
//
//   std::vector<cluster::WatchedKind> kinds;
//   add_asked_kinds(policy, kinds);      // params, and what expressions name in resources.get('v1', 'Secret', ...)
//
// Kinds that an expression computes are not seen; such a question is answered as if nothing of the kind were known.
#pragma once

#include <string>
#include <vector>

#include "engine/cluster/view.h"
#include "engine/policy/policy.h"
#include "engine/value/error.h"
#include "engine/yaml/document.h"

namespace plimsoll::webhook {

void add_asked_kinds(const policy::Policy& policy, std::vector<cluster::WatchedKind>& kinds);
// Of packs (names, or folders with a '/'), with those they extend, and of the policies among documents; and Namespace,
// which selectors and namespaceObject ask for. Sorted, each once.
Result<std::vector<cluster::WatchedKind>> asked_kinds(const std::vector<std::string>& packs,
                                                      const std::vector<yaml::Document>& documents);

}  // namespace plimsoll::webhook
