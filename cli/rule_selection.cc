#include "cli/rule_selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/pack_choice.h"
#include "engine/policy/policy_files.h"
#include "engine/source/discover.h"
#include "engine/value/suggest.h"

namespace plimsoll::cli {

namespace {

Result<void> add_policies(policy::RuleSetBuilder& builder, const std::vector<std::string>& paths) {
  PLIMSOLL_ASSIGN_OR_RETURN(const auto documents, policy::read_policy_files(paths));
  for (const yaml::Document& document : documents) PLIMSOLL_RETURN_IF_ERROR(builder.add_policy_document(document));
  if (documents.empty()) return fail(ErrorCode::kUsage, fmt::format("{} holds no rule", fmt::join(paths, ", ")));
  return {};
}

Result<void> add_pack(policy::RuleSetBuilder& builder, const std::string& name) {
  if (name.find('/') != std::string::npos) return builder.add_pack_directory(name);
  Result<void> added = builder.add_pack(name);
  if (!added && added.error().code() == ErrorCode::kNotFound) {
    std::vector<std::string> names;
    for (const policy::PackInfo& pack : policy::built_in_packs()) names.push_back(pack.name);
    return fail(ErrorCode::kUsage, fmt::format("there is no pack \"{}\"{} (packs: {}; a folder is named with a '/')", name,
                                               suggestion(name, names), fmt::join(names, ", ")));
  }
  return added;
}

}  // namespace

Result<Configuration> configuration_for(const std::string& path, bool none, const std::vector<std::string>& paths) {
  Configuration empty;
  empty.folder = source::absolute_path(".");
  if (none) return empty;
  if (!path.empty()) return read_config(path);
  std::string folder = empty.folder;
  if (!paths.empty() && paths.front() != "-") {
    folder = source::absolute_path(paths.front());
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error)) folder = std::filesystem::path(folder).parent_path().string();
  }
  const std::string found = find_config(folder);
  return found.empty() ? Result<Configuration>(empty) : read_config(found);
}

Result<SelectedRules> select_rules(const RuleSelection& flags, const Configuration& config, const PackMatches& matches,
                                   const std::vector<source::Object>& objects) {
  policy::RuleSetBuilder builder;
  if (flags.keep_overridden) builder.keep_overridden();
  SelectedRules selected;
  const bool by_flags = !flags.packs.empty() || !flags.policies.empty();
  const std::vector<std::string>& packs = by_flags ? flags.packs : config.packs;
  const std::vector<std::string>& policies = by_flags ? flags.policies : config.policies;
  const std::string how = by_flags ? "asked for" : "configured";

  const auto use = [&](const std::string& name, const std::string& reason) -> Result<void> {
    PLIMSOLL_RETURN_IF_ERROR(add_pack(builder, name));
    const std::string id = name.find('/') == std::string::npos ? name : std::filesystem::path(name).filename().string();
    if (std::none_of(selected.packs.begin(), selected.packs.end(), [&](const auto& pack) { return pack.name == id; })) {
      selected.packs.push_back({.name = id, .title = {}, .reason = reason});
    }
    return {};
  };
  bool automatic = packs.empty() && policies.empty();
  for (const std::string& pack : packs) {
    if (pack == kAutoPacks) {
      automatic = true;
    } else {
      PLIMSOLL_RETURN_IF_ERROR(use(pack, how));
    }
  }
  if (automatic) {
    for (const PackChoice& choice : matches.choose(objects)) PLIMSOLL_RETURN_IF_ERROR(use(choice.name, choice.reason));
    PLIMSOLL_RETURN_IF_ERROR(use(std::string(kDefaultPack), "always, unless rules are asked for"));
  }
  // Params go from the general to the particular: objects among configured policies, the configuration, what flags name.
  if (!by_flags && !policies.empty()) PLIMSOLL_RETURN_IF_ERROR(add_policies(builder, policies));
  for (const policy::ParamSetting& setting : config.params) builder.override_param(setting);
  if (by_flags && !policies.empty()) PLIMSOLL_RETURN_IF_ERROR(add_policies(builder, policies));
  for (const std::string& param : flags.params) {
    const size_t equals = param.find('=');
    if (equals == std::string::npos) {
      return fail(ErrorCode::kUsage, fmt::format("--param {}: must be pack.name=value", param));
    }
    PLIMSOLL_RETURN_IF_ERROR(builder.override_param(param.substr(0, equals), param.substr(equals + 1)));
  }
  const std::string& kube_version = flags.kube_version.empty() ? config.kube_version : flags.kube_version;
  if (!kube_version.empty()) builder.set_kube_version(kube_version);
  PLIMSOLL_ASSIGN_OR_RETURN(selected.rules, builder.build());
  // Nothing to judge with must not look like a clean verdict.
  if (selected.rules->rules().empty()) {
    const std::vector<std::string>& from = policies.empty() ? packs : policies;
    return fail(ErrorCode::kUsage, fmt::format("{} {} no rule", fmt::join(from, ", "), from.size() == 1 ? "holds" : "hold"));
  }

  for (const policy::RuleInfo& rule : selected.rules->rules()) {
    const auto pack = std::find_if(selected.packs.begin(), selected.packs.end(),
                                   [&](const report::PackUse& known) { return known.name == rule.pack; });
    if (pack != selected.packs.end()) {
      ++pack->rules;
    } else if (!rule.pack.empty()) {
      selected.packs.push_back({.name = rule.pack, .title = {}, .reason = std::string(kExtendedReason), .rules = 1});
    }
  }
  for (const policy::PackInfo& info : selected.rules->packs()) {
    for (report::PackUse& pack : selected.packs) {
      if (pack.name == info.name) pack.title = info.title;
    }
  }
  return selected;
}

Result<SelectedRules> select_known_rules(RuleSelection flags, const std::string& config_path, bool no_config) {
  PLIMSOLL_ASSIGN_OR_RETURN(Configuration config, configuration_for(config_path, no_config, {}));
  flags.keep_overridden = true;
  if (flags.packs.empty() && flags.policies.empty()) {
    std::erase(config.packs, std::string(kAutoPacks));
    for (const policy::PackInfo& pack : policy::built_in_packs()) {
      if (std::find(config.packs.begin(), config.packs.end(), pack.name) == config.packs.end()) config.packs.push_back(pack.name);
    }
    std::sort(config.packs.begin(), config.packs.end());
  }
  return select_rules(flags, config, {}, {});
}

}  // namespace plimsoll::cli
