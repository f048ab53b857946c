// Which types fit where: type variables and what they stand for so far. The laws, and their oddities, are those of cel-go's checker
// (checker/types.go): dyn fits everything, null fits objects and opaque types, list(dyn) fits list(int).
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/cel/term.h"

namespace plimsoll::cel {

class Unifier {
 public:
  explicit Unifier(Arena& arena) : arena_(arena) {}

  const Term* fresh_variable();
  // An overload's type with its variables replaced by those from `base` on.
  const Term* instantiate(const Term* term, uint32_t base);
  uint32_t reserve(uint32_t count);

  // Whether `from` fits `to`; variables are bound only if so.
  bool assignable(const Term* from, const Term* to);
  bool assignable(std::span<const Term* const> from, std::span<const Term* const> to);

  // `term` with bound variables replaced; unbound ones become dyn if `to_dyn`.
  const Term* substitute(const Term* term, bool to_dyn);

 private:
  bool fits(const Term* from, const Term* to);
  bool all_fit(std::span<const Term* const> from, std::span<const Term* const> to);
  // Whether variable `to` can stand for `from`. `bound`: it stood for something before.
  bool bind(const Term* from, const Term* to, bool& bound);
  bool occurs(const Term* variable, const Term* within) const;
  void set(uint32_t variable, const Term* term);
  void roll_back(size_t mark);

  Arena& arena_;
  std::vector<const Term*> bindings_;                       // by variable; nullptr: free
  std::vector<std::pair<uint32_t, const Term*>> trail_;     // bindings before they changed
};

// Of two types that fit each other, the less specific one.
const Term* most_general(const Term* a, const Term* b);

}  // namespace plimsoll::cel
