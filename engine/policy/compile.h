// A policy ready to judge: its expressions compiled in the API server's environments.
//
//   PolicyCompiler compiler;                                    // one for many policies, one thread at a time
//   std::shared_ptr<const CompiledPolicy> policy = compiler.compile(decode_policy(object, state));
//   if (const CompiledExpression* broken = policy->first_error()) report(broken->error);
//
// A CompiledPolicy is immutable and shared by threads. An expression that does not compile is kept with its error, as
// the API server keeps it: evaluating it is an evaluation error, which failurePolicy decides.
//
// Sources: k8s.io/apiserver/pkg/admission/plugin/cel (compile.go, composition.go) and policy/validating/plugin.go.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/cel/cel.h"
#include "engine/policy/policy.h"

namespace plimsoll::policy {

// Variables of expressions, in the order in which environments declare them. Environments without authorizer leave
// those two out.
enum class VariableId : uint8_t {
  kObject,
  kOldObject,
  kNamespaceObject,
  kRequest,
  kVariables,
  kAuthorizer,
  kRequestResource,  // authorizer.requestResource
  kParams,           // only if the policy has a paramKind, or is a plimsoll.dev Policy
  kResources,        // only of a plimsoll.dev Policy: the other objects (cel::Resources)
  kNow,              // likewise: the time of the evaluation
};

struct CompiledExpression {
  std::string source;
  std::shared_ptr<const cel::Program> program;  // nullptr: absent if `error` is empty, else broken
  std::string error;                            // "compilation failed: ...", "must evaluate to bool but got string"
  // First issue's place in the source, 0 if unknown.
  uint32_t line = 0;
  uint32_t column = 0;
  // Of a variable that depends on nothing but objects, `resources` and `now`: its number among those with the same text after the same
  // variables, of all policies of one compiler. Their values are equal for one request. 0: none.
  uint32_t shared = 0;

  bool present() const { return program != nullptr || !error.empty(); }
};

class CompiledPolicy {
 public:
  const Policy& policy() const { return policy_; }
  // Each as long as its counterpart in policy(); messages()[i] may be absent.
  const std::vector<CompiledExpression>& match_conditions() const { return match_conditions_; }
  const std::vector<CompiledExpression>& validations() const { return validations_; }
  const std::vector<CompiledExpression>& messages() const { return messages_; }
  const std::vector<CompiledExpression>& audit_annotations() const { return audit_annotations_; }
  // As policy().mutations: each yields Object, or a list of JSONPatch.
  const std::vector<CompiledExpression>& mutations() const { return mutations_; }
  // By field number of `variables`; of several variables with one name the last counts.
  const std::vector<CompiledExpression>& variables() const { return variables_; }
  const std::vector<std::string>& variable_names() const { return variable_names_; }

  bool fails_closed() const { return policy_.failure_policy != "Ignore"; }
  // nullptr if everything compiled.
  const CompiledExpression* first_error() const;
  // Whether the verdict depends on `resources`, the view of other objects; an audit annotation that fails is a verdict, too.
  bool sees_others() const { return sees_others_; }

 private:
  friend class PolicyCompiler;
  Policy policy_;
  std::vector<CompiledExpression> match_conditions_, variables_, validations_, messages_, audit_annotations_,
      mutations_;
  std::vector<std::string> variable_names_;
  bool sees_others_ = false;
};

// What an expression must yield.
enum class ResultType { kAny, kBool, kString, kStringOrNull, kObject, kJsonPatches };

class PolicyCompiler {
 public:
  explicit PolicyCompiler(cel::Library library = cel::Library::kKubernetes) : library_(library) {}

  std::shared_ptr<const CompiledPolicy> compile(Policy policy);

  // Variables known so far, as fields of `variables`.
  struct Composition {
    std::vector<cel::FieldDeclaration> fields;
    // Environments for these very fields: with authorizer, without, and for mutations.
    std::shared_ptr<const cel::Environment> environments[3];
  };
  struct Scope {
    bool params = false;
    bool authorizer = true;
    Composition* composition = nullptr;  // nullptr: there is no `variables` at all
    bool mutation = false;               // Object{} and JSONPatch{}; with authorizer
    bool extended = false;               // `resources`, `now`, and the deployment library
  };
  CompiledExpression compile_expression(std::string_view source, ResultType type, const Scope& scope);
  // Adds a variable, replacing one of the same name, and gives its field number.
  static size_t add_variable(Composition& composition, std::string_view name, const CompiledExpression& expression);

 private:
  Result<std::shared_ptr<const cel::Environment>> environment(const Scope& scope);
  // Without fields of `variables`.
  Result<std::shared_ptr<const cel::Environment>> common_environment(const Scope& scope);

  cel::Library library_;
  struct Cached {
    bool params, authorizer, composed, mutation, extended;
    std::shared_ptr<const cel::Environment> environment;
  };
  std::vector<Cached> cached_;  // environments without variables of the policy's own
  // Rules of a pack begin with the same variables: what such a beginning came to, by its text.
  struct Beginning {
    CompiledExpression last;
    size_t field = 0;
    std::shared_ptr<Composition> composition;
  };
  std::unordered_map<std::string, Beginning> beginnings_;
  const Beginning& compile_variable(const NamedExpression& variable, std::string& beginning, Scope scope);
};

}  // namespace plimsoll::policy
