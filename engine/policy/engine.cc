#include "engine/policy/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/policy/asked_kinds.h"
#include "engine/policy/bind.h"
#include "engine/policy/default.h"
#include "engine/policy/evaluate.h"
#include "engine/policy/ruleset.h"
#include "engine/value/json.h"

namespace plimsoll::policy {
namespace {

constexpr size_t kMaxPlans = 1024;

Actions actions_of(const Binding* binding) {
  if (binding == nullptr) return {.deny = true};
  const auto acts = [&](std::string_view action) {
    return std::ranges::find(binding->validation_actions, action) != binding->validation_actions.end();
  };
  return {.deny = acts("Deny"), .warn = acts("Warn"), .audit = acts("Audit")};
}

// A binding that does not deny makes its findings lighter.
Severity severity_under(Severity severity, const Actions& actions) {
  if (actions.deny) return severity;
  return std::min(severity, actions.warn ? Severity::kWarning : Severity::kInfo);
}

// Bytes of a default value that is worth showing.
constexpr size_t kMaxShownDefault = 64;

struct JudgingOptions {
  // The object as it stands in its document, in which paths are looked up; nullptr: no paths.
  const Value* written = nullptr;
  Coverage* coverage = nullptr;
  std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt;
  bool others = true;  // ask rules that look at other objects
};

class Judging {
 public:
  using Options = JudgingOptions;

  Judging(RuleSet::State& set, const KindPlan& plan, RequestScope& scope, PolicyResult& result, const Options& options)
      : set_(set), plan_(plan), scope_(scope), result_(result), options_(options) {}

  Result<Admission> run();

 private:
  Result<void> judge(const KindPlan::Candidate& candidate);
  void judge_binding(const CompiledPolicy& policy, const MatchOutcome& as, const Binding* binding, const Value& params);
  void annotate(const std::string& key, std::string value);
  Blame blame(Path path) const;
  void add(Finding finding);
  void fault(const Binding* binding, std::string message);
  void count(const CompiledPolicy& policy);

