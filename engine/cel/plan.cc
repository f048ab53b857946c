#include "engine/cel/plan.h"

#include <algorithm>

#include "engine/cel/cost.h"
#include "engine/cel/declare.h"

namespace plimsoll::cel {

namespace {

// From this many strings on a set of constants is looked up by hash.
constexpr size_t kHashedMembers = 8;

// Folding runs without variables.
class NoVariables : public Activation {
 public:
  Outcome variable(size_t) override { return Outcome(EvaluationError{.message = "no such attribute"}); }
};

bool is_conversion(std::string_view function) {
  constexpr std::string_view kConversions[] = {"bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"};
  return std::find(std::begin(kConversions), std::end(kConversions), function) != std::end(kConversions);
}

RegexFunction regex_function(std::string_view function) {
  if (function == "matches") return match_with;
  if (function == "find") return find_with;
  if (function == "findAll") return find_all_with;
  return nullptr;
}

const ConstantStep* as_constant(const Step* step) {
  return step->shape == StepShape::kConstant ? static_cast<const ConstantStep*>(step) : nullptr;
}

class Planner {
 public:
  Planner(const Ast& ast, const FunctionTable& functions, Plan& plan) : ast_(ast), functions_(functions), plan_(plan), arena_(plan.arena) {}

  const Step* plan_root() { return plan(ast_.root); }
  std::string& error() { return error_; }

 private:
  // Each returns nullptr after error_ is set.
  Step* plan(NodeId id);
  Step* plan_identifier(NodeId id, const Node& node);
  Step* plan_select(NodeId id, const Node& node);
  Step* plan_call(NodeId id, const Node& node);
  Step* plan_index(std::span<const Step* const> operands, bool optional);
  Step* plan_conditional(std::span<const Step* const> operands);
  Step* plan_function(NodeId id, const Node& node, const Step** arguments, uint32_t count, std::string_view overload);
  Step* plan_membership(const Step* item, const Value& list);
  Step* plan_list(const Node& node);
  Step* plan_map(const Node& node);
  Step* plan_message(const Node& node);
  Step* plan_comprehension(const Node& node);
  bool plan_shortcut(const Comprehension& loop, FoldStep& fold);

  template <typename T>
  T* make(Value (*evaluate)(const Step&, Frame&)) {
    T* step = new (arena_.allocate(sizeof(T), alignof(T))) T();
    step->evaluate = evaluate;
    step->shape = T::kShape;
    return step;
  }
  Step* constant(const Value& value) {
    auto* step = make<ConstantStep>(run_constant);
    step->value = value;
    return step;
  }
  Step* fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    return nullptr;
  }
  const Step** allocate_steps(size_t count) { return arena_.allocate_array<const Step*>(count); }
  // Runs a step whose operands are constant.
  Value fold(const Step& step) {
    NoVariables variables;
    Frame frame(arena_, variables, UINT64_MAX, functions_.library(), nullptr, nullptr);
    return run(step, frame);
  }

  Attribute* new_attribute(Attribute::Base base) {
    auto* attribute = new (arena_.allocate(sizeof(Attribute), alignof(Attribute))) Attribute();
    attribute->base = base;
    return attribute;
  }
  Step* attribute_step(Attribute* attribute) {
    auto* step = make<AttributeStep>(run_attribute);
    step->attribute = attribute;
    step->test_only = false;
    choose_evaluator(*step);
    return step;
  }
  // The step itself if it is an attribute that can take qualifiers, else an attribute around it.
  AttributeStep* as_attribute(const Step* step) {
    if (step->shape == StepShape::kAttribute) return const_cast<AttributeStep*>(static_cast<const AttributeStep*>(step));
    Attribute* attribute = new_attribute(Attribute::Base::kStep);
    attribute->operand = step;
    return static_cast<AttributeStep*>(attribute_step(attribute));
  }
  void add_qualifier(Attribute& attribute, const Qualifier* qualifier);
  void choose_evaluator(AttributeStep& step) {
    const Attribute& attribute = *step.attribute;
    step.evaluate = run_attribute;
    if (!attribute.plain) return;
    if (attribute.base == Attribute::Base::kVariable) step.evaluate = run_plain_variable;
    if (attribute.base == Attribute::Base::kLocal) step.evaluate = run_plain_local;
  }

