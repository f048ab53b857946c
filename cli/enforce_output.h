// How `plimsoll render --enforce` tells what rules changed, and what they could not settle.
#pragma once

#include <string>
#include <vector>

#include "cli/enforce.h"

namespace plimsoll::cli {

// A unified diff of each changed object, as YAML with sorted keys; before it every changed field with the rule that changed it.
std::string enforcement_diff(const Enforced& enforced, bool color);
// The changes by object, rule and path, conflicts, and remaining findings, as JSON.
std::string enforcement_json(const Enforced& enforced);

// What the user must hear of, each in a line: refusals, conflicts between rules, remaining findings with the change that they contradict;
// at the end what was done and what remains.
std::vector<std::string> enforcement_problems(const Enforced& enforced);
// Whether the result is no settled, compliant one: the exit code is 1 then.
bool enforcement_failed(const Enforced& enforced);

}  // namespace plimsoll::cli
