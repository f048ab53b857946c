// Flags that several commands share. The only header of the program that knows CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/rule_selection.h"

namespace plimsoll::cli {

// An option that may be given several times, one value each time.
CLI::Option* add_repeated(CLI::App& command, const std::string& name, std::vector<std::string>& to,
                          const std::string& description);
// Accepts just these words; another is an error that suggests the nearest.
CLI::Validator one_of(std::vector<std::string> words);

// --pack, --policy, --param, --config, --no-config.
void add_rule_choice_flags(CLI::App& command, RuleSelection& rules, std::string& config, bool& no_config);
// The same and --kube-version.
void add_rule_flags(CLI::App& command, RuleSelection& rules, std::string& config, bool& no_config);
// --color auto|always|never.
void add_color_flag(CLI::App& command, std::string& color);
ColorMode color_mode(const std::string& color);

}  // namespace plimsoll::cli
