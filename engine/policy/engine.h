// A set of rules from packs and from the user, applied to one object or admission request at a time.
//
//   RuleSetBuilder builder;
//   builder.add_pack("pod-security-baseline");
//   builder.add_policy_document(document);                      // ValidatingAdmissionPolicy, its Binding, or a param
//   object builder.override_param("lightrun.registries", "[\"registry.example.com\"]"); Result<std::shared_ptr<const
//   RuleSet>> rules = builder.build();
//
//   EvaluationScratch scratch;                                  // one for each thread
//   std::vector<Finding> findings = (*rules)->evaluate({.object = document.root()}, scratch);
//
//   Result<MutationOutcome> compliant = (*rules)->mutate({.object = document.root(), .defaulting = &defaulting}, arena);
//   compliant->written;                                         // the manifest as mutating rules want it
//
// evaluate() judges an object as if it were created: the admission request has operation CREATE, its kind, resource and
// namespace come from the object (kinds.h). A policy without any binding applies to everything with action Deny.
//
// With a Defaulting, rules see what they would see in a cluster (default.h): defaults filled in, unknown fields dropped. The findings tell
// of such fields (schema_findings.h), for objects that some rule may apply to, and of fields that hold a default rather than what is written.
//
// A RuleSet is immutable as far as its users see and shared by threads. Pack rules are compiled when the first object
// comes that they may apply to, for most inputs never meet most rules; the user's own policies are checked and compiled
// by build().
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/policy/finding.h"
#include "engine/policy/pack_archive.h"
#include "engine/policy/pack_info.h"
#include "engine/policy/params.h"
#include "engine/policy/request.h"
#include "engine/value/error.h"
#include "engine/value/value.h"
#include "engine/yaml/document.h"

namespace plimsoll::policy {

class Defaulting;
struct AskedKind;  // asked_kinds.h
struct MutationOutcome;
struct Request;
struct Surroundings;
struct ParamSetting;  // pack_params.h

// Memory that evaluations of one thread reuse.
class EvaluationScratch {
 public:
  EvaluationScratch();
  ~EvaluationScratch();
  EvaluationScratch(EvaluationScratch&&) noexcept;
  EvaluationScratch& operator=(EvaluationScratch&&) noexcept;

  struct State;  // ruleset.h

 private:
  friend class RuleSet;
  std::unique_ptr<State> state_;
};

struct ObjectContext {
  Value object;
  // Namespace of a namespaced object that names none.
  std::string_view default_namespace = "default";
  // What is known besides: params, namespaces (for namespaceSelector and namespaceObject), and what `resources` of a
  // plimsoll.dev Policy shows; nullptr: nothing. A namespace
  // that is not known counts as one that exists and has only its name label.
  const ObjectSource* objects = nullptr;
  // The present, for rules about certificates that expire.
  std::chrono::sys_seconds now = {};
  // Shows rules the object as the API server would have it (default.h); nullptr: as it is written. mutate() needs it.
  const Defaulting* defaulting = nullptr;
};

// What a mutation may be told besides the object.
struct MutationOptions {
  // The object as its manifest has it, for MutationOutcome::written; null: there is none.
  Value written = {};
  // True for a rule that shall leave the object alone, for an exception (exception.h) accepts what it would change.
  std::function<bool(const RuleInfo&)> excepted = {};
  std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt;
};

// A request as the API server asks webhooks about it.
struct AdmissionContext {
  const Request& request;
  // Namespaces, params, and what `resources` shows; nullptr: only what the rules came with, and rules that look at other
  // objects are not asked.
  const ObjectSource* objects = nullptr;
  cel::Authorizer* authorizer = nullptr;  // as in Surroundings, like the next
  bool assume_namespaces = true;
  std::chrono::sys_seconds now = {};  // as in ObjectContext
  // When nobody waits for the answer any more; looked at between rules.
  std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt;
};

struct Admission {
  struct Annotation {
    const RuleInfo* rule;
    std::string key;
    std::vector<std::string> values;  // of all bindings and params, each once; the API server joins them by ", "
  };
  std::vector<Finding> findings;               // without paths
  std::vector<Annotation> audit_annotations;   // those that policies ask for
  std::vector<const RuleInfo*> applied;        // rules whose match named the request
};

// What happened to validations while objects were judged: for `plimsoll test` and its coverage.
struct Coverage {
  struct Rule {
    size_t matched = 0;            // objects the rule applied to
    std::vector<size_t> violated;  // by validation
    std::vector<size_t> passed;
  };
  std::vector<Rule> rules;  // as RuleSet::rules()
};

class RuleSet {
 public:
  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  // In the order of packs, then of rules within a pack (by id), then of the user's documents.
  std::span<const RuleInfo> rules() const;
  // In the order of addition, extended ones before those that extend them.
  std::span<const PackInfo> packs() const;
  // By id or pack/id; nullptr if there is none.
  const RuleInfo* find(std::string_view id) const;

