#include "engine/cel/macro.h"

#include <algorithm>
#include <array>
#include <string>

namespace plimsoll::cel {
namespace {

// What an expander sees: a call, and the means to build its replacement. New nodes stand where the call's parenthesis stands.
struct Call {
  TreeBuilder& builder;
  uint32_t offset;
  NodeId target;
  std::span<const NodeId> arguments;

  const Node& argument(size_t index) const { return builder.node(arguments[index]); }
  NodeId fail(NodeId at, std::string message) const { return builder.report(builder.node(at).offset, std::move(message)); }

  NodeId accumulator() const { return builder.identifier(offset, kAccumulator); }
  NodeId boolean(bool value) const { return builder.literal(offset, Value::boolean(value)); }
  NodeId integer(int64_t value) const { return builder.literal(offset, Value::integer(value)); }
  NodeId name(std::string_view text) const { return builder.identifier(offset, text); }
  NodeId empty_list() const { return builder.list(offset, {}); }
  NodeId list_of(NodeId item) const { return builder.list(offset, std::array{item}); }
  template <typename... Nodes>
  NodeId call(std::string_view function, Nodes... nodes) const {
    const std::array<NodeId, sizeof...(nodes)> operands{nodes...};
    return builder.call(offset, function, operands);
  }
  template <typename... Nodes>
  NodeId member_call(std::string_view function, NodeId on, Nodes... nodes) const {
    const std::array<NodeId, sizeof...(nodes)> operands{nodes...};
    return builder.member_call(offset, on, function, operands);
  }
};

bool is_name(const Node& node) { return node.kind == NodeKind::kIdentifier; }
bool overwrites_accumulator(std::string_view name) { return name == kAccumulator || name == "__result__"; }
constexpr std::string_view kOverwrites = "iteration variable overwrites accumulator variable";

// Reads the iteration variables: the first argument, and the second if the macro has two of them.
bool read_variables(const Call& call, Comprehension& loop, bool two, std::string_view complaint, NodeId& failure) {
  const size_t count = two ? 2 : 1;
  for (size_t i = 0; i < count; ++i) {
    if (!is_name(call.argument(i))) return failure = call.fail(call.arguments[i], std::string(complaint)), false;
  }
  loop.iter_var = call.argument(0).name;
  if (two) {
    loop.iter_var2 = call.argument(1).name;
    if (loop.iter_var == loop.iter_var2) {
      failure = call.fail(call.arguments[1], "duplicate variable name: " + std::string(loop.iter_var));
      return false;
    }
  }
  for (size_t i = 0; i < count; ++i) {
    if (overwrites_accumulator(call.argument(i).name)) {
      return failure = call.fail(call.arguments[i], std::string(kOverwrites)), false;
    }
  }
  return true;
}

NodeId has(const Call& call) {
  const Node argument = call.argument(0);
  if (argument.kind != NodeKind::kSelect) return call.fail(call.arguments[0], "invalid argument to has() macro");
  return call.builder.select(call.offset, argument.operand, argument.name, true);
}

// all, exists and exists_one, with one variable or two.
NodeId quantifier(const Call& call, Macro macro) {
  const bool two = call.arguments.size() == 3;
  Comprehension loop{.macro = macro, .accu_var = kAccumulator, .range = call.target};
  NodeId failure = kNoNode;
  if (!read_variables(call, loop, two, "argument must be a simple name", failure)) return failure;
  const NodeId predicate = call.arguments[two ? 2 : 1];
  switch (macro) {
    case Macro::kAll:
      loop.init = call.boolean(true);
      loop.condition = call.call("@not_strictly_false", call.accumulator());
      loop.step = call.call("_&&_", call.accumulator(), predicate);
      loop.result = call.accumulator();
      break;
    case Macro::kExists:
      loop.init = call.boolean(false);
      loop.condition = call.call("@not_strictly_false", call.call("!_", call.accumulator()));
      loop.step = call.call("_||_", call.accumulator(), predicate);
      loop.result = call.accumulator();
      break;
    default: {
      loop.init = call.integer(0);
      loop.condition = call.boolean(true);
      const NodeId next = call.call("_+_", call.accumulator(), call.integer(1));
      loop.step = call.call("_?_:_", predicate, next, call.accumulator());
      loop.result = call.call("_==_", call.accumulator(), call.integer(1));
      break;
    }
  }
  return call.builder.comprehension(call.offset, loop);
}
NodeId all(const Call& call) { return quantifier(call, Macro::kAll); }
NodeId exists(const Call& call) { return quantifier(call, Macro::kExists); }
NodeId exists_one(const Call& call) { return quantifier(call, Macro::kExistsOne); }

// accumulator = filter ? step : accumulator, over the whole range.
NodeId fold(const Call& call, Comprehension loop, NodeId init, NodeId filter, NodeId step) {
  loop.accu_var = kAccumulator;
  loop.init = init;
  loop.condition = call.boolean(true);
  loop.step = filter == kNoNode ? step : call.call("_?_:_", filter, step, call.accumulator());
  loop.result = call.accumulator();
  return call.builder.comprehension(call.offset, loop);
}

NodeId map_over(const Call& call, NodeId range) {
  Comprehension loop{.macro = Macro::kMap, .range = range};
  NodeId failure = kNoNode;
  if (!read_variables(call, loop, false, "argument is not an identifier", failure)) return failure;
  const bool filtered = call.arguments.size() == 3;
  const NodeId init = call.empty_list();
  const NodeId step = call.call("_+_", call.accumulator(), call.list_of(call.arguments[filtered ? 2 : 1]));
  return fold(call, loop, init, filtered ? call.arguments[1] : kNoNode, step);
}
NodeId map(const Call& call) { return map_over(call, call.target); }

NodeId filter(const Call& call) {
  Comprehension loop{.macro = Macro::kFilter, .range = call.target};
  NodeId failure = kNoNode;
  if (!read_variables(call, loop, false, "argument is not an identifier", failure)) return failure;
  const NodeId init = call.empty_list();
  const NodeId step = call.call("_+_", call.accumulator(), call.list_of(call.arguments[0]));
  return fold(call, loop, init, call.arguments[1], step);
}

NodeId transform(const Call& call, Macro macro) {
  Comprehension loop{.macro = macro, .range = call.target};
  NodeId failure = kNoNode;
  if (!read_variables(call, loop, true, "argument must be a simple name", failure)) return failure;
  const bool filtered = call.arguments.size() == 4;
  const NodeId item = call.arguments[filtered ? 3 : 2];
  NodeId init = kNoNode;
  NodeId step = kNoNode;
  if (macro == Macro::kTransformList) {
    init = call.empty_list();
    step = call.call("_+_", call.accumulator(), call.list_of(item));
  } else {
    init = call.builder.map(call.offset, {});
    step = macro == Macro::kTransformMap ? call.call("cel.@mapInsert", call.accumulator(), call.name(loop.iter_var), item)
                                         : call.call("cel.@mapInsert", call.accumulator(), item);
  }
  return fold(call, loop, init, filtered ? call.arguments[2] : kNoNode, step);
}
NodeId transform_list(const Call& call) { return transform(call, Macro::kTransformList); }
NodeId transform_map(const Call& call) { return transform(call, Macro::kTransformMap); }
NodeId transform_map_entry(const Call& call) { return transform(call, Macro::kTransformMapEntry); }

// A local variable: a loop over nothing, whose accumulator is the variable and whose result is the expression.
NodeId bind(const Call& call, Macro macro, std::string_view variable, NodeId init, NodeId step, NodeId result) {
  Comprehension loop{.macro = macro, .iter_var = "#unused", .accu_var = variable};
  loop.range = call.empty_list();
  loop.init = init;
  loop.condition = call.boolean(false);
  loop.step = step;
  loop.result = result;
  return call.builder.comprehension(call.offset, loop);
}

NodeId optional_map(const Call& call, bool flat) {
  if (!is_name(call.argument(0))) {
    return call.fail(call.arguments[0], flat ? "optFlatMap() variable name must be a simple identifier"
                                             : "optMap() variable name must be a simple identifier");
  }
  const std::string_view variable = call.argument(0).name;
  const NodeId present = call.member_call("hasValue", call.target);
  const NodeId value = call.member_call("value", call.builder.copy(call.target));
  NodeId mapped = bind(call, Macro::kBind, variable, value, call.name(variable), call.arguments[1]);
  if (!flat) mapped = call.call("optional.of", mapped);
  return call.call("_?_:_", present, mapped, call.call("optional.none"));
}
NodeId opt_map(const Call& call) { return optional_map(call, false); }
NodeId opt_flat_map(const Call& call) { return optional_map(call, true); }

NodeId sort_by(const Call& call) {
  switch (call.builder.node(call.target).kind) {
    case NodeKind::kList:
    case NodeKind::kSelect:
    case NodeKind::kIdentifier:
    case NodeKind::kComprehension:
    case NodeKind::kCall: break;
    default:
      return call.fail(call.target,
                       "sortBy can only be applied to a list, identifier, comprehension, call or select expression");
  }
  constexpr std::string_view kInput = "@__sortBy_input__";
  const NodeId keys = map_over(call, call.name(kInput));
  if (call.builder.node(keys).kind == NodeKind::kInvalid) return keys;
  const NodeId sorted = call.member_call("@sortByAssociatedKeys", call.name(kInput), keys);
  return bind(call, Macro::kSortBy, kInput, call.target, call.name(kInput), sorted);
}

bool is_namespace(const Call& call, std::string_view name) {
  const Node& target = call.builder.node(call.target);
  return is_name(target) && target.name == name;
}

// Extended only, as are the following. kNoNode: this is no macro after all.
NodeId cel_bind(const Call& call) {
  if (!is_namespace(call, "cel")) return kNoNode;
  if (!is_name(call.argument(0))) {
    return call.fail(call.arguments[0], "cel.bind() variable names must be simple identifiers");
  }
  const std::string_view variable = call.argument(0).name;
  return bind(call, Macro::kBind, variable, call.arguments[1], call.name(variable), call.arguments[2]);
}

bool may_be_number(const Node& node) {
  if (node.kind == NodeKind::kLiteral) return node.literal.is_number();
  return node.kind != NodeKind::kList && node.kind != NodeKind::kMap && node.kind != NodeKind::kMessage;
}

NodeId extremum(const Call& call, std::string_view name, std::string_view function) {
  if (!is_namespace(call, "math")) return kNoNode;
  const std::string prefix = "math." + std::string(name) + "()";
  if (call.arguments.empty()) return call.fail(call.target, prefix + " requires at least one argument");
  if (call.arguments.size() == 1) {
    const Node& only = call.argument(0);
    bool fits = may_be_number(only);
    if (only.kind == NodeKind::kList && only.count > 0) {
      const auto items = call.builder.ast().arguments(only);
      fits = std::all_of(items.begin(), items.end(), [&](NodeId item) { return may_be_number(call.builder.node(item)); });
    }
    if (!fits) return call.fail(call.arguments[0], prefix + " invalid single argument value");
    return call.call(function, call.arguments[0]);
  }
  for (const NodeId argument : call.arguments) {
    if (!may_be_number(call.builder.node(argument))) {
      return call.fail(argument, prefix + " simple literal arguments must be numeric");
    }
  }
  if (call.arguments.size() == 2) return call.call(function, call.arguments[0], call.arguments[1]);
  return call.call(function, call.builder.list(call.offset, call.arguments));
}
NodeId greatest(const Call& call) { return extremum(call, "greatest", "math.@max"); }
NodeId least(const Call& call) { return extremum(call, "least", "math.@min"); }

constexpr size_t kAnyNumber = SIZE_MAX;

struct MacroEntry {
  std::string_view name;
  size_t arguments;
  bool member;
  bool extended;
  NodeId (*expand)(const Call& call);
};

// Kubernetes has existsOne with two variables only: its parser's macros are those of an older environment.
constexpr MacroEntry kMacros[] = {
    {"has", 1, false, false, has},
    {"all", 2, true, false, all},
    {"all", 3, true, false, all},
    {"exists", 2, true, false, exists},
    {"exists", 3, true, false, exists},
    {"exists_one", 2, true, false, exists_one},
    {"exists_one", 3, true, false, exists_one},
    {"existsOne", 2, true, true, exists_one},
    {"existsOne", 3, true, false, exists_one},
    {"map", 2, true, false, map},
    {"map", 3, true, false, map},
    {"filter", 2, true, false, filter},
    {"optMap", 2, true, false, opt_map},
    {"optFlatMap", 2, true, false, opt_flat_map},
    {"transformList", 3, true, false, transform_list},
    {"transformList", 4, true, false, transform_list},
    {"transformMap", 3, true, false, transform_map},
    {"transformMap", 4, true, false, transform_map},
    {"transformMapEntry", 3, true, false, transform_map_entry},
    {"transformMapEntry", 4, true, false, transform_map_entry},
    {"sortBy", 2, true, false, sort_by},
    {"bind", 3, true, true, cel_bind},
    {"greatest", kAnyNumber, true, true, greatest},
    {"least", kAnyNumber, true, true, least},
};

}  // namespace

std::optional<NodeId> expand_macro(TreeBuilder& builder, uint32_t offset, NodeId target, std::string_view function,
                                   std::span<const NodeId> arguments) {
  for (const MacroEntry& macro : kMacros) {
    if (macro.name != function || macro.member != (target != kNoNode)) continue;
    if (macro.arguments != arguments.size() && macro.arguments != kAnyNumber) continue;
    if (macro.extended && !builder.options().extended) continue;
    const NodeId expanded = macro.expand({builder, offset, target, arguments});
    if (expanded == kNoNode) return std::nullopt;
    return expanded;
  }
  return std::nullopt;
}

}  // namespace plimsoll::cel
