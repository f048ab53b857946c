#include "engine/policy/pack.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/policy/asked_kinds.h"
#include "engine/policy/kinds.h"
#include "engine/policy/pack_params.h"
#include "engine/policy/text.h"
#include "engine/value/go_quote.h"

namespace plimsoll::policy {
namespace {

Result<yaml::Document> read_document(const PackFiles::File& file) {
  return yaml::read(file.text, {.file = std::string(file.path)});
}

Result<void> expect_kind(const yaml::Document& document, std::string_view group, std::string_view kind) {
  const Value& root = document.root();
  if (split_api_version(root["apiVersion"].string_or()).group == group && root["kind"].string_or() == kind) return {};
  return std::unexpected(error_at(document, {Path().key("kind"), fmt::format("expected {} of group {}", kind, group)}));
}

Result<void> read_manifest(const PackFiles::File& file, Pack& pack) {
  PLIMSOLL_ASSIGN_OR_RETURN(const yaml::Document document, read_document(file));
  PLIMSOLL_RETURN_IF_ERROR(expect_kind(document, kOwnGroup, "Pack"));
  DecodeState state;
  Decoder root(document.root(), state);
  root.take("apiVersion");
  root.take("kind");
  Decoder metadata = root.take("metadata");
  const std::string name = metadata.take("name").string();
  if (name != pack.name) metadata.take("name").fail("must be the name of the folder, " + pack.name);
  Decoder spec = root.take("spec");
  pack.title = spec.take("title").string();
  pack.description = spec.take("description").string();
  pack.extends = spec.take("extends").strings();
  spec.take("params").string();
  Decoder match = spec.take("match");
  pack.match.charts = match.take("charts").strings();
  pack.match.images = match.take("images").strings();
  pack.match.labels = match.take("labels").string_map();
  match.take("values").each([&](Decoder keys) { pack.match.values.push_back(keys.strings()); });
  match.finish();
  spec.finish();
  root.finish();
  if (state.failure) return std::unexpected(error_at(document, *state.failure));
  return {};
}

Result<void> read_params(const PackFiles::File& file, Pack& pack) {
  PLIMSOLL_ASSIGN_OR_RETURN(yaml::Document document, read_document(file));
  PLIMSOLL_RETURN_IF_ERROR(expect_kind(document, kOwnGroup, "PackParams"));
  pack.params = std::move(document);
  return {};
}

Result<PackRule> read_rule(const PackFiles::File& file) {
  PLIMSOLL_ASSIGN_OR_RETURN(yaml::Document document, read_document(file));
  if (const DocumentKind kind = kind_of(document.root()); kind != DocumentKind::kPolicy && kind != DocumentKind::kMutatingPolicy) {
    return std::unexpected(error_at(
        document, {Path().key("kind"), fmt::format("expected ValidatingAdmissionPolicy or MutatingAdmissionPolicy of group {}, or "
                                                   "Policy of group {}", kPolicyGroup, kOwnGroup)}));
  }
  DecodeState state;
  PackRule rule{decode_policy(document.root(), state), std::move(document)};
  if (state.failure) return std::unexpected(error_at(rule.document, *state.failure));
  if (!rule.policy.match_constraints) {
    return std::unexpected(error_at(rule.document, {Path::parse("spec"), "matchConstraints is required"}));
  }
  rule.overrides = rule.policy.metadata.annotation("plimsoll.dev/overrides");
  return rule;
}

Result<PackRule::Repair> read_repair(const PackFiles::File& file) {
  PLIMSOLL_ASSIGN_OR_RETURN(yaml::Document document, read_document(file));
  PLIMSOLL_RETURN_IF_ERROR(expect_kind(document, kPolicyGroup, "MutatingAdmissionPolicy"));
  DecodeState state;
  PackRule::Repair repair{decode_policy(document.root(), state), std::move(document)};
  if (state.failure) return std::unexpected(error_at(repair.document, *state.failure));
  if (!repair.policy.match_constraints) {
    return std::unexpected(error_at(repair.document, {Path::parse("spec"), "matchConstraints is required"}));
  }
  return repair;
}

// A repair that its policy.yaml has not taken is of a folder that has none.
Result<void> expect_policy(const std::optional<PackRule::Repair>& repair) {
  if (!repair) return {};
  return std::unexpected(error_at(repair->document, {Path(), "stands beside no policy.yaml; alone it must be called policy.yaml"}));
}

}  // namespace

Error error_at(const yaml::Document& document, const DecodeFailure& failure) {
  const Location location = document.location(failure.path);
  return Error(ErrorCode::kInvalid,
               failure.path.empty() ? failure.message : failure.path.to_string() + ": " + failure.message)
      .at(location.line, location.column)
      .in_file(document.file());
}

PackInfo describe_pack(const Pack& pack) {
  PackInfo info{pack.name, pack.title, std::string(trim_space(pack.description)), pack.extends, {}, {}};
  const auto add = [&](std::string_view what, const std::vector<std::string>& patterns) {
    if (!patterns.empty()) info.match.push_back(fmt::format("{} {}", what, fmt::join(patterns, ", ")));
  };
  std::vector<std::string> labels;
  for (const auto& [key, value] : pack.match.labels) labels.push_back(key + "=" + value);
  add("charts", pack.match.charts);
  add("labels", labels);
  add("images", pack.match.images);
  std::vector<std::string> values;
  for (const std::vector<std::string>& keys : pack.match.values) {
    if (!keys.empty()) values.push_back(fmt::format("{}", fmt::join(keys, " and ")));
  }
  add("values", values);
  if (pack.params) info.params = describe_params(*pack.params);
  return info;
}

Result<RuleInfo> rule_info(const Policy& policy, std::string_view pack, std::string_view file) {
  const Metadata& metadata = policy.metadata;
  RuleInfo info;
  info.id = metadata.name;
  info.pack = pack;
  info.title = trim_space(metadata.annotation("plimsoll.dev/title"));
  if (info.title.empty()) info.title = metadata.name;
  info.category = trim_space(metadata.annotation("plimsoll.dev/category"));
  info.remediation = trim_space(metadata.annotation("plimsoll.dev/remediation"));
  info.source = trim_space(metadata.annotation("plimsoll.dev/source"));
  info.description = trim_space(metadata.annotation("plimsoll.dev/description"));
  info.file = file;
  info.validations = policy.validations.size();
  info.mutations = policy.mutations.size();
  if (const std::string_view severity = metadata.annotation("plimsoll.dev/severity"); !severity.empty()) {
    const auto parsed = parse_severity(trim_space(severity));
    if (!parsed) {
      return fail(
          ErrorCode::kInvalid,
          fmt::format("annotation plimsoll.dev/severity must be error, warning or info, not {}", go::quoted(severity)));
    }
    info.severity = *parsed;
  }
  PLIMSOLL_RETURN_IF_ERROR(declared_kinds(metadata));
  return info;
}

Result<Pack> load_pack_manifest(const PackFiles& files, std::string_view name) {
  Pack pack;
  pack.name = name;
  for (const PackFiles::File& file : files.of_pack(name)) {
    if (file.path.substr(name.size() + 1) == "pack.yaml") PLIMSOLL_RETURN_IF_ERROR(read_manifest(file, pack));
  }
  if (pack.title.empty()) pack.title = pack.name;
  return pack;
}

Result<std::optional<yaml::Document>> load_pack_values(const PackFiles& files, std::string_view name) {
  for (const PackFiles::File& file : files.of_pack(name)) {
    if (file.path.substr(name.size() + 1) != "values.yaml") continue;
    PLIMSOLL_ASSIGN_OR_RETURN(yaml::Document document, read_document(file));
    return document;
  }
  return std::nullopt;
}

Result<Pack> load_pack(const PackFiles& files, std::string_view name) {
  const std::span<const PackFiles::File> of_pack = files.of_pack(name);
  Pack pack;
  pack.name = name;
  bool has_manifest = false;
  // Paths are sorted, so that a rule's cases and its mutation.yaml come before its policy.yaml.
  std::vector<PackCase> cases;
  std::optional<PackRule::Repair> repair;
  std::string_view rule_folder;
  for (const PackFiles::File& file : of_pack) {
    const std::string_view below = file.path.substr(name.size() + 1);
    const size_t slash = below.find('/');
    const std::string_view folder = below.substr(0, slash == std::string_view::npos ? 0 : slash);
    const std::string_view rest = slash == std::string_view::npos ? below : below.substr(slash + 1);
    if (folder.empty()) {
      if (rest == "pack.yaml") {
        has_manifest = true;
        PLIMSOLL_RETURN_IF_ERROR(read_manifest(file, pack));
      } else if (rest == "params.yaml") {
        PLIMSOLL_RETURN_IF_ERROR(read_params(file, pack));
      }
      continue;
    }
    if (folder != rule_folder) {
      PLIMSOLL_RETURN_IF_ERROR(expect_policy(repair));
      cases.clear();
      rule_folder = folder;
    }
    if (rest.starts_with("cases/") && rest.ends_with(".yaml")) {
      cases.push_back({std::string(rest.substr(6, rest.size() - 11)), file.path, file.text});
    } else if (rest == "mutation.yaml") {
      PLIMSOLL_ASSIGN_OR_RETURN(repair, read_repair(file));
    } else if (rest == "policy.yaml") {
      PLIMSOLL_ASSIGN_OR_RETURN(PackRule rule, read_rule(file));
      if (repair && repair->policy.metadata.name != rule.policy.metadata.name) {
        return std::unexpected(error_at(repair->document, {Path::parse("metadata.name"), "must be that of policy.yaml, " +
                                                                                            rule.policy.metadata.name}));
      }
      rule.cases = std::exchange(cases, {});
      rule.repair = std::exchange(repair, std::nullopt);
      pack.rules.push_back(std::move(rule));
    }
  }
  PLIMSOLL_RETURN_IF_ERROR(expect_policy(repair));
  if (of_pack.empty()) return fail(ErrorCode::kNotFound, fmt::format("there is no rule pack {}", go::quoted(name)));
  if (!has_manifest && pack.rules.empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("{} has neither pack.yaml nor a rule", name));
  }
  if (pack.title.empty()) pack.title = pack.name;
  return pack;
}

}  // namespace plimsoll::policy
