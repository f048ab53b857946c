// Puts a RuleSet together from packs and the user's policies.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/policy/engine.h"
#include "engine/policy/pack.h"
#include "engine/policy/pack_params.h"
#include "engine/policy/ruleset.h"
#include "engine/policy/validate.h"
#include "engine/value/go_quote.h"
#include "engine/value/suggest.h"

namespace plimsoll::policy {
namespace {

struct UserBinding {
  Binding binding;
  yaml::Document document;
};

// The errors of a document in one Error, at the place of the first.
Error refused(const yaml::Document& document, std::span<const FieldError> errors) {
  const FieldError& first = errors.front();
  std::string message = first.to_string();
  if (errors.size() > 1) message += fmt::format(" (and {} more)", errors.size() - 1);
  const Location location = document.location(Path::parse(first.field));
  return Error(ErrorCode::kInvalid, std::move(message)).at(location.line, location.column).in_file(document.file());
}

}  // namespace

struct RuleSetBuilder::State {
  PackFiles built_in = PackFiles::built_in();
  std::vector<PackFiles> folders;  // keep texts of packs alive
  std::vector<Pack> packs;         // in order of addition, extended ones first
  std::unique_ptr<RuleSet::State> set = std::make_unique<RuleSet::State>();
  std::vector<std::unique_ptr<Rule>> user_rules;
  std::vector<UserBinding> bindings;
  std::vector<ParamSetting> settings;
  std::vector<std::string> only;  // ids; empty: all
  bool keep_overridden = false;
  std::string kube_version;

