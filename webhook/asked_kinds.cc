#include "webhook/asked_kinds.h"

#include <re2/re2.h>

#include <algorithm>

#include "engine/policy/pack.h"

namespace plimsoll::webhook {
namespace {

using cluster::WatchedKind;

void add_from(const std::string& expression, std::vector<WatchedKind>& kinds) {
  static const re2::RE2 pattern(
      R"(\bresources\s*\.\s*(?:get|list|complete)\s*\(\s*['"]([^'"]+)['"]\s*,\s*['"]([^'"]+)['"])");
  re2::StringPiece rest(expression);
  WatchedKind kind;
  while (re2::RE2::FindAndConsume(&rest, pattern, &kind.api_version, &kind.kind)) kinds.push_back(kind);
}

Result<void> add_pack(const policy::PackFiles& files, std::string_view name, std::vector<std::string>& seen,
                      std::vector<WatchedKind>& kinds) {
  if (std::ranges::find(seen, name) != seen.end()) return {};
  seen.emplace_back(name);
  PLIMSOLL_ASSIGN_OR_RETURN(const policy::Pack pack, policy::load_pack(files, name));
  for (const policy::PackRule& rule : pack.rules) add_asked_kinds(rule.policy, kinds);
  for (const std::string& base : pack.extends) {
    const policy::PackFiles built_in = policy::PackFiles::built_in();
    PLIMSOLL_RETURN_IF_ERROR(add_pack(files.of_pack(base).empty() ? built_in : files, base, seen, kinds));
  }
  return {};
}

}  // namespace

void add_asked_kinds(const policy::Policy& policy, std::vector<WatchedKind>& kinds) {
  if (policy.param_kind && policy.param_kind->kind != "PackParams") {
    kinds.push_back({policy.param_kind->api_version, policy.param_kind->kind});
  }
  if (!policy.extended) return;
  for (const auto* group : {&policy.match_conditions, &policy.variables}) {
    for (const policy::NamedExpression& expression : *group) add_from(expression.expression, kinds);
  }
  for (const policy::Validation& validation : policy.validations) {
    add_from(validation.expression, kinds);
    add_from(validation.message_expression, kinds);
  }
}

Result<std::vector<WatchedKind>> asked_kinds(const std::vector<std::string>& packs,
                                             const std::vector<yaml::Document>& documents) {
  std::vector<WatchedKind> kinds = {{"v1", "Namespace"}};
  std::vector<std::string> seen;
  for (const std::string& pack : packs) {
    if (pack.find('/') == std::string::npos) {
      PLIMSOLL_RETURN_IF_ERROR(add_pack(policy::PackFiles::built_in(), pack, seen, kinds));
      continue;
    }
    PLIMSOLL_ASSIGN_OR_RETURN(const policy::PackFiles files, policy::PackFiles::read_folder(pack));
    for (const std::string_view name : files.packs()) PLIMSOLL_RETURN_IF_ERROR(add_pack(files, name, seen, kinds));
  }
  for (const yaml::Document& document : documents) {
    const policy::DocumentKind kind = policy::kind_of(document.root());
    if (kind != policy::DocumentKind::kPolicy && kind != policy::DocumentKind::kMutatingPolicy) continue;
    policy::DecodeState state;
    add_asked_kinds(policy::decode_policy(document.root(), state), kinds);
  }
  std::ranges::sort(kinds);
  const auto repeated = std::ranges::unique(kinds);
  kinds.erase(repeated.begin(), repeated.end());
  return kinds;
}

}  // namespace plimsoll::webhook
