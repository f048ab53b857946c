// Puts a RuleSet together from packs and the user's policies.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/policy/engine.h"
#include "engine/policy/pack.h"
#include "engine/policy/ruleset.h"
#include "engine/policy/text.h"
#include "engine/policy/validate.h"

namespace plimsoll::policy {
namespace {

struct UserBinding {
  Binding binding;
  yaml::Document document;
};

struct Override {
  std::string path, value;
};

// Replaces or adds the value at `steps` below `map`. Only the maps on the way are copied, for the pack's own tree is
// shared.
void set_path(Map* map, std::span<const Path::Step> steps, const Value& value, Arena& arena) {
  const auto* key = std::get_if<std::string>(&steps.front());
  const std::string index = key ? std::string() : std::to_string(std::get<size_t>(steps.front()));
  const std::string_view name = arena.copy(key ? *key : index);
  if (steps.size() == 1) {
    map->set(arena, name, value);
    return;
  }
  const Value* old = map->find(name);
  Map* child = old && old->is_map() ? Map::copy_of(arena, *old->as_map()) : Map::create(arena);
  map->set(arena, name, Value::map(child));
  set_path(child, steps.subspan(1), value, arena);
}

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
  std::vector<Override> overrides;
  std::vector<std::string> only;  // ids; empty: all
  bool keep_overridden = false;
  std::string kube_version;

  bool wanted(std::string_view id) const { return only.empty() || std::ranges::find(only, id) != only.end(); }
  Result<void> add(const PackFiles& files, std::string_view name, size_t depth);
  Result<void> add_rules(Pack& pack);
  Result<Value> params_of(const Pack& pack);
  Result<void> apply_overrides(const Pack& pack, Map* spec);
  Result<void> attach_bindings();
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
    case DocumentKind::kPolicy: {
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
    case DocumentKind::kBinding: {
      UserBinding bound{decode_binding(object, decode), document};
      if (decode.failure) return std::unexpected(error_at(document, *decode.failure));
      if (const auto errors = validate_binding(bound.binding); !errors.empty()) {
        return std::unexpected(refused(document, errors));
      }
      state_->bindings.push_back(std::move(bound));
      return {};
    }
    case DocumentKind::kMutatingPolicy:
    case DocumentKind::kMutatingBinding:
    case DocumentKind::kOther:
      break;
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
  if (path.find('.') == std::string_view::npos) {
    return fail(ErrorCode::kUsage, fmt::format("param {} must be named with its pack: PACK.NAME", quote(path)));
  }
  state_->overrides.push_back({std::string(path), std::string(value)});
  return {};
}

Result<void> RuleSetBuilder::add_pack_files(const PackFiles& files, std::string_view name) {
  return state_->add(files, name, 0);
}

void RuleSetBuilder::restrict_to(std::string_view id) { state_->only.emplace_back(id); }

void RuleSetBuilder::keep_overridden() { state_->keep_overridden = true; }

void RuleSetBuilder::set_kube_version(std::string_view version) { state_->kube_version = version; }

Result<void> RuleSetBuilder::State::apply_overrides(const Pack& pack, Map* spec) {
  for (const Override& override : overrides) {
    if (!override.path.starts_with(pack.name + ".")) continue;
    const Path path = Path::parse(std::string_view(override.path).substr(pack.name.size() + 1));
    const auto* name = path.empty() ? nullptr : std::get_if<std::string>(&path.steps().front());
    if (name == nullptr || !spec->contains(*name)) {
      std::vector<std::string_view> names;
      for (const Map::Entry& entry : *spec) names.push_back(entry.key.string_or());
      return std::unexpected(
          Error(ErrorCode::kNotFound, fmt::format("pack {} has no param {}", pack.name, path.to_string()))
              .with_remedy(fmt::format("its params: {}", fmt::join(names, ", "))));
    }
    auto document = yaml::read(override.value, {.file = "--param " + override.path, .dialect = yaml::Dialect::kGo});
    if (!document) return std::unexpected(std::move(document).error());
    set_path(spec, path.steps(), deep_copy(set->arena, document->root()), set->arena);
  }
  return {};
}

Result<Value> RuleSetBuilder::State::params_of(const Pack& pack) {
  if (!pack.params) return Value::null();
  const Value& root = pack.params->root();
  const Value given = root["spec"];
  Map* spec = given.is_map() ? Map::copy_of(set->arena, *given.as_map()) : Map::create(set->arena);
  PLIMSOLL_RETURN_IF_ERROR(apply_overrides(pack, spec));
  if (!kube_version.empty() && spec->contains("kubeVersion")) {
    spec->set(set->arena, "kubeVersion", Value::string(set->arena.copy(kube_version)));
  }
  Map* params = Map::copy_of(set->arena, *root.as_map());
  params->set(set->arena, "spec", Value::map(spec));
  set->documents.push_back(*pack.params);
  return Value::map(params);
}

Result<void> RuleSetBuilder::State::add_rules(Pack& pack) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Value params, params_of(pack));
  for (PackRule& source : pack.rules) {
    Result<RuleInfo> info = rule_info(source.policy, pack.name, source.document.file());
    if (!info) return std::unexpected(std::move(info).error().in_file(source.document.file()));
    if (!source.policy.match_constraints) {
      return std::unexpected(error_at(source.document, {Path::parse("spec"), "matchConstraints is required"}));
    }
    auto rule = std::make_unique<Rule>();
    rule->policy = std::move(source.policy);
    rule->document = std::move(source.document);
    // A plimsoll.dev Policy of a pack sees the pack's params without asking.
    const auto& kind = rule->policy.param_kind;
    if (kind ? kind->kind == "PackParams" : rule->policy.extended) rule->params = params;
    set->infos.push_back(*std::move(info));
    set->rules.push_back(std::move(rule));
  }
  return {};
}

Result<void> RuleSetBuilder::State::attach_bindings() {
  for (UserBinding& bound : bindings) {
    const auto rule = std::ranges::find_if(user_rules, [&](const auto& candidate) {
      return candidate->policy.metadata.name == bound.binding.policy_name;
    });
    if (rule == user_rules.end()) {
      return std::unexpected(error_at(
          bound.document, {Path::parse("spec.policyName"),
                           fmt::format("there is no policy {} among those given", quote(bound.binding.policy_name))}));
    }
    (*rule)->bindings.push_back(std::move(bound.binding));
  }
  return {};
}

Result<std::shared_ptr<const RuleSet>> RuleSetBuilder::build() {
  State& state = *state_;
  for (const Override& override : state.overrides) {
    const auto named = [&](const Pack& pack) { return override.path.starts_with(pack.name + "."); };
    if (std::ranges::none_of(state.packs, named)) {
      return fail(ErrorCode::kNotFound, fmt::format("param {} names no pack in use", quote(override.path)));
    }
  }
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
  for (auto& rule : state.user_rules) {
    if (!state.wanted(rule->policy.metadata.name)) continue;
    Result<RuleInfo> info = rule_info(rule->policy, {}, rule->document->file());
    if (!info) return std::unexpected(std::move(info).error().in_file(rule->document->file()));
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
    PackInfo& info = result.emplace_back(PackInfo{std::string(name), {}, {}});
    if (const Result<Pack> pack = load_pack_manifest(files, name)) {
      info.title = pack->title;
      info.description = pack->description;
    }
  }
  return result;
}

}  // namespace plimsoll::policy
