// What there is to tell of a pack: its params on a terminal, and its page in Markdown (rules/<pack>/README.md).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/policy/finding.h"
#include "engine/policy/pack_info.h"

namespace plimsoll::cli {

// Name, type, default and description of each param.
std::string params_text(const policy::PackInfo& pack);

// The pack in whole: what it is, when it is chosen, params, rules with their remedies. `rules` are those of the pack.
std::string pack_page(const policy::PackInfo& pack, std::span<const policy::RuleInfo* const> rules);

// Rules as a Markdown table.
std::string rules_table(std::span<const policy::RuleInfo* const> rules);

// Text that stays within its cell of a table.
std::string markdown_cell(std::string_view text);

}  // namespace plimsoll::cli
