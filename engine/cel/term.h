// Types while the checker works on them: small nodes in an arena, compared and built without reference counting. Their laws are those
// of cel-go's checker/types.go.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/cel/type.h"
#include "engine/value/arena.h"

namespace plimsoll::cel {

struct Term {
  TypeKind kind = TypeKind::kDyn;
  bool nullable = false;      // a wrapper: wrapper(int) is an int that may be null
  uint32_t variable = 0;      // kParameter: number of the type variable
  std::string_view name = {};  // kOpaque and kObject; "optional_type" for kOptional
  std::span<const Term* const> parameters = {};
};

// Terms without parameters; one instance of each.
const Term* simple_term(TypeKind kind);
const Term* wrapper_term(TypeKind wrapped);
const Term* make_term(Arena& arena, TypeKind kind, std::string_view name, std::span<const Term* const> parameters);
const Term* list_term(Arena& arena, const Term* item);
const Term* map_term(Arena& arena, const Term* key, const Term* value);
const Term* optional_term(Arena& arena, const Term* item);
const Term* type_term(Arena& arena, const Term* item);
const Term* variable_term(Arena& arena, uint32_t variable);

// Names are copied into the arena.
const Term* to_term(Arena& arena, const Type& type);
Type to_type(const Term* term);
// As messages print it: "list(int)", "timestamp", "null", "!error!", "_var3".
std::string describe(const Term* term);

// Same kind, name and parameters; wrapper(int) is int here.
bool same_term(const Term* a, const Term* b);

inline bool is_dyn(const Term* term) { return term->kind == TypeKind::kDyn || term->kind == TypeKind::kAny; }
inline bool is_error(const Term* term) { return term->kind == TypeKind::kError; }

}  // namespace plimsoll::cel
