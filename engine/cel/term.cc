#include "engine/cel/term.h"

#include <array>
#include <vector>

namespace plimsoll::cel {
namespace {

constexpr size_t kKinds = static_cast<size_t>(TypeKind::kParameter) + 1;

constexpr std::array<Term, kKinds> make_simple_terms(bool nullable) {
  std::array<Term, kKinds> terms{};
  for (size_t i = 0; i < kKinds; ++i) {
    terms[i].kind = static_cast<TypeKind>(i);
    terms[i].nullable = nullable;
  }
  return terms;
}
constexpr std::array<Term, kKinds> kSimple = make_simple_terms(false);
constexpr std::array<Term, kKinds> kWrappers = make_simple_terms(true);

}  // namespace

const Term* simple_term(TypeKind kind) { return &kSimple[static_cast<size_t>(kind)]; }
const Term* wrapper_term(TypeKind wrapped) { return &kWrappers[static_cast<size_t>(wrapped)]; }

const Term* make_term(Arena& arena, TypeKind kind, std::string_view name, std::span<const Term* const> parameters) {
  Term* term = arena.make<Term>();
  term->kind = kind;
  term->name = name;
  if (!parameters.empty()) term->parameters = arena.copy(parameters);
  return term;
}

const Term* list_term(Arena& arena, const Term* item) {
  return make_term(arena, TypeKind::kList, {}, std::array{item});
}
const Term* map_term(Arena& arena, const Term* key, const Term* value) {
  return make_term(arena, TypeKind::kMap, {}, std::array{key, value});
}
const Term* optional_term(Arena& arena, const Term* item) {
  return make_term(arena, TypeKind::kOptional, "optional_type", std::array{item});
}
const Term* type_term(Arena& arena, const Term* item) {
  return make_term(arena, TypeKind::kType, {}, std::array{item});
}
const Term* variable_term(Arena& arena, uint32_t variable) {
  Term* term = arena.make<Term>();
  term->kind = TypeKind::kParameter;
  term->variable = variable;
  return term;
}

const Term* to_term(Arena& arena, const Type& type) {
  if (type.kind() == TypeKind::kWrapper) return wrapper_term(type.parameters()[0].kind());
  if (type.name().empty() && type.parameters().empty()) return simple_term(type.kind());
  std::vector<const Term*> parameters;
  for (const Type& parameter : type.parameters()) parameters.push_back(to_term(arena, parameter));
  const std::string_view name = type.kind() == TypeKind::kOptional ? "optional_type" : arena.copy(type.name());
  return make_term(arena, type.kind(), name, parameters);
}

Type to_type(const Term* term) {
  if (term->nullable) return Type::wrapper(Type::simple(term->kind));
  const auto parameter = [term](size_t index) { return to_type(term->parameters[index]); };
  switch (term->kind) {
    case TypeKind::kList: return Type::list(parameter(0));
    case TypeKind::kMap: return Type::map(parameter(0), parameter(1));
    case TypeKind::kOptional: return Type::optional(parameter(0));
    case TypeKind::kType:
      return term->parameters.empty() ? Type::simple(TypeKind::kType) : Type::type_of(parameter(0));
    case TypeKind::kObject: return Type::object(std::string(term->name));
    case TypeKind::kOpaque: {
      std::vector<Type> parameters;
      for (const Term* inner : term->parameters) parameters.push_back(to_type(inner));
      return Type::opaque(std::string(term->name), std::move(parameters));
    }
    case TypeKind::kParameter: return Type::dyn();
    default: return Type::simple(term->kind);
  }
}

std::string describe(const Term* term) {
  std::string result;
  switch (term->kind) {
    case TypeKind::kAny: return "any";
    case TypeKind::kDuration: return "duration";
    case TypeKind::kTimestamp: return "timestamp";
    case TypeKind::kError: return "!error!";
    case TypeKind::kNull: return "null";
    case TypeKind::kParameter: return "_var" + std::to_string(term->variable);
    case TypeKind::kOpaque:
    case TypeKind::kOptional:
    case TypeKind::kObject: result = term->name; break;
    default: result = Type::simple(term->kind).to_string(); break;
  }
  if (term->nullable) return "wrapper(" + result + ")";
  if (term->parameters.empty()) return result;
  const char* separator = "(";
  for (const Term* parameter : term->parameters) {
    result += separator;
    result += describe(parameter);
    separator = ", ";
  }
  return result + ")";
}

bool same_term(const Term* a, const Term* b) {
  if (a == b) return true;
  if (a->kind != b->kind || a->name != b->name || a->variable != b->variable) return false;
  if (a->parameters.size() != b->parameters.size()) return false;
  for (size_t i = 0; i < a->parameters.size(); ++i) {
    if (!same_term(a->parameters[i], b->parameters[i])) return false;
  }
  return true;
}

}  // namespace plimsoll::cel
