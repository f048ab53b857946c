#include "engine/policy/compile.h"

#include <algorithm>
#include <array>

#include "engine/policy/environment.h"

namespace plimsoll::policy {
namespace {

using cel::Type;
using cel::TypeKind;

// Empty if `type` is what is asked for, else the API server's complaint.
std::string wrong_type(ResultType wanted, const Type& type) {
  switch (wanted) {
    case ResultType::kAny:
      return {};
    case ResultType::kBool:
      if (type.kind() == TypeKind::kBool) return {};
      return "must evaluate to bool but got " + type.to_string();
    case ResultType::kString:
      if (type.kind() == TypeKind::kString) return {};
      return "must evaluate to string but got " + type.to_string();
    case ResultType::kStringOrNull:
      if (type.kind() == TypeKind::kString || type.kind() == TypeKind::kNull) return {};
      return "must evaluate to one of [string null_type] but got " + type.to_string();
    case ResultType::kObject:
      if (type.to_string() == "Object") return {};
      return "must evaluate to Object but got " + type.to_string();
    case ResultType::kJsonPatches:
      if (type.to_string() == "list(JSONPatch)") return {};
      return "must evaluate to list(JSONPatch) but got " + type.to_string();
  }
  return {};
}

bool mentions(const CompiledExpression& expression, VariableId variable) {
  if (expression.program == nullptr) return false;
  const std::vector<size_t>& variables = expression.program->variables();
  return std::ranges::find(variables, static_cast<size_t>(variable)) != variables.end();
}

bool mentions_others(const CompiledExpression& expression) { return mentions(expression, VariableId::kResources); }

// What a request's objects, and the other objects, decide alone.
bool can_be_shared(const CompiledExpression& expression) {
  if (expression.program == nullptr) return false;
  constexpr std::array kElse = {VariableId::kNamespaceObject, VariableId::kRequest, VariableId::kAuthorizer,
                                VariableId::kRequestResource, VariableId::kParams};
  return std::ranges::none_of(kElse, [&](VariableId variable) { return mentions(expression, variable); });
}

CompiledExpression broken(std::string_view source, std::string error) {
  CompiledExpression result;
  result.source = source;
  result.error = std::move(error);
  return result;
}

}  // namespace

const CompiledExpression* CompiledPolicy::first_error() const {
  for (const auto* group : {&match_conditions_, &variables_, &validations_, &messages_, &audit_annotations_, &mutations_}) {
    for (const CompiledExpression& expression : *group) {
      if (!expression.error.empty()) return &expression;
    }
  }
  return nullptr;
}

Result<std::shared_ptr<const cel::Environment>> PolicyCompiler::common_environment(const Scope& scope) {
  const bool composed = scope.composition != nullptr;
  for (const Cached& cached : cached_) {
    if (cached.params == scope.params && cached.authorizer == scope.authorizer && cached.composed == composed &&
        cached.mutation == scope.mutation && cached.extended == scope.extended) {
      return cached.environment;
    }
  }
  cel::EnvironmentOptions options;
  options.library = library_;
  options.mutation = scope.mutation;
  options.objects = admission_types();
  options.variables = {{"object", Type::dyn()},
                       {"oldObject", Type::dyn()},
                       {"namespaceObject", Type::object("kubernetes.Namespace")},
                       {"request", Type::object("kubernetes.AdmissionRequest")}};
  if (composed) options.variables.push_back({"variables", Type::object(std::string(kVariablesType)), true});
  if (scope.authorizer) {
    options.variables.push_back({"authorizer", Type::opaque("kubernetes.authorization.Authorizer")});
    options.variables.push_back({"authorizer.requestResource", Type::opaque("kubernetes.authorization.ResourceCheck")});
    options.authorizer = true;
  }
  if (scope.params) options.variables.push_back({"params", Type::dyn()});
  if (scope.extended) {
    options.deployment = true;
    options.variables.push_back({"resources", Type::opaque("plimsoll.Resources")});
    options.variables.push_back({"now", Type::simple(TypeKind::kTimestamp)});
  }
  const cel::Environment* like = cached_.empty() ? nullptr : cached_.front().environment.get();
  PLIMSOLL_ASSIGN_OR_RETURN(std::shared_ptr<const cel::Environment> result,
                            cel::Environment::create(std::move(options), like));
  cached_.push_back({scope.params, scope.authorizer, composed, scope.mutation, scope.extended, result});
  return result;
}

Result<std::shared_ptr<const cel::Environment>> PolicyCompiler::environment(const Scope& scope) {
  if (scope.composition == nullptr) return common_environment(scope);
  auto& own = scope.composition->environments[scope.mutation ? 2 : scope.authorizer ? 0 : 1];
  if (!own) {
    PLIMSOLL_ASSIGN_OR_RETURN(const std::shared_ptr<const cel::Environment> common, common_environment(scope));
    PLIMSOLL_ASSIGN_OR_RETURN(own, common->extend({{std::string(kVariablesType), scope.composition->fields}}));
  }
  return own;
}

CompiledExpression PolicyCompiler::compile_expression(std::string_view source, ResultType type, const Scope& scope) {
  auto created = environment(scope);
  if (!created) return broken(source, "unexpected error loading CEL environment: " + created.error().message());
  auto compiled = (*created)->compile(source);
  if (!compiled) {
    const cel::CompileError& error = compiled.error();
    CompiledExpression result =
        broken(source, (error.planning ? "program instantiation failed: " : "compilation failed: ") + error.text);
    if (!error.issues.empty()) {
      result.line = error.issues.front().line;
      result.column = error.issues.front().column;
    }
    return result;
  }
  if (std::string complaint = wrong_type(type, (*compiled)->type()); !complaint.empty()) {
    return broken(source, std::move(complaint));
  }
  CompiledExpression result;
  result.source = source;
  result.program = *std::move(compiled);
  return result;
}

size_t PolicyCompiler::add_variable(Composition& composition, std::string_view name,
                                    const CompiledExpression& expression) {
  for (auto& environment : composition.environments) environment = nullptr;
  Type type = expression.program ? declared_type(expression.program->type()) : Type::dyn();
  const auto existing = std::ranges::find(composition.fields, name, &cel::FieldDeclaration::name);
  if (existing != composition.fields.end()) {
    existing->type = std::move(type);
    return static_cast<size_t>(existing - composition.fields.begin());
  }
  composition.fields.push_back({std::string(name), std::move(type)});
  return composition.fields.size() - 1;
}

const PolicyCompiler::Beginning& PolicyCompiler::compile_variable(const NamedExpression& variable,
                                                                  std::string& beginning, Scope scope) {
  beginning += '\0';
  beginning += variable.name;
  beginning += '\0';
  beginning += variable.expression;
  const auto [found, added] = beginnings_.try_emplace(beginning);
  Beginning& result = found->second;
  if (added) {
    result.last = compile_expression(variable.expression, ResultType::kAny, scope);
    result.composition = std::make_shared<Composition>(*scope.composition);
    result.field = add_variable(*result.composition, variable.name, result.last);
    if (can_be_shared(result.last)) result.last.shared = static_cast<uint32_t>(beginnings_.size());
  }
  return result;
}

std::shared_ptr<const CompiledPolicy> PolicyCompiler::compile(Policy policy) {
  auto result = std::make_shared<CompiledPolicy>();
  result->policy_ = std::move(policy);
  const Policy& source = result->policy_;
  Composition empty;
  Scope scope{.params = source.param_kind.has_value() || source.extended,
              .authorizer = true,
              .composition = &empty,
              .extended = source.extended};

  std::string beginning = source.extended ? "extended" : scope.params ? "params" : "";
  for (const NamedExpression& variable : source.variables) {
    const Beginning& compiled = compile_variable(variable, beginning, scope);
    scope.composition = compiled.composition.get();
    if (compiled.field == result->variables_.size()) {
      result->variables_.emplace_back();
      result->variable_names_.push_back(variable.name);
    }
    result->variables_[compiled.field] = compiled.last;
  }
  // Where a later variable takes the place of an earlier one, those between see the later.
  if (result->variables_.size() != source.variables.size()) {
    for (CompiledExpression& variable : result->variables_) variable.shared = 0;
  }
  for (const NamedExpression& condition : source.match_conditions) {
    result->match_conditions_.push_back(compile_expression(condition.expression, ResultType::kBool, scope));
  }
  Scope mutation_scope = scope;
  mutation_scope.mutation = true;
  for (const Mutation& mutation : source.mutations) {
    const ResultType type = mutation.patch_type == "JSONPatch" ? ResultType::kJsonPatches : ResultType::kObject;
    result->mutations_.push_back(compile_expression(mutation.expression(), type, mutation_scope));
  }
  Scope message_scope = scope;
  message_scope.authorizer = false;
  for (const Validation& validation : source.validations) {
    result->validations_.push_back(compile_expression(validation.expression, ResultType::kBool, scope));
    result->messages_.push_back(
        validation.message_expression.empty()
            ? CompiledExpression()
            : compile_expression(validation.message_expression, ResultType::kString, message_scope));
  }
  for (const AuditAnnotation& annotation : source.audit_annotations) {
    result->audit_annotations_.push_back(
        compile_expression(annotation.value_expression, ResultType::kStringOrNull, scope));
  }
  for (const auto* group : {&result->match_conditions_, &result->variables_, &result->validations_, &result->audit_annotations_}) {
    result->sees_others_ |= source.extended && std::ranges::any_of(*group, mentions_others);
  }
  return result;
}

}  // namespace plimsoll::policy
