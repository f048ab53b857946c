#include "engine/cel/blame.h"

#include <algorithm>

#include "engine/cel/origin.h"

namespace plimsoll::cel {
namespace {

const CallStep* as_call(const Step& step) {
  return step.shape == StepShape::kCall ? static_cast<const CallStep*>(&step) : nullptr;
}

bool is_negation(const Step& step) {
  const CallStep* call = as_call(step);
  return call != nullptr && call->name == "!_";
}

bool is_comparison(std::string_view name) { return name == "_<_" || name == "_<=_" || name == "_>_" || name == "_>=_"; }

// x.size() or size(x): x.
const Step* sized(const Step& step) {
  const CallStep* call = as_call(step);
  return call != nullptr && call->name == "size" && call->count == 1 ? call->arguments[0] : nullptr;
}

bool is_empty_constant(const Value& value) {
  return value.is_null() || (value.is_int() && value.as_int() == 0) || (!value.is_number() && !value.is_bool() && value.size() == 0);
}

bool is_constant(const Step& step) { return step.shape == StepShape::kConstant; }
const Value& constant(const Step& step) { return static_cast<const ConstantStep&>(step).value; }

// Operands of a chain of && or ||, in order; cel-go balances such chains.
void flatten(const Step& step, bool conjunction, std::vector<const Step*>& out) {
  if (step.shape == StepShape::kLogic && static_cast<const LogicStep&>(step).conjunction == conjunction) {
    flatten(*static_cast<const LogicStep&>(step).left, conjunction, out);
    flatten(*static_cast<const LogicStep&>(step).right, conjunction, out);
    return;
  }
  out.push_back(&step);
}

bool is_key(const Place* place, std::string_view key) { return place->key.is_string() && place->key.as_string() == key; }

// Names say which thing it is, and hardly ever what is wrong with it.
bool is_identity(const Place* place) {
  if (place->depth == 1) return is_key(place, "apiVersion") || is_key(place, "kind");
  if (place->depth < 2) return false;
  if (place->depth == 2 && is_key(place->parent, "metadata")) {
    return is_key(place, "name") || is_key(place, "generateName") || is_key(place, "namespace");
  }
  return is_key(place, "name") && place->parent->key.is_int();
}

// Removes from `places` those from `first` on that `drop` tells, unless it tells all.
template <typename Drop>
void drop_unless_all(Places& places, size_t first, Drop drop) {
  const auto begin = places.begin() + static_cast<ptrdiff_t>(first);
  if (std::all_of(begin, places.end(), drop)) return;
  places.erase(std::remove_if(begin, places.end(), drop), places.end());
}

void drop_identities(Places& places, size_t first) { drop_unless_all(places, first, is_identity); }

// Of alternatives that all miss, those for which nothing is there at all say less than those below the same parent.
void drop_vague(Places& places, size_t first) {
  const Places all(places.begin() + static_cast<ptrdiff_t>(first), places.end());
  drop_unless_all(places, first, [&](const Place* place) {
    if (existing(place) == place) return false;
    for (const Place* other : all) {
      if (other == place) return false;  // of several for the same missing parent, the first stays
      if (same_place(existing(other), existing(place))) return true;
    }
    return false;
  });
  const Places rest(places.begin() + static_cast<ptrdiff_t>(first), places.end());
  drop_unless_all(places, first, [&](const Place* place) {
    const Place* parent = existing(place);
    return parent != place && std::ranges::any_of(rest, [&](const Place* other) {
             return existing(other)->depth > parent->depth && contains(parent, existing(other));
           });
  });
}

Path to_path(const Place* place) {
  std::vector<Path::Step> steps;
  for (; place->parent != nullptr; place = place->parent) {
    const Value& key = place->key;
    if (key.is_int()) {
      steps.emplace_back(static_cast<size_t>(std::max<int64_t>(key.as_int(), 0)));
    } else {
      steps.emplace_back(key.is_string() ? std::string(key.as_string()) : go_text(key));
    }
  }
  std::ranges::reverse(steps);
  return Path(std::move(steps));
}

}  // namespace

void Tracer::explain_sources(std::span<const Step* const> steps, Scope& scope, Places& out) {
  const size_t before = out.size();
  add_sources(steps, scope, false, out);
  if (out.size() == before) add_sources(steps, scope, true, out);
  drop_identities(out, before);
}

void Tracer::explain_attribute(const Attribute& attribute, Scope& scope, Places& out) {
  const size_t before = out.size();
  if (attribute.base == Attribute::Base::kConditional) {
    explain_attribute(branch(attribute, scope), scope, out);
    if (out.size() == before) explain(*attribute.operand, scope, out);
    return;
  }
  if (attribute.base == Attribute::Base::kStep && attribute.count == 0) return explain(*attribute.operand, scope, out);
  if (Scope* inner = enter(attribute)) {
    explain(*inner->plan.root, *inner, out);
    leave(inner);
    if (out.size() > before) return;
  }
  for (const Place* place : origin(attribute, scope).places) add_place(out, place);
}

// Operands that only decide whether the rule applies: !x, x == empty, x != "something", a variable of the policy by itself.
bool Tracer::is_guard(const Step& step, Scope& scope) {
  if (is_negation(step)) return true;
  if (step.shape == StepShape::kAttribute) {
    const Attribute& attribute = *static_cast<const AttributeStep&>(step).attribute;
    if (Scope* inner = enter(attribute)) {
      leave(inner);
      return true;
    }
    return origin(attribute, scope).places.empty();
  }
  if (step.shape != StepShape::kEquality) return false;
  const auto& equality = static_cast<const EqualityStep&>(step);
  const Step& other = is_constant(*equality.left) ? *equality.left : *equality.right;
  return is_constant(other) && is_empty_constant(constant(other)) != equality.negated;
}

void Tracer::explain_alternatives(std::span<const Step* const> operands, Scope& scope, Places& out) {
  const size_t before = out.size();
  std::vector<const Step*> guards;
  for (const Step* operand : operands) {
    if (operand != operands.back() && is_guard(*operand, scope)) {
      guards.push_back(operand);
    } else {
      explain(*operand, scope, out);
    }
  }
  Places by_guards;
  for (const Step* guard : guards) explain(*guard, scope, by_guards);
  if (out.size() == before) {
    for (const Place* place : by_guards) add_place(out, place);
  } else {
    drop_unless_all(out, before, [&](const Place* place) {
      return std::ranges::any_of(by_guards, [&](const Place* other) { return same_place(place, other); });
    });
  }
  drop_identities(out, before);
  drop_vague(out, before);
}

void Tracer::explain_logic(const LogicStep& logic, Scope& scope, bool result, Places& out) {
  std::vector<const Step*> operands;
  flatten(logic, logic.conjunction, operands);
  if (!result && !logic.conjunction) return explain_alternatives(operands, scope, out);
  // What all operands share in a true && and each in a false one; of a true ||, whichever is true.
  for (const Step* operand : operands) {
    if (value(*operand, scope).bool_or(!result) == result) explain(*operand, scope, out);
  }
}

void Tracer::explain_comparison(const Step& left, const Step& right, Scope& scope, Places& out) {
  const size_t before = out.size();
  const Step* operands[] = {&left, &right};
  for (int side = 0; side < 2; ++side) {
    const Step& other = *operands[1 - side];
    const Step* list = sized(*operands[side]);
    if (list == nullptr && is_constant(other) && (constant(other).is_list() || constant(other).is_string()) && constant(other).size() == 0) {
      list = operands[side];
    }
    if (list == nullptr) continue;
    const Value limit = value(other, scope);
    const Value members = value(*list, scope);
    if (!members.is_list() && !members.is_map() && !(members.is_string() && as_call(*list) != nullptr)) continue;
    if (members.size() > static_cast<size_t>(std::max<int64_t>(limit.int_or(0), 0))) explain_members(*list, scope, out);
  }
  if (out.size() == before) explain_sources(operands, scope, out);
}

void Tracer::explain_members(const Step& list, Scope& scope, Places& out) {
  if (depth_ >= kMaxDepth || is_full(out)) return;
  ++depth_;
  const size_t before = out.size();
  switch (list.shape) {
    case StepShape::kFold: {
      const auto& fold = static_cast<const FoldStep&>(list);
      const Step* predicate = fold.macro == Macro::kFilter ? fold.body : fold.macro == Macro::kMap ? fold.filter : nullptr;
      if (predicate != nullptr) {
        explain_elements(fold, *predicate, scope, true, out);
      } else if (fold.macro == Macro::kMap) {
        explain_members(*fold.range, scope, out);
      }
      break;
    }
    case StepShape::kCall: {
      const auto& call = static_cast<const CallStep&>(list);
      if (call.name == "_+_") {
        for (uint32_t i = 0; i < call.count; ++i) {
          if (value(*call.arguments[i], scope).size() > 0) explain_members(*call.arguments[i], scope, out);
        }
      } else if (call.count > 0 && value(*call.arguments[0], scope).is_list()) {
        explain_members(*call.arguments[0], scope, out);
      }
      break;
    }
    case StepShape::kOptionalOr: {
      const auto& choice = static_cast<const OptionalOrStep&>(list);
      const Value left = value(*choice.left, scope);
      const auto* optional = left.as<Optional>();
      if (optional != nullptr && !optional->has_value) explain_members(*choice.right, scope, out);
      break;
    }
    case StepShape::kAttribute: {
      const Attribute* attribute = static_cast<const AttributeStep&>(list).attribute;
      while (attribute->base == Attribute::Base::kConditional) attribute = &branch(*attribute, scope);
      if (attribute->base == Attribute::Base::kStep && attribute->count == 0) {
        explain_members(*attribute->operand, scope, out);
      } else if (Scope* inner = enter(*attribute)) {
        explain_members(*inner->plan.root, *inner, out);
        leave(inner);
      }
      break;
    }
    default: break;
  }
  if (out.size() == before) {
    const Step* steps[] = {&list};
    explain_sources(steps, scope, out);
  }
  --depth_;
}

void Tracer::explain_elements(const FoldStep& fold, const Step& p, Scope& scope, bool wanted, Places& out) {
  const Range loop = range(fold, scope);
  for (size_t i = 0; i < loop.size && !is_full(out); ++i) {
    const Origin entry = bind(fold, scope, loop, i);
    const Value result = value(p, scope);
    if (is_error(result) ? wanted : result.bool_or(wanted) != wanted) continue;
    Places reasons;
    explain(p, scope, reasons);
    // What is said of the element as a whole, or of what holds it, is better said of the element.
    if (!entry.places.empty()) {
      const Place* whole = entry.places[0];
      std::erase_if(reasons, [&](const Place* reason) { return reason->depth < whole->depth && contains(reason, whole); });
      if (reasons.empty()) reasons.push_back(whole);
    }
    for (const Place* reason : reasons) add_place(out, reason);
  }
}

void Tracer::explain_fold(const FoldStep& fold, Scope& scope, const Value& result, Places& out) {
  if (fold.macro == Macro::kAll || fold.macro == Macro::kExists) {
    if ((fold.macro == Macro::kExists) == result.bool_or(true)) return explain_elements(fold, *fold.body, scope, result.bool_or(true), out);
    // No element did it.
    const size_t before = out.size();
    if (fold.range->shape != StepShape::kList) {
      const Step* range_step[] = {fold.range};
      add_sources(range_step, scope, false, out);
    }
    // Elements that are nowhere in the object, other objects say: what they were compared with is in it.
    const Origin where = origin(*fold.range, scope);
    const bool elsewhere = !where.exact && where.elements == nullptr;
    if (out.size() == before || elsewhere) explain_elements(fold, *fold.body, scope, result.bool_or(false), out);
    return;
  }
  const Step* step[] = {&fold};
  explain_sources(step, scope, out);
}

void Tracer::explain_attribute_error(const Attribute& attribute, Scope& scope, Places& out) {
  if (attribute.base == Attribute::Base::kConditional) {
    if (is_error(value(*attribute.operand, scope))) return explain_error(*attribute.operand, scope, out);
    return explain_attribute_error(branch(attribute, scope), scope, out);
  }
  if (attribute.base == Attribute::Base::kStep && is_error(value(*attribute.operand, scope))) {
    return explain_error(*attribute.operand, scope, out);
  }
  if (Scope* inner = enter(attribute)) {
    explain_error(*inner->plan.root, *inner, out);
    leave(inner);
    return;
  }
  for (const Place* place : origin(attribute, scope).places) {
    // The first key that is missing is the one that failed.
    while (place->parent != nullptr && !place->parent->exists) place = place->parent;
    add_place(out, place);
  }
}

void Tracer::explain_error(const Step& step, Scope& scope, Places& out) {
  if (depth_ >= kMaxDepth || is_full(out)) return;
  ++depth_;
  const size_t before = out.size();
  const auto descend = [&](std::span<const Step* const> operands) {
    for (const Step* operand : operands) {
      if (is_error(value(*operand, scope))) return explain_error(*operand, scope, out);
    }
    explain_sources(operands, scope, out);
  };
  switch (step.shape) {
    case StepShape::kConstant: break;
    case StepShape::kAttribute: explain_attribute_error(*static_cast<const AttributeStep&>(step).attribute, scope, out); break;
    case StepShape::kLogic: {
      const Step* operands[] = {static_cast<const LogicStep&>(step).left, static_cast<const LogicStep&>(step).right};
      descend(operands);
      break;
    }
    case StepShape::kEquality: {
      const Step* operands[] = {static_cast<const EqualityStep&>(step).left, static_cast<const EqualityStep&>(step).right};
      descend(operands);
      break;
    }
    case StepShape::kUnary: descend({&static_cast<const UnaryStep&>(step).operand, 1}); break;
    case StepShape::kOptionalOr: {
      const Step* operands[] = {static_cast<const OptionalOrStep&>(step).left, static_cast<const OptionalOrStep&>(step).right};
      descend(operands);
      break;
    }
    case StepShape::kCall: descend({static_cast<const CallStep&>(step).arguments, static_cast<const CallStep&>(step).count}); break;
    case StepShape::kRegexCall:
      descend({static_cast<const RegexCallStep&>(step).arguments, static_cast<const RegexCallStep&>(step).count});
      break;
    case StepShape::kMembership: descend({&static_cast<const MembershipStep&>(step).item, 1}); break;
    case StepShape::kList: descend({static_cast<const ListStep&>(step).items, static_cast<const ListStep&>(step).count}); break;
    case StepShape::kMap: descend({static_cast<const MapStep&>(step).values, static_cast<const MapStep&>(step).count}); break;
    case StepShape::kMessage: descend({static_cast<const MessageStep&>(step).values, static_cast<const MessageStep&>(step).count}); break;
    case StepShape::kFold: {
      const auto& fold = static_cast<const FoldStep&>(step);
      if (is_error(value(*fold.range, scope))) {
        explain_error(*fold.range, scope, out);
        break;
      }
      if (fold.macro != Macro::kNone) {
        const Range loop = range(fold, scope);
        for (size_t i = 0; i < loop.size && !is_full(out); ++i) {
          const Origin entry = bind(fold, scope, loop, i);
          const Step* failed = nullptr;
          if (is_error(value(*fold.body, scope))) failed = fold.body;
          if (fold.filter != nullptr && is_error(value(*fold.filter, scope))) failed = fold.filter;
          if (failed == nullptr) continue;
          explain_error(*failed, scope, out);
          if (out.size() == before && !entry.places.empty()) add_place(out, entry.places[0]);
        }
      }
      if (out.size() == before) descend({&fold.range, 1});
      break;
    }
  }
  --depth_;
}

void Tracer::explain(const Step& step, Scope& scope, Places& out) {
  if (depth_ >= kMaxDepth || is_full(out)) return;
  const Value result = value(step, scope);
  if (is_error(result)) return explain_error(step, scope, out);
  ++depth_;
  switch (step.shape) {
    case StepShape::kConstant: break;
    case StepShape::kAttribute: explain_attribute(*static_cast<const AttributeStep&>(step).attribute, scope, out); break;
    case StepShape::kLogic: explain_logic(static_cast<const LogicStep&>(step), scope, result.bool_or(false), out); break;
    case StepShape::kEquality: {
      const auto& equality = static_cast<const EqualityStep&>(step);
      explain_comparison(*equality.left, *equality.right, scope, out);
      break;
    }
    case StepShape::kUnary: explain(*static_cast<const UnaryStep&>(step).operand, scope, out); break;
    case StepShape::kOptionalOr: {
      const auto& choice = static_cast<const OptionalOrStep&>(step);
      const size_t before = out.size();
      for (const Place* place : origin(step, scope).places) add_place(out, place);
      if (out.size() == before) explain(*choice.right, scope, out);
      break;
    }
    case StepShape::kCall: {
      const auto& call = static_cast<const CallStep&>(step);
      if (call.name == "!_") {
        explain(*call.arguments[0], scope, out);
      } else if (is_comparison(call.name) && call.count == 2) {
        explain_comparison(*call.arguments[0], *call.arguments[1], scope, out);
      } else {
        explain_sources({call.arguments, call.count}, scope, out);
      }
      break;
    }
    case StepShape::kMembership: explain_sources({&static_cast<const MembershipStep&>(step).item, 1}, scope, out); break;
    case StepShape::kFold: explain_fold(static_cast<const FoldStep&>(step), scope, result, out); break;
    default: {
      const Step* steps[] = {&step};
      explain_sources(steps, scope, out);
    }
  }
  --depth_;
}

std::vector<Path> blame(const BlameQuery& query) {
  Tracer tracer(query);
  Scope& scope = tracer.root_scope();
  Places places;
  tracer.explain(*scope.plan.root, scope, places);
  std::vector<Path> result;
  for (const Place* place : places) {
    if (place->parent == nullptr || result.size() == query.limit) continue;
    result.push_back(to_path(place));
  }
  return result;
}

}  // namespace plimsoll::cel
