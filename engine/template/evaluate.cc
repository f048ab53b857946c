// Pipelines, variables and chains of fields.
#include <fmt/format.h>

#include "engine/template/chart_objects.h"
#include "engine/template/executor.h"
#include "engine/template/go_format.h"
#include "engine/value/go_quote.h"

namespace plimsoll::tmpl {
namespace {

// A method and the value it is a method of: the object itself or a struct embedded in it.
struct FoundMethod {
  const GoMethod* method = nullptr;
  Value receiver;
};

FoundMethod find_method(const Value& value, std::string_view name, bool addressable) {
  const auto among = [&](std::span<const GoMethod> methods) -> const GoMethod* {
    for (const GoMethod& method : methods) {
      if (method.name == name) return &method;
    }
    return nullptr;
  };
  const GoObject* object = as_object(value);
  if (object == nullptr) return {among(methods_of(go_type(value))), value};
  const GoObjectType& type = object->go_type();
  if (const GoMethod* method = among(type.methods)) return {method, value};
  if (addressable && type.pointer != nullptr) {
    if (const GoMethod* method = among(type.pointer->methods)) return {method, value};
  }
  if (object->fields == nullptr) return {};
  for (size_t i = 0; i < type.fields.size(); ++i) {
    if (!type.fields[i].embedded) continue;
    if (const FoundMethod found = find_method(object->fields[i], name, addressable); found.method != nullptr) {
      return found;
    }
  }
  return {};
}

// A field of a struct, also one promoted from an embedded struct.
bool find_field(const GoObject& object, std::string_view name, bool addressable, Operand& result) {
  if (object.fields == nullptr) return false;
  const auto fields = object.go_type().fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name != name) continue;
    result = {object.fields[i], fields[i].type == "interface {}", addressable};
    return true;
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    const GoObject* embedded = fields[i].embedded ? as_object(object.fields[i]) : nullptr;
    if (embedded != nullptr && find_field(*embedded, name, addressable, result)) return true;
  }
  return false;
}

bool is_hex_integer(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
         text.find_first_of("pP") == std::string_view::npos;
}

}  // namespace

bool Executor::evaluate_pipeline(const Operand& dot, const PipeNode& pipe, Operand& result) {
  at(pipe);
  if (stack_.exhausted()) return error("expression is nested too deeply", ErrorCode::kLimit);
  const Operand* piped = nullptr;
  Operand previous;
  for (const CommandNode* command : pipe.commands) {
    if (!evaluate_command(dot, *command, piped, result)) return false;
    result = unbox(result);
    previous = result;
    piped = &previous;
  }
  for (const VariableNode* variable : pipe.declarations) {
    if (!set_variable(*variable, result)) return false;
  }
  return true;
}

bool Executor::not_a_function(std::span<const Node* const> args, const Operand* piped) {
  if (args.size() <= 1 && piped == nullptr) return true;
  return error("can't give argument to non-function " + node_text(*args[0]));
}

bool Executor::evaluate_command(const Operand& dot, const CommandNode& command, const Operand* piped, Operand& result) {
  const Node& first = *command.args[0];
  switch (first.type) {
    case NodeType::kField:
      at(first);
      return evaluate_field_chain(dot, dot, first, static_cast<const FieldNode&>(first).names, command.args, piped,
                                  result);
    case NodeType::kChain:
      return evaluate_chain(dot, static_cast<const ChainNode&>(first), command.args, piped, result);
    case NodeType::kIdentifier:
      return evaluate_function(dot, static_cast<const IdentifierNode&>(first), command, command.args, piped, result);
    case NodeType::kPipe:
      if (!not_a_function(command.args, piped)) return false;
      return evaluate_pipeline(dot, static_cast<const PipeNode&>(first), result);
    case NodeType::kVariable:
      return evaluate_variable(dot, static_cast<const VariableNode&>(first), command.args, piped, result);
    default: break;
  }
  at(first);
  if (!not_a_function(command.args, piped)) return false;
  switch (first.type) {
    case NodeType::kBool: result = {Value::boolean(static_cast<const BoolNode&>(first).value)}; return true;
    case NodeType::kDot: result = dot; return true;
    case NodeType::kNil: return error("nil is not a command");
    case NodeType::kNumber: return ideal_constant(static_cast<const NumberNode&>(first), result);
    case NodeType::kString: result = {Value::string(static_cast<const StringNode&>(first).text)}; return true;
    default: {
      std::string text;
      go::append_quoted(text, node_text(first));
      return error("can't evaluate command " + text);
    }
  }
}

// The syntax guides the type of a constant that no parameter asks for.
bool Executor::ideal_constant(const NumberNode& number, Operand& result) {
  at(number);
  if (number.is_complex) {
    result = {make_complex(arena_, number.real, number.imaginary)};
  } else if (number.is_float && !is_hex_integer(number.text) && !number.text.starts_with('\'') &&
             number.text.find_first_of(".eEpP") != std::string_view::npos) {
    result = {Value::real(number.real)};
  } else if (number.is_int) {
    result = {go_int(number.integer)};
  } else {
    return error(fmt::format("{} overflows int", number.text));
  }
  return true;
}