  uint32_t variable_slot(size_t variable) {
    const auto found = std::find(plan_.variables.begin(), plan_.variables.end(), variable);
    if (found == plan_.variables.end()) plan_.variables.push_back(variable);
    return static_cast<uint32_t>(std::find(plan_.variables.begin(), plan_.variables.end(), variable) - plan_.variables.begin());
  }

  bool is_accumulator(NodeId id, const Comprehension& loop) const {
    const Node& node = ast_.node(id);
    return node.kind == NodeKind::kIdentifier && ast_.reference(id).kind == Reference::Kind::kAccuVar &&
           &ast_.comprehensions[ast_.reference(id).index] == &loop;
  }
  // The element of a one-element list literal, or kNoNode.
  NodeId only_element(NodeId id) const {
    const Node& node = ast_.node(id);
    return node.kind == NodeKind::kList && node.count == 1 && !node.has_optionals ? ast_.arguments(node)[0] : kNoNode;
  }
  bool is_call(NodeId id, std::string_view name, size_t count) const {
    const Node& node = ast_.node(id);
    return node.kind == NodeKind::kCall && node.name == name && node.operand == kNoNode && node.count == count;
  }

  const Ast& ast_;
  const FunctionTable& functions_;
  Plan& plan_;
  Arena& arena_;
  std::string error_;
  std::vector<const Step*> inits_;  // by comprehension: initial value of its accumulator, if not constant
};

void Planner::add_qualifier(Attribute& attribute, const Qualifier* qualifier) {
  if (attribute.base == Attribute::Base::kConditional) {
    add_qualifier(*attribute.truthy, qualifier);
    add_qualifier(*attribute.falsy, qualifier);
    return;
  }
  if (attribute.count == attribute.capacity) {
    attribute.capacity = attribute.capacity == 0 ? 4 : 2 * attribute.capacity;
    const Qualifier** qualifiers = arena_.allocate_array<const Qualifier*>(attribute.capacity);
    std::copy(attribute.qualifiers, attribute.qualifiers + attribute.count, qualifiers);
    attribute.qualifiers = qualifiers;
  }
  attribute.qualifiers[attribute.count++] = qualifier;
  if (qualifier->kind != Qualifier::Kind::kName || qualifier->optional) attribute.plain = false;
}

Step* Planner::plan(NodeId id) {
  const Node& node = ast_.node(id);
  switch (node.kind) {
    case NodeKind::kLiteral: return constant(node.literal);
    case NodeKind::kIdentifier: return plan_identifier(id, node);
    case NodeKind::kSelect: return plan_select(id, node);
    case NodeKind::kCall: return plan_call(id, node);
    case NodeKind::kList: return plan_list(node);
    case NodeKind::kMap: return plan_map(node);
    case NodeKind::kMessage: return plan_message(node);
    case NodeKind::kComprehension: return plan_comprehension(node);
    case NodeKind::kInvalid: break;
  }
  return fail("unsupported expression");
}

Step* Planner::plan_identifier(NodeId id, const Node& node) {
  const Reference& reference = ast_.reference(id);
  // cel-go takes every name that is of a type's type for a type's name.
  if (reference.kind != Reference::Kind::kType && !ast_.types.empty() && ast_.types[id].kind() == TypeKind::kType) {
    return fail("reference to undefined type: " + std::string(node.name));
  }
  switch (reference.kind) {
    case Reference::Kind::kVariable: {
      Attribute* attribute = new_attribute(Attribute::Base::kVariable);
      attribute->variable = reference.index;
      attribute->slot = variable_slot(reference.index);
      return attribute_step(attribute);
    }
    case Reference::Kind::kIterVar:
    case Reference::Kind::kIterVar2:
    case Reference::Kind::kAccuVar: {
      Attribute* attribute = new_attribute(Attribute::Base::kLocal);
      const uint32_t part = reference.kind == Reference::Kind::kIterVar ? 0 : reference.kind == Reference::Kind::kIterVar2 ? 1 : 2;
      attribute->slot = 3 * reference.index + part;
      plan_.locals = std::max(plan_.locals, 3 * reference.index + 3);
      if (part == 2 && reference.index < inits_.size()) attribute->operand = inits_[reference.index];
      return attribute_step(attribute);
    }
    case Reference::Kind::kType:
      // The API server knows the types of Object{...} only by name.
      if (node.name == "Object" || node.name.starts_with("Object.") || node.name == "JSONPatch") {
        return fail("reference to undefined type: " + std::string(node.name));
      }
      return constant(make_type(arena_, node.name));
    default: return constant(make_error(arena_, "no such attribute(s): " + std::string(node.name)));
  }
}

Step* Planner::plan_select(NodeId id, const Node& node) {
  const Step* operand = plan(node.operand);
  if (operand == nullptr) return nullptr;
  const Reference& reference = ast_.reference(id);
  AttributeStep* step = as_attribute(operand);
  if (step->test_only) {  // a selection from has() is one from its result
    Attribute* attribute = new_attribute(Attribute::Base::kStep);
    attribute->operand = step;
    step = static_cast<AttributeStep*>(attribute_step(attribute));
  }
  auto* qualifier = new (arena_.allocate(sizeof(Qualifier), alignof(Qualifier))) Qualifier();
  qualifier->key = Value::string(node.name);
  qualifier->test_only = node.test_only;
  if (reference.kind == Reference::Kind::kLazyField && step->attribute->base == Attribute::Base::kVariable && step->attribute->count == 0) {
    qualifier->kind = Qualifier::Kind::kLazyField;
    qualifier->field = reference.field;
    const std::pair<size_t, size_t> field(reference.index, reference.field);
    if (std::find(plan_.fields.begin(), plan_.fields.end(), field) == plan_.fields.end()) plan_.fields.push_back(field);
  } else if (!ast_.types.empty() && ast_.types[node.operand].kind() == TypeKind::kObject && ast_.types[node.operand].name().starts_with("Object")) {
    const std::string_view name = ast_.types[node.operand].name();
    if (name == "Object" || name.starts_with("Object.")) qualifier->kind = Qualifier::Kind::kField;
  }
  add_qualifier(*step->attribute, qualifier);
  step->test_only = node.test_only;
  choose_evaluator(*step);
  return step;
}

Step* Planner::plan_call(NodeId id, const Node& node) {
  const bool member = node.operand != kNoNode;
  const uint32_t count = node.count + (member ? 1 : 0);
  const Step** arguments = allocate_steps(count);
  uint32_t next = 0;
  if (member) {
    arguments[next] = plan(node.operand);
    if (arguments[next++] == nullptr) return nullptr;
  }
  for (const NodeId argument : ast_.arguments(node)) {
    arguments[next] = plan(argument);
    if (arguments[next++] == nullptr) return nullptr;
  }
  const std::span<const Step* const> operands(arguments, count);
  const Reference& reference = ast_.reference(id);
  const std::string_view overload = reference.kind == Reference::Kind::kFunction && reference.count == 1 ? ast_.overloads_of(id)[0]->id : std::string_view();
  if (node.name == "_&&_" || node.name == "_||_") {
    auto* step = make<LogicStep>(node.name == "_&&_" ? run_and : run_or);
    step->conjunction = node.name == "_&&_";
    step->left = operands[0];
    step->right = operands[1];
    return step;
  }
  if (node.name == "_?_:_") return plan_conditional(operands);
  if (node.name == "_==_" || node.name == "_!=_") {
    auto* step = make<EqualityStep>(run_equality);
    step->left = operands[0];
    step->right = operands[1];
    step->negated = node.name == "_!=_";
    return step;
  }
  if (node.name == "_[_]") return plan_index(operands, false);
  if (node.name == "_[?_]" || node.name == "_?._") return plan_index(operands, true);
  if (node.name == "@not_strictly_false" && count == 1) {
    auto* step = make<UnaryStep>(run_not_strictly_false);
    step->operand = operands[0];
    return step;
  }
  const bool is_or = node.name == "or" && (overload.empty() || overload == "optional_or_optional");
  const bool is_or_value = node.name == "orValue" && (overload.empty() || overload == "optional_orValue_value");
  if (count == 2 && (is_or || is_or_value)) {
    auto* step = make<OptionalOrStep>(run_optional_or);
    step->left = operands[0];
    step->right = operands[1];
    step->unwrap = is_or_value;
    return step;
  }
  return plan_function(id, node, arguments, count, overload);
}

Step* Planner::plan_conditional(std::span<const Step* const> operands) {
  Attribute* attribute = new_attribute(Attribute::Base::kConditional);
  attribute->plain = false;
  attribute->operand = operands[0];
  const auto branch = [&](const Step* step) {
    // has() is an attribute, too, but what is taken of it is the attribute under the test.
    if (step->shape == StepShape::kAttribute) return static_cast<const AttributeStep*>(step)->attribute;
    Attribute* wrapped = new_attribute(Attribute::Base::kStep);
    wrapped->operand = step;
    return wrapped;
  };
  attribute->truthy = branch(operands[1]);
  attribute->falsy = branch(operands[2]);
  return attribute_step(attribute);
}

Step* Planner::plan_index(std::span<const Step* const> operands, bool optional) {
  AttributeStep* step = as_attribute(operands[0]);
  if (step->test_only) {
    Attribute* attribute = new_attribute(Attribute::Base::kStep);
    attribute->operand = step;
    step = static_cast<AttributeStep*>(attribute_step(attribute));
  }
  auto* qualifier = new (arena_.allocate(sizeof(Qualifier), alignof(Qualifier))) Qualifier();
  qualifier->optional = optional;
  if (const ConstantStep* key = as_constant(operands[1])) {
    switch (key->value.kind()) {
      case Kind::kString: qualifier->kind = Qualifier::Kind::kName; break;
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble: qualifier->kind = Qualifier::Kind::kKey; break;
      default:
        // cel-go refuses such a plan where it optimizes, which is in Kubernetes.
        if (functions_.library() == Library::kKubernetes) {
          return fail(is_error(key->value) ? error_message(key->value) : "invalid qualifier type: " + std::string(go_type(key->value)));
        }
        qualifier->kind = Qualifier::Kind::kComputed;
        qualifier->computed = operands[1];
    }
    qualifier->key = key->value;
  } else if (operands[1]->shape == StepShape::kAttribute) {
    qualifier->kind = Qualifier::Kind::kAttribute;
    qualifier->attribute = static_cast<const AttributeStep*>(operands[1])->attribute;
  } else {
    qualifier->kind = Qualifier::Kind::kComputed;
    qualifier->computed = operands[1];
  }
  add_qualifier(*step->attribute, qualifier);
  choose_evaluator(*step);
  return step;
}

Step* Planner::plan_function(NodeId, const Node& node, const Step** arguments, uint32_t count, std::string_view overload) {
  const FunctionEntry* entry = functions_.find(node.name);
  if (const RegexFunction function = regex_function(node.name); function != nullptr && count >= 2 && count <= 3) {
    const ConstantStep* pattern = as_constant(arguments[1]);
    if (pattern != nullptr && pattern->value.is_string()) {
      auto regex = Regex::compile(pattern->value.as_string());
      if (!regex) return fail(regex.error());
      auto* step = make<RegexCallStep>(run_regex_call);
      plan_.patterns.push_back(std::make_unique<const Regex>(std::move(*regex)));
      step->regex = plan_.patterns.back().get();
      step->function = function;
      step->cost = cost_rule(node.name, overload);
      step->arguments = arguments;
      step->count = count;
      return step;
    }
  }
  if (node.name == "@in" && overload == "in_list") {
    if (const ConstantStep* list = as_constant(arguments[1]); list != nullptr && list->value.is_list()) {
      if (Step* step = plan_membership(arguments[0], list->value)) return step;
    }
  }

  auto* step = make<CallStep>(run_call);
  step->name = node.name;
  step->cost = cost_rule(node.name, overload);
  step->arguments = arguments;
  step->count = count;
  bool variadic = count != 1 && count != 2;
  if (entry != nullptr && entry->singleton != nullptr) {
    step->function = entry->singleton->function;
  } else if (entry != nullptr && !entry->overloads.empty()) {
    for (const Implementation& candidate : entry->overloads) {
      if (candidate.id == overload || entry->overloads.size() == 1) step->implementation = &candidate;
    }
    if (step->implementation != nullptr) {
      variadic = variadic || step->implementation->binding->variadic;
      if (step->implementation->guards.size() != count) {  // unchecked: refused when it runs
        step->implementation = nullptr;
      } else if (step->implementation->binding->unguarded) {
        step->function = step->implementation->binding->function;
      }
    } else {
      step->entry = entry;
      variadic = true;  // cel-go dispatches at run time through a function of any number of arguments
    }
  } else if (count == 0) {
    return fail("no such overload: " + std::string(node.name) + "()");
  }
  if (variadic) step->evaluate = run_variadic_call;
  if (count == 1 && is_conversion(node.name) && as_constant(arguments[0]) != nullptr) {
    const Value value = fold(*step);
    if (is_error(value)) return fail(error_message(value));
    return constant(value);
  }
  return step;
}

// nullptr: not a list of scalars.
Step* Planner::plan_membership(const Step* item, const Value& list) {
  const std::span<const Value> members = list.items();
  if (members.empty()) return constant(Value::boolean(false));
  bool all_strings = true;
  for (const Value& member : members) {
    if (!member.is_bool() && !member.is_number() && !member.is_string()) return nullptr;
    all_strings = all_strings && member.is_string();
  }
  auto* step = make<MembershipStep>(run_membership);
  step->item = item;
  step->list = list.as_list();
  if (all_strings && members.size() >= kHashedMembers) {
    Map* strings = Map::create(arena_, members.size());
    for (const Value& member : members) strings->set(arena_, member, Value::boolean(true));
    step->strings = strings;
  }
  return step;
}

Step* Planner::plan_list(const Node& node) {
  auto* step = make<ListStep>(run_list);
  step->items = allocate_steps(node.count);
  step->count = node.count;
  bool all_constant = true;
  bool* optional = node.has_optionals ? arena_.allocate_array<bool>(node.count) : nullptr;
  for (uint32_t i = 0; i < node.count; ++i) {
    step->items[i] = plan(ast_.arguments(node)[i]);
    if (step->items[i] == nullptr) return nullptr;
    all_constant = all_constant && as_constant(step->items[i]) != nullptr;
    if (optional != nullptr) optional[i] = ast_.is_optional(node, i);
  }
  step->optional = optional;
  return all_constant ? constant(fold(*step)) : step;
}

Step* Planner::plan_map(const Node& node) {
  auto* step = make<MapStep>(run_map);
  const std::span<const Entry> entries = ast_.entries_of(node);
  step->keys = allocate_steps(entries.size());
  step->values = allocate_steps(entries.size());
  step->count = static_cast<uint32_t>(entries.size());
  bool* optional = arena_.allocate_array<bool>(entries.size());
  bool all_constant = true;
  for (size_t i = 0; i < entries.size(); ++i) {
    step->keys[i] = plan(entries[i].key);
    if (step->keys[i] == nullptr) return nullptr;
    step->values[i] = plan(entries[i].value);
    if (step->values[i] == nullptr) return nullptr;
    all_constant = all_constant && as_constant(step->keys[i]) != nullptr && as_constant(step->values[i]) != nullptr;
    optional[i] = entries[i].optional;
    if (entries[i].optional) step->optional = optional;
  }
  return all_constant ? constant(fold(*step)) : step;
}

Step* Planner::plan_message(const Node& node) {
  auto* step = make<MessageStep>(run_message);
  const std::span<const Entry> entries = ast_.entries_of(node);
  step->type_name = node.name;
  step->values = allocate_steps(entries.size());
  step->count = static_cast<uint32_t>(entries.size());
  auto* names = arena_.allocate_array<std::string_view>(entries.size());
  bool* optional = arena_.allocate_array<bool>(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    names[i] = entries[i].field;
    step->values[i] = plan(entries[i].value);
    if (step->values[i] == nullptr) return nullptr;
    optional[i] = entries[i].optional;
    if (entries[i].optional) step->optional = optional;
  }
  step->names = names;
  return step;
}

// Finds the predicate or mapped expression in what a macro expanded to. False if the tree is not of that shape.
bool Planner::plan_shortcut(const Comprehension& loop, FoldStep& fold) {
  NodeId body = kNoNode, filter = kNoNode;
  switch (loop.macro) {
    case Macro::kAll:
    case Macro::kExists: {
      const bool all = loop.macro == Macro::kAll;
      if (!is_call(loop.step, all ? "_&&_" : "_||_", 2)) return false;
      const std::span<const NodeId> operands = ast_.arguments(ast_.node(loop.step));
      if (!is_accumulator(operands[0], loop)) return false;
      body = operands[1];
      fold.evaluate = all ? run_all : run_exists;
      break;
    }
    case Macro::kMap:
    case Macro::kFilter: {
      NodeId sum = loop.step;
      if (is_call(sum, "_?_:_", 3)) {
        const std::span<const NodeId> operands = ast_.arguments(ast_.node(sum));
        if (!is_accumulator(operands[2], loop)) return false;
        filter = operands[0];
        sum = operands[1];
      }
      if (!is_call(sum, "_+_", 2)) return false;
      const std::span<const NodeId> operands = ast_.arguments(ast_.node(sum));
      if (!is_accumulator(operands[0], loop)) return false;
      body = only_element(operands[1]);
      if (body == kNoNode) return false;
      if (loop.macro == Macro::kFilter) {
        if (filter == kNoNode) return false;
        body = std::exchange(filter, kNoNode);
        fold.evaluate = run_filter_macro;
      } else {
        fold.evaluate = run_map_macro;
      }
      break;
    }
    default: return false;
  }
  fold.body = plan(body);
  if (fold.body == nullptr) return false;
  if (filter != kNoNode) {
    fold.filter = plan(filter);
    if (fold.filter == nullptr) return false;
  }
  // A list literal of constants is free; the mapped expression is then part of a constant.
  if (loop.macro == Macro::kMap && as_constant(fold.body) != nullptr) return false;
  return true;
}

Step* Planner::plan_comprehension(const Node& node) {
  const Comprehension& loop = ast_.comprehension_of(node);
  const auto index = node.first;
  if (inits_.size() <= index) inits_.resize(ast_.comprehensions.size(), nullptr);
  auto* fold = make<FoldStep>(run_fold);
  plan_.locals = std::max(plan_.locals, 3 * index + 3);
  fold->iter_slot = 3 * index;
  fold->iter2_slot = 3 * index + 1;
  fold->accu_slot = 3 * index + 2;
  fold->two_variables = !loop.iter_var2.empty();
  fold->init = plan(loop.init);
  if (fold->init == nullptr) return nullptr;
  fold->constant_init = as_constant(fold->init) != nullptr;
  if (!fold->constant_init) inits_[index] = fold->init;
  fold->range = plan(loop.range);
  if (fold->range == nullptr) return nullptr;
  if (plan_shortcut(loop, *fold)) {
    fold->macro = loop.macro;
    return fold;
  }
  if (!error_.empty()) return nullptr;
  fold->evaluate = run_fold;
  fold->condition = plan(loop.condition);
  if (fold->condition == nullptr) return nullptr;
  fold->step = plan(loop.step);
  if (fold->step == nullptr) return nullptr;
  fold->result = plan(loop.result);
  if (fold->result == nullptr) return nullptr;
  const ConstantStep* range = as_constant(fold->range);
  if (range != nullptr && range->value.is_list() && range->value.size() == 0) fold->evaluate = run_bind;
  return fold;
}

}  // namespace

std::expected<std::unique_ptr<Plan>, std::string> make_plan(const Ast& ast, const FunctionTable& functions) {
  auto plan = std::make_unique<Plan>();
  plan->library = functions.library();
  Planner planner(ast, functions, *plan);
  plan->root = planner.plan_root();
  if (plan->root == nullptr) return std::unexpected(std::move(planner.error()));
  return plan;
}

}  // namespace plimsoll::cel
