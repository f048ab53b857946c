// From source text to program: parse, check, validate, plan.
#include <utility>

#include "engine/cel/check.h"
#include "engine/cel/declare.h"
#include "engine/cel/parse.h"
#include "engine/cel/program.h"
#include "engine/cel/validate.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {
namespace {

// For expressions without variables.
class NoVariables : public Activation {
 public:
  Outcome variable(size_t) override { return Outcome(EvaluationError{.message = "no such attribute"}); }
};

std::string replace_invalid(std::string_view source) {
  std::string result;
  while (!source.empty()) {
    const utf8::Rune rune = utf8::decode(source);
    utf8::append(result, rune.code);
    source.remove_prefix(rune.size);
  }
  return result;
}

class CompilingEnvironment : public Environment {
 public:
  CompilingEnvironment(std::shared_ptr<const Declarations> declarations, std::shared_ptr<const FunctionTable> functions)
      : declarations_(std::move(declarations)), functions_(std::move(functions)) {}

  const EnvironmentOptions& options() const override { return declarations_->options(); }
  const Declarations& declarations() const { return *declarations_; }
  const std::shared_ptr<const FunctionTable>& functions() const { return functions_; }

  Result<std::shared_ptr<const Environment>> extend(std::vector<ObjectDeclaration> objects) const override {
    PLIMSOLL_ASSIGN_OR_RETURN(auto declarations, Declarations::extend(declarations_, objects));
    return std::make_shared<const CompilingEnvironment>(std::move(declarations), functions_);
  }

  std::expected<std::shared_ptr<const Program>, CompileError> compile(std::string_view expression) const override {
    std::string repaired;
    if (!utf8::is_valid(expression)) {
      repaired = replace_invalid(expression);
      expression = repaired;
    }
    const SyntaxOptions syntax{.macros = options().macros, .extended = options().library == Library::kExtended};
    Ast ast;
    Issues issues(expression);
    if (!parse(expression, syntax, ast, issues) || !check(ast, *declarations_, issues)) {
      return std::unexpected(issues.take());
    }
    if (options().check) {
      const auto literal_check = [this](std::string_view function, const Value& argument) { return succeeds(function, argument); };
      if (!validate(ast, options(), literal_check, issues)) return std::unexpected(issues.take());
    }
    const Type type = ast.types.empty() ? Type::dyn() : ast.types[ast.root];
    auto program = make_program(std::move(ast), options(), functions_);
    if (program) return *std::move(program);
    CompileError error;
    error.type = type;
    error.text = std::move(program).error();
    error.planning = true;
    return std::unexpected(std::move(error));
  }

 private:
  // Runs function(argument), or "".matches(argument), by itself.
  bool succeeds(std::string_view function, const Value& argument) const {
    Ast ast;
    ast.nodes.push_back({.kind = NodeKind::kLiteral, .literal = argument});
    Node call{.kind = NodeKind::kCall, .count = 1, .name = function};
    ast.children = {0};
    if (function == "matches") {
      if (!argument.is_string()) return true;
      ast.nodes.push_back({.kind = NodeKind::kLiteral, .literal = Value::string("")});
      call.operand = 1;
    }
    ast.nodes.push_back(call);
    ast.root = static_cast<NodeId>(ast.nodes.size() - 1);
    ast.references.resize(ast.nodes.size());
    ast.references[ast.root].kind = Reference::Kind::kFunction;
    const auto program = make_program(std::move(ast), options(), functions_);
    if (!program) return false;
    if (function == "matches") return true;  // a pattern that is planned is good; matching with it would be work for nothing
    NoVariables variables;
    Arena arena;
    Budget budget;
    return (*program)->evaluate(variables, arena, budget).ok();
  }

  std::shared_ptr<const Declarations> declarations_;
  std::shared_ptr<const FunctionTable> functions_;
};

}  // namespace

Result<std::shared_ptr<const Environment>> Environment::create(EnvironmentOptions options, const Environment* like) {
  std::shared_ptr<const FunctionDeclarations> declared;
  std::shared_ptr<const FunctionTable> functions;
  if (like != nullptr && like->options().library == options.library && like->options().mutation == options.mutation &&
      like->options().deployment == options.deployment) {
    const auto& other = static_cast<const CompilingEnvironment&>(*like);
    declared = other.declarations().functions();
    functions = other.functions();
  } else {
    declared = std::make_shared<const FunctionDeclarations>(options);
    functions = make_function_table(options);
  }
  PLIMSOLL_ASSIGN_OR_RETURN(auto declarations, Declarations::create(std::move(options), std::move(declared)));
  return std::make_shared<const CompilingEnvironment>(std::move(declarations), std::move(functions));
}

}  // namespace plimsoll::cel
