#include "webhook/rulebook.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/policy/asked_kinds.h"
#include "engine/policy/policy_files.h"

namespace plimsoll::webhook {
namespace {

using policy::RuleSet;
using policy::RuleSetBuilder;

bool is_folder(std::string_view pack) { return pack.find('/') != std::string_view::npos; }

Result<void> add_pack(RuleSetBuilder& builder, const std::string& pack) {
  return is_folder(pack) ? builder.add_pack_directory(pack) : builder.add_pack(pack);
}

// What is set for one pack, or for all of them if `pack` is empty. `documents`: those of the policies' folder.
Result<void> set_params(RuleSetBuilder& builder, const RulebookSources& sources, const Settings& settings,
                        const std::vector<yaml::Document>& documents, std::string_view pack) {
  for (const yaml::Document& document : documents) {
    const bool wanted = pack.empty() || (policy::is_pack_params(document.root()) &&
                                         document.root()["metadata"]["name"].string_or() == pack);
    if (wanted) PLIMSOLL_RETURN_IF_ERROR(builder.add_policy_document(document));
  }
  for (const policy::ParamSetting& setting : settings.params) {
    if (pack.empty() || setting.pack == pack) builder.override_param(setting);
  }
  for (const std::string& param : sources.params) {
    const size_t equals = param.find('=');
    if (equals == std::string::npos)
      return fail(ErrorCode::kUsage, fmt::format("--param {}: must be pack.name=value", param));
    const bool wanted = pack.empty() || param.starts_with(fmt::format("{}.", pack));
    if (wanted) PLIMSOLL_RETURN_IF_ERROR(builder.override_param(param.substr(0, equals), param.substr(equals + 1)));
  }
  const std::string& version = sources.kube_version.empty() ? settings.kube_version : sources.kube_version;
  if (!version.empty()) builder.set_kube_version(version);
  return {};
}

Result<std::shared_ptr<const RuleSet>> build(RuleSetBuilder& builder) {
  PLIMSOLL_ASSIGN_OR_RETURN(std::shared_ptr<const RuleSet> rules, builder.build());
  PLIMSOLL_RETURN_IF_ERROR(rules->compile_all());
  return rules;
}

// The name that a pack has in paths.
std::string path_name(std::string_view pack) {
  while (pack.ends_with('/')) pack.remove_suffix(1);
  return std::string(pack.substr(pack.rfind('/') + 1));
}

// Types of Kubernetes' own kinds and of the definitions among the policies.
struct Types {
  std::vector<yaml::Document> documents;
  schema::TypeCatalog catalog;
  policy::Defaulting defaulting{catalog};

  Types(std::shared_ptr<const schema::KubernetesTypes> built_in, std::vector<yaml::Document> given)
      : documents(std::move(given)), catalog(std::move(built_in)) {
    for (const yaml::Document& document : documents) catalog.add_definition(document.root());
  }
};

Result<std::shared_ptr<const policy::Defaulting>> make_defaulting(const std::vector<yaml::Document>& documents) {
  PLIMSOLL_ASSIGN_OR_RETURN(auto built_in, schema::KubernetesTypes::load());
  const auto types = std::make_shared<const Types>(std::move(built_in), documents);
  return std::shared_ptr<const policy::Defaulting>(types, &types->defaulting);
}

}  // namespace

const RuleSet* Rulebook::find(std::string_view pack) const {
  if (pack.empty()) return all.get();
  const auto found = std::ranges::find(packs, pack, [](const auto& entry) -> std::string_view { return entry.first; });
  return found == packs.end() ? nullptr : found->second.get();
}

Result<std::shared_ptr<const Rulebook>> load_rulebook(const RulebookSources& sources, uint64_t generation, const cluster::ClusterRules& cluster) {
  auto book = std::make_shared<Rulebook>();
  book->generation = generation;
  if (!sources.config.empty()) {
    PLIMSOLL_ASSIGN_OR_RETURN(book->settings, read_settings(sources.config));
  }
  if (!sources.own_namespace.empty()) book->settings.exempt_namespaces.push_back(sources.own_namespace);
  std::vector<std::string> names = sources.packs;
  for (const std::string& pack : book->settings.packs) {
    if (std::ranges::find(names, pack) == names.end()) names.push_back(pack);
  }

  std::vector<yaml::Document> documents;
  if (!sources.policies.empty()) {
    PLIMSOLL_ASSIGN_OR_RETURN(documents, policy::read_policy_files({sources.policies}));
  }
  documents.insert(documents.end(), cluster.documents.begin(), cluster.documents.end());
  book->settings.exceptions.insert(book->settings.exceptions.end(), cluster.exceptions.begin(), cluster.exceptions.end());
  RuleSetBuilder builder;
  for (const std::string& pack : names) PLIMSOLL_RETURN_IF_ERROR(add_pack(builder, pack));
  PLIMSOLL_RETURN_IF_ERROR(set_params(builder, sources, book->settings, documents, {}));
  PLIMSOLL_ASSIGN_OR_RETURN(book->all, build(builder));
  book->asked_kinds = book->all->asked_kinds(&book->untold);
  // Selectors and namespaceObject ask for it.
  book->asked_kinds.push_back({"v1", "Namespace"});
  if (book->all->mutates()) {
    PLIMSOLL_ASSIGN_OR_RETURN(book->defaulting, make_defaulting(documents));
  }
  for (const std::string& pack : names) {
    RuleSetBuilder alone;
    PLIMSOLL_RETURN_IF_ERROR(add_pack(alone, pack));
    const std::string name = path_name(pack);
    PLIMSOLL_RETURN_IF_ERROR(set_params(alone, sources, book->settings, documents, name));
    PLIMSOLL_ASSIGN_OR_RETURN(auto rules, build(alone));
    book->packs.emplace_back(name, std::move(rules));
  }
  return book;
}

void RulebookStore::replace(std::shared_ptr<const Rulebook> next) {
  const std::lock_guard lock(mutex_);
  generation_.store(next->generation, std::memory_order_release);
  current_ = std::move(next);
}

}  // namespace plimsoll::webhook
