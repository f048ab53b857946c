#include "engine/cel/origin.h"

#include <algorithm>

namespace plimsoll::cel {
namespace {


bool is_lazy(const Attribute& attribute) {
  return attribute.base == Attribute::Base::kVariable && attribute.count > 0 && attribute.qualifiers[0]->kind == Qualifier::Kind::kLazyField;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) { return std::ranges::find(names, name) != names.end(); }

// The entry of a container under a key; nullptr if there is none.
const Value* child_of(const Value& container, const Value& key) {
  if (container.is_map()) return find_key(*container.as_map(), key);
  if (container.is_list() && key.is_int() && key.as_int() >= 0 && static_cast<size_t>(key.as_int()) < container.size()) {
    return &(*container.as_list())[static_cast<size_t>(key.as_int())];
  }
  return nullptr;
}

}  // namespace

bool same_place(const Place* a, const Place* b) {
  while (a != b) {
    if (a == nullptr || b == nullptr || a->depth != b->depth || !equal(a->key, b->key)) return false;
    a = a->parent;
    b = b->parent;
  }
  return true;
}

const Place* existing(const Place* place) {
  const Place* result = place;
  for (; place != nullptr; place = place->parent) {
    if (!place->exists) result = place->parent;
  }
  return result;
}

bool contains(const Place* a, const Place* b) {
  while (b != nullptr && b->depth > a->depth) b = b->parent;
  return same_place(a, b);
}

void add_place(Places& places, const Place* place) {
  if (std::ranges::none_of(places, [&](const Place* other) { return same_place(place, other); })) places.push_back(place);
}

Scope::Scope(const Plan& plan_, Activation& activation, Arena& arena, uint64_t limit)
    : plan(plan_),
      values(arena.allocate_array<Value>(plan_.variables.size() + plan_.locals)),
      locals(arena.allocate_array<Origin>(plan_.locals)),
      frame(arena, activation, limit, plan_.library, values, values + plan_.variables.size()) {
  std::fill_n(values, plan.variables.size() + plan.locals, unset());
  std::fill_n(locals, plan.locals, Origin());
}

Tracer::Tracer(const BlameQuery& query)
    : query_(query), root_(query.arena.make<Place>(nullptr, Value(), 0U, true)) {
  root_scope_ = std::make_unique<Scope>(query.program.plan(), query.activation, query.arena, kBudget);
  const Outcome object = query.activation.variable(query.object);
  if (object.ok()) object_ = object.value();
}

Value Tracer::value(const Step& step, Scope& scope) {
  const uint64_t before = scope.frame.cost();
  const Value result = run(step, scope.frame);
  spent_ += scope.frame.cost() - before + 1;
  if (scope.frame.stopped()) spent_ = kBudget;
  return result;
}

const Place* Tracer::child(const Place* parent, const Value& key, bool exists) {
  return query_.arena.make<Place>(parent, key, parent->depth + 1, exists && parent->exists);
}

void Tracer::index_object(const Value& value, const Place* place) {
  if (value.is_map()) {
    if (!nodes_.emplace(value.as_map(), place).second) return;  // an alias
    for (const Map::Entry& entry : *value.as_map()) {
      if (entry.value.is_map() || entry.value.is_list()) index_object(entry.value, child(place, entry.key, true));
    }
  } else if (value.is_list()) {
    if (!nodes_.emplace(value.as_list(), place).second) return;
    for (size_t i = 0; i < value.size(); ++i) {
      const Value& item = (*value.as_list())[i];
      if (item.is_map() || item.is_list()) index_object(item, child(place, Value::integer(static_cast<int64_t>(i)), true));
    }
  }
}

// Where in the object this very container is: for values that went through functions.
const Place* Tracer::locate(const Value& container) {
  if (!container.is_map() && !container.is_list()) return nullptr;
  if (!indexed_) index_object(object_, root_);
  indexed_ = true;
  const auto found = nodes_.find(container.is_map() ? static_cast<const void*>(container.as_map()) : container.as_list());
  return found == nodes_.end() ? nullptr : found->second;
}

Origin Tracer::at(const Place* place) {
  const Place* places[] = {place};
  return {true, query_.arena.copy(std::span<const Place* const>(places)), nullptr, 0};
}

Origin Tracer::from(const Places& places) {
  return {false, query_.arena.copy(std::span<const Place* const>(places)), nullptr, 0};
}

Origin Tracer::with_elements(Origin base, const std::vector<Origin>& elements) {
  base.exact = false;
  auto* copy = query_.arena.allocate_array<Origin>(elements.size());
  std::ranges::copy(elements, copy);
  base.elements = copy;
  base.count = elements.size();
  return base;
}

Origin Tracer::element(const Origin& container, const Value& list, size_t index) {
  if (container.elements != nullptr) return index < container.count ? container.elements[index] : Origin();
  const bool is_map = list.is_map();
  const Value key = is_map ? list.as_map()->begin()[index].key : Value::integer(static_cast<int64_t>(index));
  if (container.exact) return at(child(container.places[0], key, true));
  if (list.is_list()) {
    if (const Place* place = locate((*list.as_list())[index])) return at(place);
  }
  return {false, container.places, nullptr, 0};
}

Tracer::Range Tracer::range(const FoldStep& fold, Scope& scope) {
  Range range{value(*fold.range, scope), origin(*fold.range, scope), 0};
  if (range.value.is_list() || range.value.is_map()) range.size = range.value.size();
  return range;
}

Origin Tracer::bind(const FoldStep& fold, Scope& scope, const Range& range, size_t index) {
  const Origin entry = element(range.origin, range.value, index);
  Value first, second;
  Origin first_origin = entry, second_origin;
  if (range.value.is_map()) {
    const Map::Entry& pair = range.value.as_map()->begin()[index];
    first = pair.key;
    second = pair.value;
    first_origin = {false, entry.places, nullptr, 0};
    second_origin = entry;
  } else {
    const Value& item = (*range.value.as_list())[index];
    first = fold.two_variables ? Value::integer(static_cast<int64_t>(index)) : item;
    second = item;
    if (fold.two_variables) {
      first_origin = {};  // an index
      second_origin = entry;
    }
  }
  scope.frame.local(fold.iter_slot) = first;
  scope.locals[fold.iter_slot] = first_origin;
  if (fold.two_variables) {
    scope.frame.local(fold.iter2_slot) = second;
    scope.locals[fold.iter2_slot] = second_origin;
  }
  return entry;
}

Tracer::Variable* Tracer::find_variable(const Attribute& attribute) {
  if (!is_lazy(attribute)) return nullptr;
  const uint32_t field = attribute.qualifiers[0]->field;
  for (const auto& variable : variables_) {
    if (variable->variable == attribute.variable && variable->field == field) return variable.get();
  }
  auto variable = std::make_unique<Variable>();
  variable->variable = attribute.variable;
  variable->field = field;
  variable->program = query_.lazy_program ? query_.lazy_program(attribute.variable, field) : nullptr;
  if (variable->program != nullptr) {
    variable->scope = std::make_unique<Scope>(variable->program->plan(), query_.activation, query_.arena, kBudget);
  }
  variables_.push_back(std::move(variable));
  return variables_.back().get();
}

Scope* Tracer::enter(const Attribute& attribute) {
  if (!is_lazy(attribute) || attribute.count != 1 || attribute.qualifiers[0]->test_only) return nullptr;
  Variable* variable = find_variable(attribute);
  if (variable->program == nullptr || variable->running) return nullptr;
  variable->running = true;
  return variable->scope.get();
}

void Tracer::leave(Scope* scope) {
  for (const auto& variable : variables_) {
    if (variable->scope.get() == scope) variable->running = false;
  }
}

const Attribute& Tracer::branch(const Attribute& conditional, Scope& scope) {
  const Value condition = value(*conditional.operand, scope);
  return condition.is_bool() && condition.as_bool() ? *conditional.truthy : *conditional.falsy;
}

Origin Tracer::origin(const Attribute& attribute, Scope& scope) {
  Origin result;
  Value current;
  uint32_t first = 0;
  switch (attribute.base) {
    case Attribute::Base::kVariable:
      if (Variable* variable = find_variable(attribute)) {
        first = 1;
        if (variable->program == nullptr || variable->running) return {};
        if (!variable->known) {
          variable->running = true;
          variable->origin = origin(*variable->program->plan().root, *variable->scope);
          variable->running = false;
          variable->known = true;
        }
        result = variable->origin;
        if (attribute.count > 1) current = scope.frame.load(query_.activation.field(attribute.variable, variable->field));
      } else if (attribute.variable == query_.object) {
        result = at(root_);
        current = object_;
      } else {
        current = scope.frame.variable(attribute.slot, attribute.variable);
      }
      break;
    case Attribute::Base::kLocal:
      result = scope.locals[attribute.slot];
      current = scope.frame.local(attribute.slot);
      break;
    case Attribute::Base::kStep:
      result = origin(*attribute.operand, scope);
      if (attribute.count > 0) current = value(*attribute.operand, scope);
      break;
    case Attribute::Base::kConditional: return origin(branch(attribute, scope), scope);
  }
  for (uint32_t i = first; i < attribute.count; ++i) {
    const Qualifier& qualifier = *attribute.qualifiers[i];
    if (const auto* optional = current.as<Optional>()) current = optional->has_value ? optional->value : Value();
    Value key = qualifier.key;
    if (qualifier.kind == Qualifier::Kind::kAttribute) key = resolve(*qualifier.attribute, scope.frame);
    if (qualifier.kind == Qualifier::Kind::kComputed) key = value(*qualifier.computed, scope);
    const Value* next = child_of(current, key);
    if (result.exact) {
      if (is_error(key)) return result;
      result = at(child(result.places[0], key, next != nullptr));
    } else if (current.is_list() && next != nullptr) {
      result = element(result, current, static_cast<size_t>(key.as_int()));
    } else if (next != nullptr) {
      const Place* place = locate(*next);
      result = place != nullptr ? at(place) : Origin{false, result.places, nullptr, 0};
    } else {
      result = {false, result.places, nullptr, 0};
    }
    current = next != nullptr ? *next : Value();
  }
  return result;
}

Origin Tracer::origin_of_call(const CallStep& call, const Step& step, Scope& scope) {
  if (call.count == 1 && is_one_of(call.name, {"dyn", "value", "optional.of", "optional.ofNonZeroValue"})) {
    return origin(*call.arguments[0], scope);
  }
  if (call.name == "_+_" && call.count == 2) {
    const Value left = value(*call.arguments[0], scope), right = value(*call.arguments[1], scope);
    if (left.is_list() && right.is_list()) {
      const Origin parts[] = {origin(*call.arguments[0], scope), origin(*call.arguments[1], scope)};
      std::vector<Origin> elements;
      for (size_t i = 0; i < left.size(); ++i) elements.push_back(element(parts[0], left, i));
      for (size_t i = 0; i < right.size(); ++i) elements.push_back(element(parts[1], right, i));
      Places places(parts[0].places.begin(), parts[0].places.end());
      for (const Place* place : parts[1].places) add_place(places, place);
      return with_elements(from(places), elements);
    }
  }
  Places places;
  sources(step, scope, false, places);
  return from(places);
}

Origin Tracer::origin_of_list(const ListStep& list, Scope& scope) {
  std::vector<Origin> elements;
  Places places;
  for (uint32_t i = 0; i < list.count; ++i) {
    const Origin item = origin(*list.items[i], scope);
    for (const Place* place : item.places) add_place(places, place);
    if (list.optional != nullptr && list.optional[i]) {
      const Value optional_value = value(*list.items[i], scope);
      const auto* optional = optional_value.as<Optional>();
      if (optional == nullptr || !optional->has_value) continue;
    }
    elements.push_back(item);
  }
  return with_elements(from(places), elements);
}

Origin Tracer::origin_of_fold(const FoldStep& fold, Scope& scope) {
  Places places;
  if (fold.macro == Macro::kAll || fold.macro == Macro::kExists) {
    explain(fold, scope, places);
    return from(places);
  }
  const Range loop = range(fold, scope);
  if (fold.macro != Macro::kFilter && fold.macro != Macro::kMap) {
    if (loop.value.is_list() && loop.size == 0) {  // cel.bind
      scope.locals[fold.accu_slot] = origin(*fold.init, scope);
      scope.frame.local(fold.accu_slot) = value(*fold.init, scope);
      return origin(*fold.result, scope);
    }
    places.assign(loop.origin.places.begin(), loop.origin.places.end());
    return from(places);
  }
  const Step* predicate = fold.macro == Macro::kFilter ? fold.body : fold.filter;
  std::vector<Origin> elements;
  places.assign(loop.origin.places.begin(), loop.origin.places.end());
  for (size_t i = 0; i < loop.size && can_go_on(); ++i) {
    bind(fold, scope, loop, i);
    if (predicate != nullptr && !value(*predicate, scope).bool_or(false)) continue;
    elements.push_back(fold.macro == Macro::kFilter ? scope.locals[fold.iter_slot] : origin(*fold.body, scope));
    if (loop.origin.places.empty()) {
      for (const Place* place : elements.back().places) add_place(places, place);
    }
  }
  return with_elements(from(places), elements);
}

Origin Tracer::origin(const Step& step, Scope& scope) {
  if (depth_ >= kMaxDepth || !can_go_on()) return {};
  ++depth_;
  Origin result;
  switch (step.shape) {
    case StepShape::kConstant: break;
    case StepShape::kAttribute: result = origin(*static_cast<const AttributeStep&>(step).attribute, scope); break;
    case StepShape::kOptionalOr: {
      const auto& choice = static_cast<const OptionalOrStep&>(step);
      result = origin(*choice.left, scope);
      const Value left = value(*choice.left, scope);
      const auto* optional = left.as<Optional>();
      if (optional == nullptr || optional->has_value) break;
      const Origin other = origin(*choice.right, scope);
      if (result.places.empty() || (other.exact && other.places[0]->exists)) {
        result = other;
      } else if (other.elements != nullptr) {
        result = {false, result.places, other.elements, other.count};
      }
      break;
    }
    case StepShape::kCall: result = origin_of_call(static_cast<const CallStep&>(step), step, scope); break;
    case StepShape::kList: result = origin_of_list(static_cast<const ListStep&>(step), scope); break;
    case StepShape::kFold: result = origin_of_fold(static_cast<const FoldStep&>(step), scope); break;
    default: {
      Places places;
      sources(step, scope, false, places);
      result = from(places);
    }
  }
  --depth_;
  return result;
}

void Tracer::add_sources(std::span<const Step* const> steps, Scope& scope, bool weak, Places& out) {
  for (const Step* step : steps) sources(*step, scope, weak, out);
}

void Tracer::sources(const Step& step, Scope& scope, bool weak, Places& out) {
  if (depth_ >= kMaxDepth || is_full(out)) return;
  ++depth_;
  switch (step.shape) {
    case StepShape::kConstant: break;
    case StepShape::kAttribute: {
      const Attribute* attribute = static_cast<const AttributeStep&>(step).attribute;
      const Attribute* conditional = nullptr;
      while (attribute->base == Attribute::Base::kConditional) {
        conditional = attribute;
        attribute = &branch(*attribute, scope);
      }
      const size_t before = out.size();
      const Origin where = origin(*attribute, scope);
      for (const Place* place : where.places) add_place(out, place);
      if (out.size() == before && weak) {
        if (Scope* inner = enter(*attribute)) {
          sources(*inner->plan.root, *inner, true, out);
          leave(inner);
        }
        if (attribute->base == Attribute::Base::kStep) sources(*attribute->operand, scope, true, out);
        for (uint32_t i = 0; i < attribute->count; ++i) {
          const Qualifier& qualifier = *attribute->qualifiers[i];
          if (qualifier.kind == Qualifier::Kind::kComputed) sources(*qualifier.computed, scope, true, out);
          if (qualifier.kind == Qualifier::Kind::kAttribute) {
            for (const Place* place : origin(*qualifier.attribute, scope).places) add_place(out, place);
          }
        }
      }
      if (out.size() == before && conditional != nullptr) explain(*conditional->operand, scope, out);
      break;
    }
    case StepShape::kOptionalOr: {
      const size_t before = out.size();
      for (const Place* place : origin(step, scope).places) add_place(out, place);
      if (out.size() == before && weak) {
        sources(*static_cast<const OptionalOrStep&>(step).left, scope, true, out);
        sources(*static_cast<const OptionalOrStep&>(step).right, scope, true, out);
      }
      break;
    }
    case StepShape::kCall: {
      const auto& call = static_cast<const CallStep&>(step);
      add_sources({call.arguments, call.count}, scope, weak, out);
      break;
    }
    case StepShape::kRegexCall: {
      const auto& call = static_cast<const RegexCallStep&>(step);
      add_sources({call.arguments, call.count}, scope, weak, out);
      break;
    }
    case StepShape::kList: {
      const auto& list = static_cast<const ListStep&>(step);
      add_sources({list.items, list.count}, scope, weak, out);
      break;
    }
    case StepShape::kMap: {
      const auto& map = static_cast<const MapStep&>(step);
      add_sources({map.keys, map.count}, scope, weak, out);
      add_sources({map.values, map.count}, scope, weak, out);
      break;
    }
    case StepShape::kMessage: {
      const auto& message = static_cast<const MessageStep&>(step);
      add_sources({message.values, message.count}, scope, weak, out);
      break;
    }
    case StepShape::kFold:
      for (const Place* place : origin_of_fold(static_cast<const FoldStep&>(step), scope).places) add_place(out, place);
      break;
    case StepShape::kLogic:
    case StepShape::kEquality:
    case StepShape::kUnary:
    case StepShape::kMembership: explain(step, scope, out); break;
  }
  --depth_;
}

}  // namespace plimsoll::cel