  RuleSet::State& set_;
  const KindPlan& plan_;
  RequestScope& scope_;
  PolicyResult& result_;
  const Options& options_;
  size_t rule_ = 0;
  Admission admission_;
};

// A path into the object that was judged, as one into the object as it is written.
Blame Judging::blame(Path path) const {
  const Value judged = scope_.request().object, written = *options_.written;
  // The server keeps no stringData: it is data by the time that policies see it.
  if (judged["kind"].string_or() == "Secret" && !path.empty() && path.steps().front() == Path::Step("data") &&
      path.resolve(written) == nullptr) {
    std::vector<Path::Step> steps = path.steps();
    steps.front() = "stringData";
    if (Path own(std::move(steps)); own.resolve(written) != nullptr) path = std::move(own);
  }
  Blame result;
  result.existing = path.resolvable(written);
  if (result.existing < path.steps().size() && judged["kind"].string_or() != "Secret") {
    if (const Value* filled_in = path.resolve(judged)) {
      result.default_value = json::write(*filled_in);
      if (result.default_value.size() > kMaxShownDefault) result.default_value = filled_in->is_map() ? "{...}" : "...";
    }
  }
  result.path = std::move(path);
  return result;
}

// Several bindings or params may find the same fault.
void Judging::add(Finding finding) {
  for (Finding& other : admission_.findings) {
    if (other.rule == finding.rule && other.validation == finding.validation && other.message == finding.message) {
      other.severity = std::max(other.severity, finding.severity);
      other.actions.deny |= finding.actions.deny;
      other.actions.warn |= finding.actions.warn;
      other.actions.audit |= finding.actions.audit;
      return;
    }
  }
  admission_.findings.push_back(std::move(finding));
}

void Judging::fault(const Binding* binding, std::string message) {
  if (set_.rules[rule_]->policy.failure_policy == "Ignore") return;
  Finding finding;
  finding.rule = &set_.infos[rule_];
  finding.kind = Finding::Kind::kPolicyFault;
  finding.severity = finding.rule->severity;
  finding.message = std::move(message);
  if (binding != nullptr) finding.binding = binding->metadata.name;
  finding.paths.emplace_back();
  add(std::move(finding));
}

void Judging::count(const CompiledPolicy& policy) {
  if (options_.coverage == nullptr || !result_.applicable) return;
  Coverage::Rule& counts = options_.coverage->rules[rule_];
  ++counts.matched;
  std::vector<bool> denied(policy.validations().size());
  for (const Denial& denial : result_.denials) {
    if (!denial.validation) return;
    denied[*denial.validation] = true;
  }
  for (size_t i = 0; i < denied.size(); ++i) ++(denied[i] ? counts.violated : counts.passed)[i];
}

void Judging::annotate(const std::string& key, std::string value) {
  const RuleInfo* info = &set_.infos[rule_];
  auto& annotations = admission_.audit_annotations;
  const auto found = std::ranges::find_if(annotations, [&](const Admission::Annotation& given) { return given.rule == info && given.key == key; });
  if (found == annotations.end()) {
    annotations.push_back({info, key, {std::move(value)}});
  } else if (std::ranges::find(found->values, value) == found->values.end()) {
    found->values.push_back(std::move(value));
  }
}

void Judging::judge_binding(const CompiledPolicy& policy, const MatchOutcome& as, const Binding* binding,
                         const Value& params) {
  const Request& request = scope_.request();
  const auto object = convert_object(request.object, request.object_kind(), as.kind, scope_.arena());
  const auto old_object = convert_object(request.old_object, request.object_kind(), as.kind, scope_.arena());
  if (!object || !old_object) {
    fault(binding, "failed to convert object version: no conversion from " + request.object_kind().to_string() + " to " +
                       as.kind.to_string());
    return;
  }
  const Detail detail = options_.written ? Detail::kPaths : Detail::kVerdict;
  evaluate_policy(policy, as, params, scope_, *object, *old_object, result_, detail);
  count(policy);
  const RuleInfo& info = set_.infos[rule_];
  for (Denial& denial : result_.denials) {
    Finding finding;
    finding.rule = &info;
    finding.kind = denial.fault ? Finding::Kind::kPolicyFault : Finding::Kind::kViolation;
    finding.actions = actions_of(binding);
    finding.severity = severity_under(info.severity, finding.actions);
    finding.message = std::move(denial.message);
    finding.reason = denial.reason.empty() ? "Invalid" : std::move(denial.reason);
    finding.validation = denial.validation;
    if (binding != nullptr) finding.binding = binding->metadata.name;
    for (Path& path : denial.paths) finding.paths.push_back(blame(std::move(path)));
    if (finding.paths.empty()) finding.paths.emplace_back();
    add(std::move(finding));
  }
  for (AuditValue& audit : result_.audit_values) {
    if (audit.fault) {
      fault(binding, std::move(audit.value));
    } else if (options_.written == nullptr) {
      annotate(policy.policy().audit_annotations[audit.annotation].key, std::move(audit.value));
    }
  }
}

Result<void> Judging::judge(const KindPlan::Candidate& candidate) {
  rule_ = candidate.rule;
  Rule& rule = *set_.rules[rule_];
  MatchOutcome as = candidate.as;
  if (candidate.answer == RuleAnswer::kAsk) {
    as = match_resources(rule.match(), scope_);
    if (!as.matched) return {};
  } else if (std::string error; !match_selectors(rule.match(), scope_, error)) {
    return {};
  }
  PLIMSOLL_ASSIGN_OR_RETURN(const CompiledPolicy* policy, set_.compiled(rule_));
  if (!options_.others && policy->sees_others()) return {};
  admission_.applied.push_back(&set_.infos[rule_]);
  if (rule.bindings.empty()) {
    judge_binding(*policy, as, nullptr, rule.params);
    return {};
  }
  for (const Binding& binding : rule.bindings) {
    if (binding.match_resources && !match_resources(*binding.match_resources, scope_).matched) continue;
    const auto params = collect_params(policy->policy(), binding, scope_);
    if (!params) {
      fault(&binding, "failed to configure binding: " + params.error());
      continue;
    }
    for (const Value& param : *params) judge_binding(*policy, as, &binding, param);
  }
  return {};
}

Result<Admission> Judging::run() {
  for (const KindPlan::Candidate& candidate : plan_.candidates) {
    if (options_.deadline && std::chrono::steady_clock::now() >= *options_.deadline) {
      return fail(ErrorCode::kLimit, "the deadline passed before all rules had judged");
    }
    PLIMSOLL_RETURN_IF_ERROR(judge(candidate));
  }
  return std::move(admission_);
}

bool is_for(const KindPlan& plan, const Request& request) {
  return plan.kind == request.kind.kind && plan.operation == request.operation &&
         plan.version == request.kind.version && plan.group == request.kind.group &&
         plan.resource == request.resource.resource &&
         plan.resource_version == request.resource.version && plan.resource_group == request.resource.group &&
         plan.subresource == request.subresource && plan.namespaced == !request.namespace_name.empty();
}

const KindPlan& plan_for(const RuleSet::State& set, const Request& request, EvaluationScratch::State& scratch) {
  for (const auto& plan : scratch.plans) {
    if (is_for(*plan, request)) return *plan;
  }
  // Whoever can make requests can think of kinds without end.
  if (scratch.plans.size() == kMaxPlans) scratch.plans.clear();
  KindPlan& plan = *scratch.plans.emplace_back(std::make_unique<KindPlan>());
  plan.operation = request.operation;
  plan.group = request.kind.group;
  plan.version = request.kind.version;
  plan.kind = request.kind.kind;
  plan.resource_group = request.resource.group;
  plan.resource_version = request.resource.version;
  plan.resource = request.resource.resource;
  plan.subresource = request.subresource;
  plan.namespaced = !request.namespace_name.empty();
  Request sample = request;
  sample.kind = {plan.group, plan.version, plan.kind};
  sample.resource = {plan.resource_group, plan.resource_version, plan.resource};
  if (is_exempt(sample.resource)) return plan;
  for (size_t i = 0; i < set.rules.size(); ++i) {
    if (set.rules[i]->policy.mutating) continue;  // nothing to find by those
    MatchOutcome as;
    const RuleAnswer answer = match_rules(set.rules[i]->match(), sample, set.kinds, as);
    if (answer != RuleAnswer::kNever) plan.candidates.push_back({i, answer, std::move(as)});
  }
  return plan;
}

}  // namespace

EvaluationScratch::EvaluationScratch() : state_(std::make_unique<State>()) {}
EvaluationScratch::~EvaluationScratch() = default;
EvaluationScratch::EvaluationScratch(EvaluationScratch&&) noexcept = default;
EvaluationScratch& EvaluationScratch::operator=(EvaluationScratch&&) noexcept = default;

RuleSet::RuleSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
RuleSet::~RuleSet() = default;

std::span<const RuleInfo> RuleSet::rules() const { return state_->infos; }

std::span<const PackInfo> RuleSet::packs() const { return state_->packs; }

const RuleInfo* RuleSet::find(std::string_view id) const {
  const auto found = std::ranges::find_if(
      state_->infos, [&](const RuleInfo& info) { return info.id == id || info.qualified_id() == id; });
  if (found != state_->infos.end()) return &*found;
  for (const RuleInfo* info : {&state_->schema_rules.unknown_field, &state_->schema_rules.wrong_type}) {
    if (info->id == id || info->qualified_id() == id) return info;
  }
  return nullptr;
}

Result<const CompiledPolicy*> RuleSet::State::compiled(Rule& rule, const RuleInfo& info) {
  if (const CompiledPolicy* policy = rule.compiled.load(std::memory_order_acquire)) return policy;
  const std::lock_guard lock(compile_mutex);
  if (const CompiledPolicy* policy = rule.compiled.load(std::memory_order_relaxed)) return policy;
  std::shared_ptr<const CompiledPolicy> policy = compiler.compile(rule.policy);
  if (const CompiledExpression* broken = policy->first_error()) {
    return fail(ErrorCode::kInvalid,
                fmt::format("{}: rule {}: {}", rule.document ? rule.document->file() : info.file, info.qualified_id(), broken->error));
  }
  rule.owned = std::move(policy);
  rule.compiled.store(rule.owned.get(), std::memory_order_release);
  return rule.owned.get();
}

Result<std::vector<Finding>> RuleSet::evaluate(const ObjectContext& context, EvaluationScratch& scratch,
                                               Coverage* coverage) const {
  EvaluationScratch::State& own = *scratch.state_;
  own.start(*state_);
  if (coverage != nullptr && coverage->rules.size() != state_->rules.size()) {
    coverage->rules.resize(state_->rules.size());
    for (size_t i = 0; i < state_->rules.size(); ++i) {
      coverage->rules[i].violated.resize(state_->infos[i].validations);
      coverage->rules[i].passed.resize(state_->infos[i].validations);
    }
  }
  Request request = request_to_create(context.object, context.default_namespace, state_->kinds, own.resource_guess);
  request.user.groups = state_->user_groups;
  request.options = state_->create_options;
  const KindPlan& plan = plan_for(*state_, request, own);
  if (plan.candidates.empty()) return std::vector<Finding>();
  DefaultedObject seen;
  if (context.defaulting != nullptr && request.kind.group != kOwnGroup) {
    seen = context.defaulting->create(context.object, own.arena);
    request.object = seen.object;
  }
  // What the user gave comes before what is linted.
  const LayeredSource objects(state_->objects, context.objects);
  const Surroundings surroundings{&state_->kinds, &objects, nullptr, true, context.now};
  RequestScope scope(request, surroundings, own.arena, &own.memo);
  const JudgingOptions options{.written = &context.object, .coverage = coverage};
  PLIMSOLL_ASSIGN_OR_RETURN(Admission admission, Judging(*state_, plan, scope, own.result, options).run());
  if (seen.known) add_schema_findings(state_->schema_rules, context.defaulting->catalog(), seen, admission.findings);
  return std::move(admission.findings);
}

Result<Admission> RuleSet::admit(const AdmissionContext& context, EvaluationScratch& scratch) const {
  EvaluationScratch::State& own = *scratch.state_;
  own.start(*state_);
  const KindPlan& plan = plan_for(*state_, context.request, own);
  if (plan.candidates.empty()) return Admission();
  const LayeredSource objects(state_->objects, context.objects);
  const Surroundings surroundings{&state_->kinds, &objects, context.authorizer, context.assume_namespaces, context.now};
  RequestScope scope(context.request, surroundings, own.arena, &own.memo);
  const JudgingOptions options{.deadline = context.deadline, .others = context.objects != nullptr};
  return Judging(*state_, plan, scope, own.result, options).run();
}

Result<void> RuleSet::compile_all() const {
  for (size_t i = 0; i < state_->rules.size(); ++i) {
    PLIMSOLL_RETURN_IF_ERROR(state_->compiled(i));
    if (Rule* repair = state_->rules[i]->repair.get()) PLIMSOLL_RETURN_IF_ERROR(state_->compiled(*repair, state_->infos[i]));
  }
  return {};
}

std::vector<const RuleInfo*> RuleSet::rules_that_see_others() const {
  std::vector<const RuleInfo*> result;
  for (size_t i = 0; i < state_->rules.size(); ++i) {
    const CompiledPolicy* policy = state_->rules[i]->compiled.load(std::memory_order_acquire);
    if (policy != nullptr && policy->sees_others()) result.push_back(&state_->infos[i]);
  }
  return result;
}

std::vector<AskedKind> RuleSet::asked_kinds(std::vector<Error>* untold) const {
  AskedKinds asked;
  for (size_t i = 0; i < state_->rules.size(); ++i) {
    const Rule& rule = *state_->rules[i];
    for (const Rule* part : {&rule, static_cast<const Rule*>(rule.repair.get())}) {
      const CompiledPolicy* policy = part == nullptr ? nullptr : part->compiled.load(std::memory_order_acquire);
      if (policy != nullptr) add_asked_kinds(*policy, asked);
    }
    if (untold != nullptr && !asked.computed.empty()) {
      const ComputedKind& first = asked.computed.front();
      const Location place = rule.document ? rule.document->location(first.field) : Location();
      const std::string told = fmt::format("rule {}: {}: resources.{}() computes which kind it asks for; what no rule names is not watched in a cluster",
                                           state_->infos[i].qualified_id(), first.field.to_string(), first.function);
      untold->push_back(Error(ErrorCode::kInvalid, told)
                            .at(place.line, place.column)
                            .in_file(rule.document ? rule.document->file() : state_->infos[i].file)
                            .with_remedy(fmt::format("name the kinds in its annotation {}, as \"v1/Secret, apps/v1/Deployment\"", kResourcesAnnotation)));
    }
    asked.computed.clear();
  }
  std::ranges::sort(asked.kinds);
  const auto repeated = std::ranges::unique(asked.kinds);
  asked.kinds.erase(repeated.begin(), repeated.end());
  return std::move(asked.kinds);
}

void EvaluationScratch::State::start(const RuleSet::State& set) {
  arena.reset();
  memo.start();
  if (owner == set.identity) return;
  plans.clear();
  owner = set.identity;
}

}  // namespace plimsoll::policy
