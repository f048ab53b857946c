// Where the values of an expression come from: the part of blame.h that follows values, as steps compute them, back to the object.
//
//   Tracer tracer(query);
//   Origin origin = tracer.origin(step, scope);    // of c.image within containers.all(c, ...): spec.containers[1].image
//
// A value is either at a place (origin.exact), or was made from what is at some places, or neither. Lists that an expression puts
// together remember the origin of each element, so that (a + b).filter(...)[0].x is found again in the object.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/cel/blame.h"
#include "engine/cel/plan.h"
#include "engine/cel/step.h"

namespace plimsoll::cel {

// A path as a chain from the root, in the query's arena. What does not exist may have a place, too.
struct Place {
  const Place* parent;
  Value key;
  uint32_t depth;
  bool exists;
};
using Places = std::vector<const Place*>;

bool same_place(const Place* a, const Place* b);
// The place itself or the nearest one above it that exists.
const Place* existing(const Place* place);
// Whether `a` is `b` or above it.
bool contains(const Place* a, const Place* b);
void add_place(Places& places, const Place* place);  // unless it is there

struct Origin {
  bool exact = false;  // the value is what is at places[0]
  std::span<const Place* const> places = {};
  const Origin* elements = nullptr;  // of a list put together by the expression
  size_t count = 0;
};

// A program while it is looked into: its variables, and the origins of its locals.
struct Scope {
  Scope(const Plan& plan_, Activation& activation, Arena& arena, uint64_t limit);
  const Plan& plan;
  Value* values;
  Origin* locals;
  Frame frame;
};

class Tracer {
 public:
  explicit Tracer(const BlameQuery& query);

  Value value(const Step& step, Scope& scope);
  Origin origin(const Step& step, Scope& scope);
  Origin origin(const Attribute& attribute, Scope& scope);
  // Origin of element `index` of a list or entry of a map with origin `container`.
  Origin element(const Origin& container, const Value& list, size_t index);

  // Elements of a comprehension's range, one after another: bind() sets the iteration variables.
  struct Range {
    Value value;
    Origin origin;
    size_t size = 0;
  };
  Range range(const FoldStep& fold, Scope& scope);
  // Returns the origin of the element.
  Origin bind(const FoldStep& fold, Scope& scope, const Range& range, size_t index);

  // The scope of the expression behind attribute `a` if that is a policy's variable as a whole; nullptr if not, or if that expression
  // is being looked into already.
  Scope* enter(const Attribute& attribute);
  void leave(Scope* scope);
  // The branch that is taken.
  const Attribute& branch(const Attribute& conditional, Scope& scope);

  // All places that the value of a step was made from. `weak`: also those that only chose it, such as the key of a lookup in constants.
  void sources(const Step& step, Scope& scope, bool weak, Places& out);
  // Why a boolean step is what it is (blame.cc).
  void explain(const Step& step, Scope& scope, Places& out);

  // False once the budget is spent; every walk ends then.
  bool can_go_on() const { return spent_ < kBudget; }
  bool is_full(const Places& places) const { return places.size() >= query_.limit || !can_go_on(); }
  Scope& root_scope() { return *root_scope_; }

 private:
  static constexpr uint64_t kBudget = 2'000'000;  // CEL cost units, two calls' worth
  static constexpr int kMaxDepth = 500;

  struct Variable {
    size_t variable, field;
    const Program* program;
    std::unique_ptr<Scope> scope;
    bool running = false;
    bool known = false;
    Origin origin;
  };
  Variable* find_variable(const Attribute& attribute);

  const Place* child(const Place* parent, const Value& key, bool exists);
  const Place* locate(const Value& container);
  void index_object(const Value& value, const Place* place);
  Origin at(const Place* place);
  Origin from(const Places& places);
  Origin origin_of_call(const CallStep& call, const Step& step, Scope& scope);
  Origin origin_of_list(const ListStep& list, Scope& scope);
  Origin origin_of_fold(const FoldStep& fold, Scope& scope);
  Origin with_elements(Origin base, const std::vector<Origin>& elements);
  void add_sources(std::span<const Step* const> steps, Scope& scope, bool weak, Places& out);

  // blame.cc
  void explain_attribute(const Attribute& attribute, Scope& scope, Places& out);
  void explain_sources(std::span<const Step* const> steps, Scope& scope, Places& out);
  void explain_logic(const LogicStep& logic, Scope& scope, bool result, Places& out);
  void explain_alternatives(std::span<const Step* const> operands, Scope& scope, Places& out);
  void explain_comparison(const Step& left, const Step& right, Scope& scope, Places& out);
  void explain_fold(const FoldStep& fold, Scope& scope, const Value& result, Places& out);
  // Why `p` has its value for the elements for which it is `wanted`.
  void explain_elements(const FoldStep& fold, const Step& p, Scope& scope, bool wanted, Places& out);
  // Why the list has elements at all.
  void explain_members(const Step& list, Scope& scope, Places& out);
  void explain_error(const Step& step, Scope& scope, Places& out);
  void explain_attribute_error(const Attribute& attribute, Scope& scope, Places& out);
  bool is_guard(const Step& step, Scope& scope);

  const BlameQuery& query_;
  uint64_t spent_ = 0;
  int depth_ = 0;
  const Place* root_;
  Value object_;
  std::unique_ptr<Scope> root_scope_;
  std::vector<std::unique_ptr<Variable>> variables_;
  bool indexed_ = false;
  std::unordered_map<const void*, const Place*> nodes_;  // of the object, by the address of the container
};

}  // namespace plimsoll::cel
