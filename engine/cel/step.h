// The plan of a program: a tree of steps, each with the function that runs it. Made once by the planner, in the program's arena,
// and never changed afterwards.
//
//   Value result = run(*plan, frame);
//
// Steps mirror cel-go's interpretables, since the runtime cost counts them: an attribute is a variable with all its selections, evaluated
// as one. Values of a step may be error values; a step passes on the first error among its operands, but for those that absorb errors.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/cel/ast.h"
#include "engine/cel/cost.h"
#include "engine/cel/frame.h"
#include "engine/cel/functions.h"
#include "engine/cel/functions/regex_match.h"
#include "engine/value/value.h"

namespace plimsoll::cel {

// Which struct a step is, for those that look into plans (blame.h), whatever function runs it.
enum class StepShape : uint8_t {
  kConstant, kAttribute, kLogic, kEquality, kUnary, kOptionalOr, kCall, kRegexCall, kMembership, kList, kMap, kMessage, kFold,
};

struct Step {
  Value (*evaluate)(const Step& step, Frame& frame);
  StepShape shape = StepShape::kConstant;
};

inline Value run(const Step& step, Frame& frame) { return step.evaluate(step, frame); }

struct ConstantStep : Step {
  static constexpr StepShape kShape = StepShape::kConstant;
  Value value;
};

// A part of an attribute after its base: .name, [key], .?name, [?key].
struct Attribute;
struct Qualifier {
  enum class Kind : uint8_t {
    kName,       // a string key
    kKey,        // a constant key of another kind
    kField,      // a field of an Object{...}
    kLazyField,  // a field of a lazy variable; the first qualifier of its attribute
    kAttribute,  // a key that is an attribute: it costs only what its own qualifiers cost
    kComputed,   // a key that any other step computes
  };
  Kind kind = Kind::kName;
  bool optional = false;
  bool test_only = false;  // the last of has()
  Value key;               // kName, kKey, kField
  const Attribute* attribute = nullptr;
  const Step* computed = nullptr;
  uint32_t field = 0;
};

struct Attribute {
  enum class Base : uint8_t { kVariable, kLocal, kStep, kConditional };
  Base base = Base::kVariable;
  bool plain = true;             // only names, none optional, no lazy field
  uint32_t slot = 0;             // of the variable or local
  uint32_t variable = 0;         // number in the environment
  const Step* operand = nullptr; // kStep; kConditional: the condition; kLocal: initial value of an accumulator, if not constant
  Attribute* truthy = nullptr;   // kConditional
  Attribute* falsy = nullptr;
  const Qualifier** qualifiers = nullptr;
  uint32_t count = 0;
  uint32_t capacity = 0;
};

struct AttributeStep : Step {
  static constexpr StepShape kShape = StepShape::kAttribute;
  Attribute* attribute;
  bool test_only;
};

// && and ||
struct LogicStep : Step {
  static constexpr StepShape kShape = StepShape::kLogic;
  bool conjunction;  // &&
  const Step* left;
  const Step* right;
};

struct EqualityStep : Step {
  static constexpr StepShape kShape = StepShape::kEquality;
  const Step* left;
  const Step* right;
  bool negated;
};

struct UnaryStep : Step {
  static constexpr StepShape kShape = StepShape::kUnary;
  const Step* operand;
};

// optional.or(optional), optional.orValue(value)
struct OptionalOrStep : Step {
  static constexpr StepShape kShape = StepShape::kOptionalOr;
  const Step* left;
  const Step* right;
  bool unwrap;
};

struct CallStep : Step {
  static constexpr StepShape kShape = StepShape::kCall;
  std::string_view name;
  Function function = nullptr;                   // to be called without a guard
  const Implementation* implementation = nullptr;  // else the only candidate
  const FunctionEntry* entry = nullptr;          // else all overloads, by argument types
  CostRule cost = CostRule::kOne;
  const Step** arguments = nullptr;
  uint32_t count = 0;
};

struct RegexCallStep : Step {
  static constexpr StepShape kShape = StepShape::kRegexCall;
  const Regex* regex;
  RegexFunction function;
  CostRule cost;
  const Step** arguments;
  uint32_t count;
};

// x in [constants]
struct MembershipStep : Step {
  static constexpr StepShape kShape = StepShape::kMembership;
  const Step* item;
  const List* list;
  const Map* strings;  // if all are strings and there are many
};

struct ListStep : Step {
  static constexpr StepShape kShape = StepShape::kList;
  const Step** items;
  const bool* optional;  // nullptr: none is
  uint32_t count;
};

struct MapStep : Step {
  static constexpr StepShape kShape = StepShape::kMap;
  const Step** keys;
  const Step** values;
  const bool* optional;
  uint32_t count;
};

struct MessageStep : Step {
  static constexpr StepShape kShape = StepShape::kMessage;
  std::string_view type_name;
  const std::string_view* names;
  const Step** values;
  const bool* optional;
  uint32_t count;
};

struct FoldStep : Step {
  static constexpr StepShape kShape = StepShape::kFold;
  Macro macro;  // of a shortcut, with `body` set; else kNone
  const Step* range;
  const Step* init;       // run when the accumulator is first asked for, unless constant
  const Step* condition;
  const Step* step;
  const Step* result;
  const Step* body;       // of the shortcuts: the predicate or the mapped expression
  const Step* filter;     // of map() with three arguments
  uint32_t iter_slot;
  uint32_t iter2_slot;
  uint32_t accu_slot;
  bool two_variables;
  bool constant_init;
};

// Functions that run the kinds of steps.
Value run_constant(const Step& step, Frame& frame);
Value run_and(const Step& step, Frame& frame);
Value run_or(const Step& step, Frame& frame);
Value run_equality(const Step& step, Frame& frame);
Value run_not_strictly_false(const Step& step, Frame& frame);
Value run_optional_or(const Step& step, Frame& frame);
Value run_call(const Step& step, Frame& frame);           // all arguments, then the function
Value run_variadic_call(const Step& step, Frame& frame);  // arguments up to the first error
Value run_regex_call(const Step& step, Frame& frame);
Value run_membership(const Step& step, Frame& frame);
Value run_list(const Step& step, Frame& frame);
Value run_map(const Step& step, Frame& frame);
Value run_message(const Step& step, Frame& frame);
// attribute.cc
Value run_attribute(const Step& step, Frame& frame);
Value run_plain_variable(const Step& step, Frame& frame);
Value run_plain_local(const Step& step, Frame& frame);
Value resolve(const Attribute& attribute, Frame& frame);
// fold.cc
Value run_fold(const Step& step, Frame& frame);
Value run_bind(const Step& step, Frame& frame);
Value run_all(const Step& step, Frame& frame);
Value run_exists(const Step& step, Frame& frame);
Value run_map_macro(const Step& step, Frame& frame);     // body mapped, after an optional filter
Value run_filter_macro(const Step& step, Frame& frame);
// What an accumulator starts with: empty containers become mutable ones of its own.
Value initial_accumulator(const Value& value, Frame& frame);

// Keys of map literals: those that Go can hash.
Value put_entry(Frame& frame, Map& map, const Value& key, const Value& value);
void remove_entry(Arena& arena, Map*& map, const Value& key);
// Go's name for the type of a value, as %T prints it.
std::string_view go_type(const Value& value);

}  // namespace plimsoll::cel
