// Which fields of an object made an expression false: what a finding points at.
//
//   BlameQuery query{*program, activation, arena, kObject, lazy_programs};
//   std::vector<Path> paths = blame(query);
//   // containers.all(c, c.image.startsWith("registry/"))  ->  spec.containers[1].image, spec.containers[3].image
//
// How: the expression is walked once more, by its plan (step.h), and only when it came out false or failed, so that what passes pays
// nothing. Two questions are asked of a step. Where does its value come from (origin.h)? And why is it what it is?
//
//   a && b  false     the operands that are false
//   a || b  false     what the last operand and the alternatives to it ask for. Operands that only say when the rule applies are left
//                     out: !guard, kind != "Pod", x == "", variables.isWindows; and so are names, where there is more to blame
//   !a                why a is true
//   l.all(e, p)       for each element that fails, why p is false; the element itself if p tells nothing below it
//   l.exists(e, p)    false: the list l, which lacks such an element; if it is put together by the expression, why p is false for
//                     each element. True: why p is true
//   has(a.b), a.?b    the field, whether it is there or not
//   x.orValue(y)      where the value was taken from, else the field that is missing
//   c ? a : b         the branch taken; the condition if the branch is a constant
//   l.filter(e, p).size() == 0    why p is true for the elements that are left
//   ==, <, in, calls  the fields that the operands come from
//   an error          the key that is missing, or the fields that the failed call was given
//
// Variables of the policy are followed into their own expressions. Only places in the object count: params, the request and constants
// have none. The order is that of the expression and of the elements, without repetitions.
#pragma once

#include <functional>
#include <vector>

#include "engine/cel/cel.h"
#include "engine/value/path.h"

namespace plimsoll::cel {

struct BlameQuery {
  const Program& program;
  Activation& activation;
  Arena& arena;
  size_t object = 0;  // number of the variable whose fields are sought
  // The program behind a field of a lazy variable; nullptr if there is none.
  std::function<const Program*(size_t variable, size_t field)> lazy_program = {};
  size_t limit = 20;  // paths
};

// Empty if nothing of the object had a part in it, or if the work came to more than a few evaluations' budgets (the paths found until
// then are given). Paths may end in fields that do not exist.
std::vector<Path> blame(const BlameQuery& query);

}  // namespace plimsoll::cel