  bool wanted(std::string_view id) const { return only.empty() || std::ranges::find(only, id) != only.end(); }
  Result<void> add(const PackFiles& files, std::string_view name, size_t depth);
  Result<void> add_rules(Pack& pack);
  Result<void> check_settings() const;
  Result<void> attach_bindings();
  void join_repairs();
};

RuleSetBuilder::RuleSetBuilder() : state_(std::make_unique<State>()) {}
RuleSetBuilder::~RuleSetBuilder() = default;

Result<void> RuleSetBuilder::State::add(const PackFiles& files, std::string_view name, size_t depth) {
  if (std::ranges::any_of(packs, [&](const Pack& pack) { return pack.name == name; })) return {};
  if (depth > 16) return fail(ErrorCode::kInvalid, fmt::format("pack {} extends itself", name));
  Result<Pack> pack = load_pack(files, name);
  if (!pack) {
    if (pack.error().code() != ErrorCode::kNotFound) return std::unexpected(std::move(pack).error());
    return std::unexpected(Error(ErrorCode::kNotFound, pack.error().message())
                               .with_remedy(fmt::format("packs: {}", fmt::join(built_in.packs(), ", "))));
  }
  for (const std::string& base : pack->extends) {
    const bool own = !files.of_pack(base).empty();
    PLIMSOLL_RETURN_IF_ERROR(add(own ? files : built_in, base, depth + 1));
  }
  packs.push_back(*std::move(pack));
  return {};
}

Result<void> RuleSetBuilder::add_pack(std::string_view name) { return state_->add(state_->built_in, name, 0); }

Result<void> RuleSetBuilder::add_pack_directory(const std::string& path) {
  PLIMSOLL_ASSIGN_OR_RETURN(PackFiles files, PackFiles::read_folder(path));
  if (files.packs().empty()) return fail(ErrorCode::kNotFound, path + " holds no rule");
  state_->folders.push_back(std::move(files));
  const PackFiles& kept = state_->folders.back();
  const std::string name(kept.packs().front());
  return state_->add(kept, name, 0);
}

Result<void> RuleSetBuilder::add_policy_document(const yaml::Document& document) {
  const Value& object = document.root();
  DecodeState decode;
  switch (kind_of(object)) {
    case DocumentKind::kPolicy:
    case DocumentKind::kMutatingPolicy: {
      auto rule = std::make_unique<Rule>();
      rule->policy = decode_policy(object, decode);
      if (decode.failure) return std::unexpected(error_at(document, *decode.failure));
      if (const auto errors = validate_policy(rule->policy, state_->set->compiler); !errors.empty()) {
        return std::unexpected(refused(document, errors));
      }
      rule->document = document;
      state_->user_rules.push_back(std::move(rule));
      return {};
    }
    case DocumentKind::kBinding:
    case DocumentKind::kMutatingBinding: {
      UserBinding bound{decode_binding(object, decode), document};
      if (decode.failure) return std::unexpected(error_at(document, *decode.failure));
      if (const auto errors = validate_binding(bound.binding); !errors.empty()) {
        return std::unexpected(refused(document, errors));
      }
      state_->bindings.push_back(std::move(bound));
      return {};
    }
    case DocumentKind::kOther:
      break;
  }
  if (is_pack_params(object)) {
    PLIMSOLL_ASSIGN_OR_RETURN(std::vector<ParamSetting> settings, read_param_settings(document));
    std::ranges::move(settings, std::back_inserter(state_->settings));
    return {};
  }
  if (!object["kind"].is_string() || !object["metadata"]["name"].is_string()) {
    return std::unexpected(
        error_at(document, {Path(), "is neither a policy, a binding nor an object that can be a param"}));
  }
  state_->set->kinds.add_definition(object);
  state_->set->objects.add(object, "default");
  state_->set->documents.push_back(document);
  return {};
}

Result<void> RuleSetBuilder::override_param(std::string_view path, std::string_view value) {
  const size_t dot = path.find('.');
  if (dot == std::string_view::npos) {
    return fail(ErrorCode::kUsage, fmt::format("param {} must be named with its pack: PACK.NAME", go::quoted(path)));
  }
  PLIMSOLL_ASSIGN_OR_RETURN(yaml::Document document,
                            yaml::read(value, {.file = fmt::format("--param {}", path), .dialect = yaml::Dialect::kGo}));
  state_->settings.push_back({std::string(path.substr(0, dot)), Path::parse(path.substr(dot + 1)), std::move(document),
                              Path(), std::string(value), true});
  return {};
}

void RuleSetBuilder::override_param(ParamSetting setting) { state_->settings.push_back(std::move(setting)); }

Result<void> RuleSetBuilder::add_pack_files(const PackFiles& files, std::string_view name) {
  return state_->add(files, name, 0);
}

void RuleSetBuilder::restrict_to(std::string_view id) { state_->only.emplace_back(id); }

void RuleSetBuilder::keep_overridden() { state_->keep_overridden = true; }

void RuleSetBuilder::set_kube_version(std::string_view version) { state_->kube_version = version; }

// A setting must be of a pack in use, or of one that the program has: one configuration serves many paths, and not all of
// them call for the same packs. On a command line it is for this very run.
Result<void> RuleSetBuilder::State::check_settings() const {
  for (const ParamSetting& setting : settings) {
    const auto named = [&](const Pack& pack) { return pack.name == setting.pack; };
    if (std::ranges::any_of(packs, named)) continue;
    if (!setting.from_flag && !built_in.of_pack(setting.pack).empty()) continue;
    std::vector<std::string> names;
    for (const Pack& pack : packs) names.push_back(pack.name);
    Error error(ErrorCode::kNotFound, fmt::format("param {}.{} names no pack in use{}", setting.pack, setting.path.to_string(),
                                                  suggestion(setting.pack, names)));
    if (setting.from_flag) return std::unexpected(std::move(error));
    const Location place = setting.document.location(setting.place);
    return std::unexpected(std::move(error).at(place.line, place.column).in_file(setting.document.file()));
  }
  return {};
}

Result<void> RuleSetBuilder::State::add_rules(Pack& pack) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Value params, resolve_params(pack, settings, kube_version, set->arena));
  if (pack.params) set->documents.push_back(*pack.params);
  set->packs.push_back(describe_pack(pack));
  for (PackRule& source : pack.rules) {
    Result<RuleInfo> info = rule_info(source.policy, pack.name, source.document.file());
    if (!info) return std::unexpected(std::move(info).error().in_file(source.document.file()));
    const auto cases = [&](std::string_view prefix) {
      return static_cast<size_t>(std::ranges::count_if(source.cases, [&](const PackCase& c) { return c.name.starts_with(prefix); }));
    };
    info->pass_cases = cases("pass.");
    info->fail_cases = cases("fail.");
    const auto make = [&](Policy policy, yaml::Document document) {
      auto rule = std::make_unique<Rule>();
      rule->policy = std::move(policy);
      rule->document = std::move(document);
      // A plimsoll.dev Policy of a pack sees the pack's params without asking.
      const auto& kind = rule->policy.param_kind;
      if (kind ? kind->kind == "PackParams" : rule->policy.extended) rule->params = params;
      return rule;
    };
    auto rule = make(std::move(source.policy), std::move(source.document));
    if (source.repair) rule->repair = make(std::move(source.repair->policy), std::move(source.repair->document));
    if (rule->repair) info->mutations = rule->repair->policy.mutations.size();
    set->infos.push_back(*std::move(info));
    set->rules.push_back(std::move(rule));
  }
  return {};
}

