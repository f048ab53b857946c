// Which rules judge: packs and policies that were asked for, or packs that choose themselves by what they find.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/config.h"
#include "cli/pack_choice.h"
#include "engine/policy/engine.h"
#include "engine/report/report.h"
#include "engine/source/source.h"

namespace plimsoll::cli {

// Asks for the packs that fit the objects, among others that are named.
inline constexpr std::string_view kAutoPacks = "auto";
// Judges where nothing else was asked for, whatever the objects are.
inline constexpr std::string_view kDefaultPack = "pod-security-baseline";

// PackUse::reason of packs that nobody named.
inline constexpr std::string_view kExtendedReason = "extended by another";

struct RuleSelection {
  std::vector<std::string> packs;     // names, folders, or "auto"
  std::vector<std::string> policies;  // files and folders
  std::vector<std::string> params;    // pack.name=value
  std::string kube_version;
  bool keep_overridden = false;  // rules that a stricter form replaces, too: to list what there is
};

struct SelectedRules {
  std::shared_ptr<const policy::RuleSet> rules;
  std::vector<report::PackUse> packs;
};

// What flags say goes before the configuration; packs and policies named by flags replace the configured ones. Without any, the
// packs whose match fits `objects` are taken, and kDefaultPack.
Result<SelectedRules> select_rules(const RuleSelection& flags, const Configuration& config, const PackMatches& matches,
                                   const std::vector<source::Object>& objects);

// All built-in packs, or those that the flags name, with what the configuration adds: for commands that judge nothing.
Result<SelectedRules> select_known_rules(RuleSelection flags, const std::string& config, bool no_config);

// The configuration to use: `path`, or the nearest one above the first of `paths` (or the working directory).
Result<Configuration> configuration_for(const std::string& path, bool none, const std::vector<std::string>& paths);

}  // namespace plimsoll::cli
