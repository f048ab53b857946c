#include "cli/flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/value/suggest.h"

namespace plimsoll::cli {

CLI::Option* add_repeated(CLI::App& command, const std::string& name, std::vector<std::string>& to,
                          const std::string& description) {
  return command.add_option(name, to, description)->allow_extra_args(false)->multi_option_policy(
      CLI::MultiOptionPolicy::TakeAll);
}

CLI::Validator one_of(std::vector<std::string> words) {
  return CLI::Validator(
      [words](std::string& word) -> std::string {
        if (std::find(words.begin(), words.end(), word) != words.end()) return {};
        return fmt::format("must be one of {}, not \"{}\"{}", fmt::join(words, ", "), word, suggestion(word, words));
      },
      "");
}

void add_rule_choice_flags(CLI::App& command, RuleSelection& rules, std::string& config, bool& no_config) {
  add_repeated(command, "-p,--pack", rules.packs, "Rules to judge with: a pack's name or folder, or auto")->type_name("PACK");
  add_repeated(command, "--policy", rules.policies, "Policies of your own: a file or folder")->type_name("PATH");
  add_repeated(command, "--param", rules.params, "Set a pack's parameter: pack.name=value")->type_name("PARAM");
  command.add_option("--config", config, "Configuration file [nearest .plimsoll.yaml upwards]")->type_name("FILE");
  command.add_flag("--no-config", no_config, "Use no configuration file");
}

void add_rule_flags(CLI::App& command, RuleSelection& rules, std::string& config, bool& no_config) {
  add_rule_choice_flags(command, rules, config, no_config);
  command.add_option("--kube-version", rules.kube_version, "Kubernetes version the objects are for, such as 1.36")
      ->type_name("VERSION");
}

void add_color_flag(CLI::App& command, std::string& color) {
  command.add_option("--color", color, "auto, always or never [auto]")
      ->type_name("WHEN")
      ->transform(one_of({"auto", "always", "never"}));
}

ColorMode color_mode(const std::string& color) {
  return color == "always" ? ColorMode::kAlways : color == "never" ? ColorMode::kNever : ColorMode::kAuto;
}

}  // namespace plimsoll::cli
