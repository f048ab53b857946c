// CEL as Kubernetes has it: compile an expression once, evaluate it from any thread.
//
//   cel::EnvironmentOptions options;
//   options.variables = {{"object", cel::Type::dyn()}};
//   auto environment = cel::Environment::create(std::move(options));
//   auto program = (*environment)->compile("object.spec.replicas <= 5");
//
//   Arena arena;
//   cel::Budget budget;                       // cost limits of the API server
//   MyActivation activation(object);          // tells the value of each variable
//   cel::Outcome outcome = (*program)->evaluate(activation, arena, budget);
//   if (outcome.ok()) outcome.value().as_bool();
//
// Sources of the behaviour: the CEL specification, cel-go v0.26 and k8s.io/apiserver/pkg/cel v0.36 (libraries, cost, messages).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/cel/type.h"
#include "engine/value/error.h"
#include "engine/value/label_selector.h"
#include "engine/value/value.h"

namespace plimsoll::cel {

enum class Library : uint8_t {
  kKubernetes,  // exactly what the API server offers a ValidatingAdmissionPolicy; anything else is a compile error
  kExtended,    // that, and cel-spec's math, encoders, bindings, network and newer string functions
};

struct VariableDeclaration {
  std::string name;
  Type type;
  // A lazy variable is of a declared object type, and its fields are asked for one by one (Activation::field): this is how a
  // policy's `variables` are evaluated only when used.
  bool lazy = false;
};

struct FieldDeclaration {
  std::string name;
  Type type;
};

// A structural type such as the admission request: only the declared fields may be selected.
struct ObjectDeclaration {
  std::string name;
  std::vector<FieldDeclaration> fields;
};

struct EnvironmentOptions {
  Library library = Library::kKubernetes;
  std::vector<VariableDeclaration> variables;
  std::vector<ObjectDeclaration> objects;
  bool mutation = false;    // Object{}, JSONPatch{} and jsonpatch.escapeKey of MutatingAdmissionPolicy
  bool authorizer = false;  // the authorizer library (and variables of type Type::opaque("kubernetes.authorization.Authorizer"))
  bool deployment = false;  // what plimsoll.dev/v1 Policy adds (library/deployment.cc), and base64; a variable of kResourcesType is the view
  std::string container;    // namespace for name resolution (cel-spec tests)
  bool check = true;        // false: only parse, as cel-spec's disable_check
  bool macros = true;
};

struct CompileIssue {
  int32_t line = 0;    // from 1; -1 for what concerns the expression as a whole, such as its size (column is 0 then)
  int32_t column = 0;  // from 1, in code points
  std::string message;
};

struct CompileError {
  std::vector<CompileIssue> issues;  // empty for planning errors (constant folding, constant patterns)
  std::string text;                  // as the API server prints it, source excerpts included
  bool planning = false;             // the type check had passed
  Type type;                         // the checked type, if planning failed
};

// A failed evaluation. Never a policy verdict by itself: failurePolicy decides.
struct EvaluationError {
  std::string message;  // in cel-go's words: "no such key: spec"
  bool budget_exceeded = false;
};

class Outcome {
 public:
  explicit Outcome(Value value) : result_(value) {}
  explicit Outcome(EvaluationError error) : result_(std::unexpected(std::move(error))) {}

  bool ok() const { return result_.has_value(); }
  const Value& value() const { return *result_; }
  const EvaluationError& error() const { return result_.error(); }

 private:
  std::expected<Value, EvaluationError> result_;
};

// What evaluations may cost, in the API server's units. One Budget serves all expressions of a policy for one request.
struct Budget {
  uint64_t per_call = 1'000'000;   // PerCallLimit
  uint64_t remaining = 10'000'000; // RuntimeCELCostBudget, lowered by each evaluation
  uint64_t last = 0;               // cost of the most recent evaluation, also when it failed
};

// Decides questions of `authorizer`; offline there is none.
class Authorizer {
 public:
  struct Attributes {
    std::string_view user;  // empty: the requesting user
    std::string_view service_account_namespace, service_account_name;
    std::string_view verb, group, resource, subresource, namespace_name, name, path;
    std::string_view field_selector, label_selector;
  };
  struct Decision {
    bool allowed = false;
    std::string_view reason;  // lives as long as the evaluation's arena
    std::string_view error;
  };
  virtual ~Authorizer() = default;
  virtual Decision authorize(const Attributes& attributes, Arena& arena) = 0;
};

// The objects beside the one that is judged: a rendered release, a set of files, a cluster. What `resources` asks; without one those
// calls fail. Objects live at least as long as the evaluation's results; several threads may ask at once.
class Resources {
 public:
  struct Query {
    std::string_view api_version, kind;
    std::string_view namespace_name;          // empty: all namespaces, and objects that have none
    const LabelSelector* selector = nullptr;  // nullptr: all; here, so that an index of labels can be used
  };
  virtual ~Resources() = default;
  // nullptr if there is none. `namespace_name` is empty for cluster-scoped kinds.
  virtual const Value* get(std::string_view api_version, std::string_view kind, std::string_view namespace_name,
                           std::string_view name) const = 0;
  // Appends to `found` in the view's order.
  virtual void list(const Query& query, List& found, Arena& arena) const = 0;
  // Whether what is not in the view does not exist: true of a cluster, false of a set of files.
  virtual bool complete(std::string_view api_version, std::string_view kind) const = 0;
};

// Of the variable `resources`, whose value is always make_resources(): which view it is, the activation tells.
inline constexpr std::string_view kResourcesType = "plimsoll.Resources";
Value make_resources(Arena& arena);

// Tells the values of variables while an expression runs. Variables are numbered as declared. Called at most once per use;
// keep it cheap.
class Activation {
 public:
  virtual ~Activation() = default;
  virtual Outcome variable(size_t variable) = 0;
  // Field number `field` (as declared) of a lazy variable.
  virtual Outcome field(size_t variable, size_t field);
  virtual Authorizer* authorizer() { return nullptr; }
  virtual const Resources* resources() { return nullptr; }
};

struct Ast;
struct Plan;

// A compiled expression: immutable, shareable, cheap to evaluate.
class Program {
 public:
  virtual ~Program() = default;
  // Results live in `arena` or in the activation's values. An expression never recurses beyond the parser's depth limit.
  virtual Outcome evaluate(Activation& activation, Arena& arena, Budget& budget) const = 0;
  virtual const Type& type() const = 0;
  virtual std::string_view source() const = 0;
  // Variables (as numbered in the environment) that the expression mentions.
  virtual const std::vector<size_t>& variables() const = 0;
  // Fields of lazy variables that it mentions: (variable, field).
  virtual const std::vector<std::pair<size_t, size_t>>& fields() const = 0;
  // Its inside: the checked syntax tree (ast.h), and what runs, for explanations (blame.h).
  virtual const Ast& tree() const = 0;
  virtual const Plan& plan() const = 0;
};

class Environment {
 public:
  virtual ~Environment() = default;
  // Shares the libraries of `like` where both have the same ones; making them is most of the work.
  static Result<std::shared_ptr<const Environment>> create(EnvironmentOptions options, const Environment* like = nullptr);
  // This environment with more object types, which its variables may name already: the fields of a policy's `variables` as they become
  // known. Cheap. options() does not list them.
  virtual Result<std::shared_ptr<const Environment>> extend(std::vector<ObjectDeclaration> objects) const = 0;

  virtual std::expected<std::shared_ptr<const Program>, CompileError> compile(std::string_view expression) const = 0;
  virtual const EnvironmentOptions& options() const = 0;
};

}  // namespace plimsoll::cel