Operand* Executor::variable_slot(const VariableNode& variable) {
  if (variable.slot < 0) {
    error(fmt::format("undefined variable: {}", variable.name));
    return nullptr;
  }
  return &slots_[frame_->slots + static_cast<size_t>(variable.slot)];
}

bool Executor::set_variable(const VariableNode& variable, const Operand& value) {
  Operand* slot = variable_slot(variable);
  if (slot == nullptr) return false;
  *slot = value;
  return true;
}

bool Executor::evaluate_variable(const Operand& dot, const VariableNode& variable, std::span<const Node* const> args,
                                 const Operand* piped, Operand& result) {
  at(variable);
  const Operand* slot = variable_slot(variable);
  if (slot == nullptr) return false;
  const Operand value = *slot;
  if (variable.fields.empty()) {
    result = value;
    if (tracer_ != nullptr) reads_ = tracer_->merge(reads_, tracer_->origin_of(value.value));
    return args.empty() || not_a_function(args, piped);
  }
  return evaluate_field_chain(dot, value, variable, variable.fields, args, piped, result);
}

bool Executor::evaluate_chain(const Operand& dot, const ChainNode& chain, std::span<const Node* const> args,
                              const Operand* piped, Operand& result) {
  at(chain);
  if (chain.operand->type == NodeType::kNil) {
    return error("indirection through explicit nil in " + node_text(chain));
  }
  Operand receiver;
  static constexpr TypeRef kAny{.name = "interface {}", .type = GoType::kInterface, .kind = GoKind::kInterface};
  // Go evaluates the operand as an argument of no type, which for pipelines and functions means: as it is.
  switch (chain.operand->type) {
    case NodeType::kPipe:
      at(*chain.operand);
      if (!evaluate_pipeline(dot, static_cast<const PipeNode&>(*chain.operand), receiver)) return false;
      break;
    case NodeType::kIdentifier:
      at(*chain.operand);
      if (!evaluate_function(dot, static_cast<const IdentifierNode&>(*chain.operand), *chain.operand, {}, nullptr,
                             receiver)) {
        return false;
      }
      break;
    default:
      if (!evaluate_argument(dot, kAny, *chain.operand, receiver)) return false;
  }
  return evaluate_field_chain(dot, receiver, chain, chain.fields, args, piped, result);
}

bool Executor::evaluate_function(const Operand& dot, const IdentifierNode& identifier, const Node& command,
                                 std::span<const Node* const> args, const Operand* piped, Operand& result) {
  at(identifier);
  return call(dot, *identifier.function, command, identifier.name, args, piped, nullptr, result);
}

bool Executor::evaluate_field_chain(const Operand& dot, const Operand& receiver, const Node& node,
                                    std::span<const std::string_view> names, std::span<const Node* const> args,
                                    const Operand* piped, Operand& result) {
  Operand current = receiver;
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    const Operand from = current;
    if (!evaluate_field(dot, names[i], node, {}, nullptr, from, current)) return false;
  }
  if (!evaluate_field(dot, names.back(), node, args, piped, current, result)) return false;
  if (tracer_ != nullptr) reads_ = tracer_->merge(reads_, tracer_->origin_of(result.value));
  return true;
}

bool Executor::evaluate_field(const Operand& dot, std::string_view name, const Node& node,
                              std::span<const Node* const> args, const Operand* piped, const Operand& receiver,
                              Operand& result) {
  if (!receiver.is_valid()) {
    result = Operand::invalid();
    return true;
  }
  if (receiver.is_nil_interface()) {
    return error(fmt::format("nil pointer evaluating interface {{}}.{}", name));
  }
  const Value& value = receiver.value;
  const GoObject* object = as_object(value);
  const GoKind kind = kind_of(value);
  if (object != nullptr || type_info(go_type(value)).named) {
    const bool addressable = receiver.addressable && !receiver.boxed;
    const FoundMethod found = find_method(value, name, addressable);
    if (found.method != nullptr) {
      return call(dot, *method_entry(*found.method), node, name, args, piped, &found.receiver, result);
    }
  }
  const bool has_arguments = args.size() > 1 || piped != nullptr;
  if (kind == GoKind::kMap) {
    if (has_arguments) return error(fmt::format("{} is not a method but has arguments", name));
    const GoType element = type_info(go_type(value)).element;
    const Value* found = value.is_map() ? std::as_const(*value.as_map()).find(name) : nullptr;
    if (found != nullptr) {
      result = element_operand(element, *found);
    } else {
      result = zero_operand(element);
      if (tracer_ != nullptr && result.value.is_null()) result.value = tracer_->missing(value, name, result.value);
    }
    return true;
  }
  if (object != nullptr && (kind == GoKind::kStruct || kind == GoKind::kPointer)) {
    const bool addressable = kind == GoKind::kPointer || (receiver.addressable && !receiver.boxed);
    Operand field;
    if (find_field(*object, name, addressable, field)) {
      if (has_arguments) return error(fmt::format("{} has arguments but cannot be invoked as function", name));
      result = field;
      return true;
    }
  }
  return error(fmt::format("can't evaluate field {} in type {}", name, static_type_name(receiver)));
}

}  // namespace plimsoll::tmpl