  // Findings in the order of rules(), then of validations. Thread-safe; `scratch` belongs to one thread. Findings own
  // all they hold except the RuleInfo. An error (a pack rule that does not compile) is a fault of the rule, not of the
  // object.
  Result<std::vector<Finding>> evaluate(const ObjectContext& context, EvaluationScratch& scratch,
                                        Coverage* coverage = nullptr) const;
  // The same for any request. Errors as above, and kLimit if the deadline passed before all rules had judged.
  Result<Admission> admit(const AdmissionContext& context, EvaluationScratch& scratch) const;
  // Compiles all rules, so that no request has to wait for it.
  Result<void> compile_all() const;
  // Those whose verdict depends on other objects than the one they judge. After compile_all().
  std::vector<const RuleInfo*> rules_that_see_others() const;
  // Kinds of other objects that rules look at (asked_kinds.h), sorted, each once. After compile_all(). `untold`, if given, gets an
  // error for each rule that computes which kind it asks for and does not name the kinds, with its place and what to do.
  std::vector<AskedKind> asked_kinds(std::vector<Error>* untold = nullptr) const;

  // True if a rule is, or has, a MutatingAdmissionPolicy.
  bool mutates() const;
  // What mutating rules make of an object that is created, in the order of rules() (mutate.h); changes and conflicts name their rule,
  // MutationOutcome::written is the object as given with the changes. What is new lives in `arena`, the rest is shared. Findings of the
  // result are for evaluate() to tell. Thread-safe.
  Result<MutationOutcome> mutate(const ObjectContext& context, Arena& arena, MutationOptions options = {}) const;
  // The same for any admission request; its object has been through Defaulting::decode() and admit(). Kinds are the rules' own, whatever
  // the surroundings name. kLimit once the deadline has passed or the arena's budget is used up.
  Result<MutationOutcome> mutate(const Request& request, const Surroundings& surroundings, const Defaulting& defaulting, Arena& arena,
                                 const MutationOptions& options = {}) const;

  struct State;  // ruleset.h

 private:
  friend class RuleSetBuilder;
  explicit RuleSet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class RuleSetBuilder {
 public:
  RuleSetBuilder();
  ~RuleSetBuilder();
  RuleSetBuilder(const RuleSetBuilder&) = delete;
  RuleSetBuilder& operator=(const RuleSetBuilder&) = delete;

  // A pack built into the program, with those it extends. kNotFound lists the packs there are. Adding one twice is
  // harmless.
  Result<void> add_pack(std::string_view name);
  // A pack of the user's own: a folder of rules, with or without pack.yaml.
  Result<void> add_pack_directory(const std::string& path);
  // A pack from files that live until build().
  Result<void> add_pack_files(const PackFiles& files, std::string_view name);
  // A policy, a binding, params of a pack (PackParams), or any other object: then it may be chosen as param. Keeps the document alive. Errors carry
  // the place of what the API server would refuse.
  Result<void> add_policy_document(const yaml::Document& document);
  // `--param pack.name.path=value`: replaces one value of a pack's params; `value` is read as YAML, or is text where only
  // text will do. kNotFound if no added pack has a param of that name at build(), kType if it takes no such value.
  Result<void> override_param(std::string_view path, std::string_view value);
  // The same for a value of a file, which errors name. Later settings go before earlier ones.
  void override_param(ParamSetting setting);
  // Keeps only the rule of this id, and any that later calls name.
  void restrict_to(std::string_view id);
  // Keeps rules that a stricter form of another pack replaces: to list what there is, not to judge.
  void keep_overridden();
  // Minor version that the objects are for, such as "1.36"; rules see it as params.kubeVersion when their pack declares
  // it.
  void set_kube_version(std::string_view version);

  // Checks that every binding's policy exists and every policy of the user's compiles.
  Result<std::shared_ptr<const RuleSet>> build();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The packs built into the program, sorted by name, with their titles; without params.
std::vector<PackInfo> built_in_packs();

}  // namespace plimsoll::policy