Result<void> RuleSetBuilder::State::attach_bindings() {
  for (UserBinding& bound : bindings) {
    const auto rule = std::ranges::find_if(user_rules, [&](const auto& candidate) {
      return candidate->policy.metadata.name == bound.binding.policy_name && candidate->policy.mutating == bound.binding.mutating;
    });
    if (rule == user_rules.end()) {
      return std::unexpected(error_at(
          bound.document, {Path::parse("spec.policyName"),
                           fmt::format("there is no policy {} among those given", go::quoted(bound.binding.policy_name))}));
    }
    (*rule)->bindings.push_back(std::move(bound.binding));
  }
  return {};
}

// A mutating policy of the same name as a validating one is its repair, as in packs.
void RuleSetBuilder::State::join_repairs() {
  for (auto& repair : user_rules) {
    if (!repair->policy.mutating) continue;
    const auto rule = std::ranges::find_if(user_rules, [&](const auto& candidate) {
      return candidate != nullptr && !candidate->policy.mutating && !candidate->repair &&
             candidate->policy.metadata.name == repair->policy.metadata.name;
    });
    if (rule != user_rules.end()) (*rule)->repair = std::move(repair);
  }
  std::erase(user_rules, nullptr);
}

Result<std::shared_ptr<const RuleSet>> RuleSetBuilder::build() {
  State& state = *state_;
  PLIMSOLL_RETURN_IF_ERROR(state.check_settings());
  std::vector<std::string> overridden;
  for (const Pack& pack : state.packs) {
    for (const PackRule& rule : pack.rules) {
      if (state.keep_overridden) break;
      if (!rule.overrides.empty() && state.wanted(rule.policy.metadata.name)) overridden.push_back(rule.overrides);
    }
  }
  for (Pack& pack : state.packs) {
    std::erase_if(pack.rules, [&](const PackRule& rule) {
      const std::string& id = rule.policy.metadata.name;
      return !state.wanted(id) || std::ranges::find(overridden, id) != overridden.end();
    });
    PLIMSOLL_RETURN_IF_ERROR(state.add_rules(pack));
  }
  PLIMSOLL_RETURN_IF_ERROR(state.attach_bindings());
  state.join_repairs();
  for (auto& rule : state.user_rules) {
    if (!state.wanted(rule->policy.metadata.name)) continue;
    Result<RuleInfo> info = rule_info(rule->policy, {}, rule->document->file());
    if (!info) return std::unexpected(std::move(info).error().in_file(rule->document->file()));
    if (rule->repair) info->mutations = rule->repair->policy.mutations.size();
    state.set->infos.push_back(*std::move(info));
    state.set->rules.push_back(std::move(rule));
  }

  RuleSet::State& set = *state.set;
  List* groups = List::create(set.arena, 1);
  groups->push_back(set.arena, Value::string("system:authenticated"));
  set.user_groups = Value::list(groups);
  Map* options = Map::create(set.arena, 2);
  options->set(set.arena, "kind", Value::string("CreateOptions"));
  options->set(set.arena, "apiVersion", Value::string("meta.k8s.io/v1"));
  set.create_options = Value::map(options);
  std::shared_ptr<const RuleSet> result(new RuleSet(std::move(state.set)));
  state_ = std::make_unique<State>();
  return result;
}

std::vector<PackInfo> built_in_packs() {
  std::vector<PackInfo> result;
  const PackFiles files = PackFiles::built_in();
  for (const std::string_view name : files.packs()) {
    PackInfo& info = result.emplace_back();
    info.name = name;
    if (const Result<Pack> pack = load_pack_manifest(files, name)) info = describe_pack(*pack);
  }
  return result;
}

}  // namespace plimsoll::policy
