// Which param objects a binding gives to its policy for a request.
//
//   std::expected<std::vector<Value>, std::string> params = collect_params(policy, &binding, scope);
//   for (const Value& param : *params) evaluate_policy(..., param, ...);
//
// Source: k8s.io/apiserver/pkg/admission/plugin/policy/generic/policy_dispatcher.go, CollectParams.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "engine/policy/policy.h"
#include "engine/policy/request.h"

namespace plimsoll::policy {

// Why the policy cannot be configured at all (its paramKind is not served); nullopt if it can. `strict`: a kind that is
// in no table counts as not served; else its params may still be found by name.
std::optional<std::string> param_kind_error(const Policy& policy, const KindTable& kinds, bool strict);

// One null value if the policy takes no params or the binding names none; nothing if none were found and that is
// allowed. The error is the server's, without "failed to configure binding: ".
std::expected<std::vector<Value>, std::string> collect_params(const Policy& policy, const Binding& binding,
                                                              RequestScope& scope);

}  // namespace plimsoll::policy
