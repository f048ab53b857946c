#include "engine/cel/unify.h"

#include <algorithm>

namespace plimsoll::cel {
namespace {

bool is_variable(const Term* term) { return term->kind == TypeKind::kParameter; }

// Whether a value of type `from` may stand where the ground type `to` is wanted.
bool accepts(const Term* to, const Term* from) {
  if (to == from || is_dyn(to) || is_variable(to)) return true;
  if (to->nullable && from->kind == TypeKind::kNull) return true;
  if (to->kind != from->kind || to->name != from->name || to->parameters.size() != from->parameters.size()) return false;
  for (size_t i = 0; i < to->parameters.size(); ++i) {
    if (!accepts(to->parameters[i], from->parameters[i])) return false;
  }
  return true;
}

bool accepts_null(const Term* term) {
  switch (term->kind) {
    case TypeKind::kOpaque:
    case TypeKind::kOptional:
    case TypeKind::kObject:
    case TypeKind::kAny:
    case TypeKind::kDuration:
    case TypeKind::kTimestamp:
    case TypeKind::kNull: return true;
    default: return term->nullable;
  }
}

bool less_specific_or_same(const Term* a, const Term* b) {
  if (is_dyn(a) || is_variable(a)) return true;
  if (is_dyn(b) || is_variable(b)) return false;
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case TypeKind::kType: return true;
    case TypeKind::kOpaque:
    case TypeKind::kOptional:
    case TypeKind::kList:
    case TypeKind::kMap:
      if (a->name != b->name || a->parameters.size() != b->parameters.size()) return false;
      for (size_t i = 0; i < a->parameters.size(); ++i) {
        if (!less_specific_or_same(a->parameters[i], b->parameters[i])) return false;
      }
      return true;
    default: return same_term(a, b);
  }
}

}  // namespace

const Term* most_general(const Term* a, const Term* b) { return less_specific_or_same(a, b) ? a : b; }

const Term* Unifier::fresh_variable() { return variable_term(arena_, reserve(1)); }

uint32_t Unifier::reserve(uint32_t count) {
  const auto first = static_cast<uint32_t>(bindings_.size());
  bindings_.resize(bindings_.size() + count, nullptr);
  return first;
}

const Term* Unifier::instantiate(const Term* term, uint32_t base) {
  if (is_variable(term)) return variable_term(arena_, base + term->variable);
  if (term->parameters.empty()) return term;
  const Term** parameters = arena_.allocate_array<const Term*>(term->parameters.size());
  for (size_t i = 0; i < term->parameters.size(); ++i) parameters[i] = instantiate(term->parameters[i], base);
  Term* result = arena_.make<Term>(*term);
  result->parameters = {parameters, term->parameters.size()};
  return result;
}

void Unifier::set(uint32_t variable, const Term* term) {
  trail_.emplace_back(variable, bindings_[variable]);
  bindings_[variable] = term;
}

void Unifier::roll_back(size_t mark) {
  while (trail_.size() > mark) {
    bindings_[trail_.back().first] = trail_.back().second;
    trail_.pop_back();
  }
}

bool Unifier::assignable(const Term* from, const Term* to) {
  if (fits(from, to)) {
    trail_.clear();
    return true;
  }
  roll_back(0);
  return false;
}

bool Unifier::assignable(std::span<const Term* const> from, std::span<const Term* const> to) {
  if (all_fit(from, to)) {
    trail_.clear();
    return true;
  }
  roll_back(0);
  return false;
}

bool Unifier::all_fit(std::span<const Term* const> from, std::span<const Term* const> to) {
  if (from.size() != to.size()) return false;
  for (size_t i = 0; i < from.size(); ++i) {
    if (!fits(from[i], to[i])) return false;
  }
  return true;
}

bool Unifier::fits(const Term* from, const Term* to) {
  if (is_variable(to)) {
    bool bound = false;
    if (bind(from, to, bound)) return true;
    if (bound) return false;
  }
  if (is_variable(from)) {
    bool bound = false;
    return bind(to, from, bound);
  }
  if (is_dyn(from) || is_error(from) || is_dyn(to) || is_error(to)) return true;
  if (from->kind == TypeKind::kNull) return accepts_null(to);
  if (to->kind == TypeKind::kNull) return accepts_null(from);
  switch (from->kind) {
    case TypeKind::kType: return to->kind == TypeKind::kType;
    case TypeKind::kOpaque:
    case TypeKind::kOptional:
    case TypeKind::kList:
    case TypeKind::kMap:
      return from->kind == to->kind && from->name == to->name && all_fit(from->parameters, to->parameters);
    default: return accepts(to, from);
  }
}

bool Unifier::bind(const Term* from, const Term* to, bool& bound) {
  bound = true;
  if (is_variable(from) && from->variable == to->variable) return true;
  if (const Term* current = bindings_[to->variable]) {
    if (same_term(from, current)) return true;
    if (!fits(from, current)) return false;
    const Term* general = most_general(from, current);
    if (!occurs(to, general)) set(to->variable, general);
    return true;
  }
  bound = false;
  if (occurs(to, from)) return false;
  set(to->variable, from);
  return true;
}

bool Unifier::occurs(const Term* variable, const Term* within) const {
  if (is_variable(within)) {
    if (within->variable == variable->variable) return true;
    const Term* meaning = bindings_[within->variable];
    return meaning != nullptr && occurs(variable, meaning);
  }
  for (const Term* parameter : within->parameters) {
    if (occurs(variable, parameter)) return true;
  }
  return false;
}

const Term* Unifier::substitute(const Term* term, bool to_dyn) {
  if (is_variable(term)) {
    if (const Term* meaning = bindings_[term->variable]) return substitute(meaning, to_dyn);
    return to_dyn ? simple_term(TypeKind::kDyn) : term;
  }
  const Term** parameters = nullptr;  // made when the first parameter changes
  for (size_t i = 0; i < term->parameters.size(); ++i) {
    const Term* parameter = substitute(term->parameters[i], to_dyn);
    if (parameters == nullptr) {
      if (parameter == term->parameters[i]) continue;
      parameters = arena_.allocate_array<const Term*>(term->parameters.size());
      std::copy_n(term->parameters.begin(), i, parameters);
    }
    parameters[i] = parameter;
  }
  if (parameters == nullptr) return term;
  Term* result = arena_.make<Term>(*term);
  result->parameters = {parameters, term->parameters.size()};
  return result;
}

}  // namespace plimsoll::cel
