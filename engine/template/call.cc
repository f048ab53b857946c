// Calls of functions and methods: arguments are evaluated, checked and converted as reflect would.
#include <fmt/format.h>

#include <array>

#include "engine/template/executor.h"
#include "engine/template/go_format.h"

namespace plimsoll::tmpl {
namespace {

// Arguments of one call; nearly all have few.
class ArgumentBuffer {
 public:
  ArgumentBuffer(Arena& arena, size_t count) : count_(count) {
    if (count > local_.size()) {
      data_ = static_cast<Operand*>(arena.allocate(count * sizeof(Operand), alignof(Operand)));
      std::uninitialized_fill_n(data_, count, Operand());
    }
  }
  Operand& operator[](size_t index) { return data_[index]; }
  std::span<Operand> all() { return {data_, count_}; }

 private:
  std::array<Operand, 6> local_;
  Operand* data_ = local_.data();
  size_t count_;
};

bool can_be_nil(const TypeRef& type) {
  switch (type.kind) {
    case GoKind::kInterface:
    case GoKind::kMap:
    case GoKind::kPointer:
    case GoKind::kSlice:
    case GoKind::kFunc: return true;
    default: return type.is_reflect_value;
  }
}

// reflect.Zero of a type that can be nil.
Operand nil_of(const TypeRef& type) {
  if (type.is_interface()) return {Value::null(), true};
  if (type.is_reflect_value || type.type == GoType::kInvalid) return Operand::invalid();
  return {typed_nil(type.type)};
}

bool assignable(const Operand& operand, const TypeRef& type) {
  if (type.is_interface()) return true;
  if (operand.boxed) return false;
  if (operand.value.is_extension()) return as_object(operand.value)->type->name == type.name;
  const GoType from = go_type(operand.value);
  if (type.type == GoType::kInvalid) return type_info(from).name == type.name;
  if (from == type.type) return true;
  // A defined type and its unnamed underlying type are assignable to each other; two defined ones, or string and such, are not.
  const GoTypeInfo& source = type_info(from);
  const GoTypeInfo& target = type_info(type.type);
  const bool composite = target.kind == GoKind::kMap || target.kind == GoKind::kSlice;
  return composite && source.named != target.named &&
         (source.named ? source.underlying == type.type : target.underlying == from);
}

Value with_type(Value value, const TypeRef& type) {
  return value.with_flavour(flavour(type.type));
}

}  // namespace

bool Executor::call(const Operand& dot, const FunctionEntry& entry, const Node& node, std::string_view name,
                    std::span<const Node* const> args, const Operand* piped, const Value* receiver, Operand& result) {
  if (!args.empty()) args = args.subspan(1);  // the function's own node
  const Signature& signature = entry.signature;
  const size_t given = args.size() + (piped != nullptr ? 1 : 0);
  size_t fixed = args.size();
  if (signature.variadic) {
    fixed = signature.parameters.size() - 1;
    if (given < fixed) {
      return error(fmt::format("wrong number of args for {}: want at least {} got {}", name, fixed, args.size()));
    }
  } else if (given != signature.parameters.size()) {
    return error(
        fmt::format("wrong number of args for {}: want {} got {}", name, signature.parameters.size(), given));
  }
  if (!budget_.charge(1)) return out_of_budget();
  if (entry.special == Special::kAnd || entry.special == Special::kOr) {
    return call_short_circuit(dot, entry, args, piped, entry.special == Special::kOr, result);
  }

  ArgumentBuffer buffer(arena_, given);
  const auto parameter = [&](size_t index) -> const TypeRef& {
    return signature.variadic && index >= fixed ? signature.parameters.back() : signature.parameters[index];
  };
  for (size_t i = 0; i < args.size(); ++i) {
    if (!evaluate_argument(dot, parameter(i), *args[i], buffer[i])) return false;
  }
  if (piped != nullptr) {
    buffer[given - 1] = *piped;
    if (!validate(buffer[given - 1], parameter(given - 1))) return false;
  }
  if (entry.special == Special::kCall) {
    // There are no function values in Helm's data: call always fails, in the words of its checks.
    const Operand callee = unbox(buffer[0]);
    at(node);
    if (!callee.is_valid()) return error("error calling call: call of nil");
    // reflect.Value.String() shows what is not a string as <T Value>.
    const std::string callee_name = !args.empty()               ? node_text(*args[0])
                                    : piped->value.is_string() ? std::string(piped->value.as_string())
                                                               : fmt::format("<{} Value>", type_name(piped->value));
    return error(
        fmt::format("error calling call: non-function {} of type {}", callee_name, type_name(callee.value)));
  }
  return invoke(entry, node, name, buffer.all(), receiver, result);
}

bool Executor::call_short_circuit(const Operand& dot, const FunctionEntry& entry, std::span<const Node* const> args,
                                  const Operand* piped, bool stop_at, Operand& result) {
  const TypeRef& type = entry.signature.parameters[0];
  for (const Node* arg : args) {
    if (!evaluate_argument(dot, type, *arg, result)) return false;
    if (is_true(result.value) == stop_at) return true;
  }
  if (piped != nullptr) {
    result = *piped;
    return validate(result, type);
  }
  return true;
}

bool Executor::invoke(const FunctionEntry& entry, const Node& node, std::string_view name, std::span<Operand> args,
                      const Value* receiver, Operand& result) {
  const auto fail_call = [&](const Error& cause) {
    at(node);
    return error(fmt::format("error calling {}: {}", name, cause.message()), cause.code());
  };
  const size_t offset = receiver != nullptr ? 1 : 0;
  std::array<Value, 7> local;
  Value* values = local.data();
  const size_t count = args.size() + offset;
  if (count > local.size()) values = arena_.allocate_array<Value>(count);
  if (receiver != nullptr) values[0] = *receiver;
  for (size_t i = 0; i < args.size(); ++i) values[i + offset] = args[i].is_valid() ? args[i].value : Value::null();
  const std::span<const Value> given(values, count);

  if (entry.builtin != nullptr) {
    if (!entry.builtin(*this, args, result)) return fail_call(call_error_);
    if (tracer_ != nullptr) result.value = tracer_->called(entry.function->trace, given, result.value);
    return true;
  }
  Result<Value> returned = Value::null();
  call_position_ = node.position;
  switch (entry.special) {
    case Special::kInclude: returned = include(given[0].as_string(), given[1]); break;
    case Special::kTpl: returned = tpl(given[0].as_string(), given[1]); break;
    default: {
      CallContext context{arena_, host_, budget_, regexes_, this, name};
      returned = entry.function->call(context, given);
    }
  }
  if (!returned) return fail_call(returned.error());
  if (tracer_ != nullptr && entry.special == Special::kNone) {
    *returned = tracer_->called(entry.function->trace, given, *returned);
  }
  if (arena_.exceeded()) return error("the render needs too much memory", ErrorCode::kLimit);
  const TypeRef& type = entry.signature.result;
  if (returned->is_null() && returned->flavour() == 0 && !type.is_interface()) {
    result = nil_of(type);
    return true;
  }
  result = {*returned, type.is_interface()};
  return true;
}

const FunctionEntry* Executor::method_entry(const GoMethod& method) {
  const FunctionEntry*& entry = methods_[&method];
  if (entry == nullptr) {
    auto* function = arena_.make<Function>();
    function->name = method.name;
    function->signature = method.signature;
    function->call = method.call;
    auto* made = arena_.make<FunctionEntry>();
    made->function = function;
    made->signature = read_signature(arena_, method.signature);
    entry = made;
  }
  return entry;
}

// Go's validateType: makes `operand` acceptable for `type` or fails.
bool Executor::validate(Operand& operand, const TypeRef& type) {
  if (!operand.is_valid()) {
    if (!can_be_nil(type)) return error(fmt::format("invalid value; expected {}", type.name));
    operand = nil_of(type);
    return true;
  }
  if (type.is_reflect_value || assignable(operand, type)) return true;
  if (operand.boxed && !operand.is_nil_interface()) {
    operand = {operand.value};
    if (assignable(operand, type)) return true;
  }
  if (const GoObject* object = as_object(operand.value); object != nullptr && !operand.boxed) {
    const GoObjectType& given = object->go_type();
    if (given.pointee != nullptr && given.pointee->name == type.name) {
      auto* target = arena_.make<GoObject>(*object);
      target->type = given.pointee;
      operand = {Value::extension(target)};
      return true;
    }
    if (operand.addressable && given.pointer != nullptr && given.pointer->name == type.name) return true;
  }
  return error(fmt::format("wrong type for value; expected {}; got {}", type.name, static_type_name(operand)));
}

// Go's evalArg.
bool Executor::evaluate_argument(const Operand& dot, const TypeRef& type, const Node& node, Operand& result) {
  at(node);
  switch (node.type) {
    case NodeType::kDot: result = dot; return validate(result, type);
    case NodeType::kNil:
      if (!can_be_nil(type)) return error(fmt::format("cannot assign nil to {}", type.name));
      result = nil_of(type);
      return true;
    case NodeType::kField:
      return evaluate_field_chain(dot, dot, node, static_cast<const FieldNode&>(node).names, {}, nullptr, result) &&
             validate(result, type);
    case NodeType::kVariable:
      return evaluate_variable(dot, static_cast<const VariableNode&>(node), {}, nullptr, result) &&
             validate(result, type);
    case NodeType::kPipe:
      return evaluate_pipeline(dot, static_cast<const PipeNode&>(node), result) && validate(result, type);
    case NodeType::kIdentifier:
      return evaluate_function(dot, static_cast<const IdentifierNode&>(node), node, {}, nullptr, result) &&
             validate(result, type);
    case NodeType::kChain:
      return evaluate_chain(dot, static_cast<const ChainNode&>(node), {}, nullptr, result) && validate(result, type);
    default: return evaluate_literal(type, node, result);
  }
}

bool Executor::evaluate_literal(const TypeRef& type, const Node& node, Operand& result) {
  const auto found = [&](std::string_view expected) {
    return error(fmt::format("expected {}; found {}", expected, node_text(node)));
  };
  const auto* number = node.type == NodeType::kNumber ? static_cast<const NumberNode*>(&node) : nullptr;
  if (type.is_interface() || type.is_reflect_value) {
    if (number != nullptr) return ideal_constant(*number, result);
    if (node.type == NodeType::kBool) {
      result = {Value::boolean(static_cast<const BoolNode&>(node).value)};
    } else {
      result = {Value::string(static_cast<const StringNode&>(node).text)};
    }
    return true;
  }
  if (type.kind == GoKind::kBool) {
    if (node.type != NodeType::kBool) return found("bool");
    result = {Value::boolean(static_cast<const BoolNode&>(node).value)};
  } else if (type.kind == GoKind::kString) {
    if (node.type != NodeType::kString) return found("string");
    result = {Value::string(static_cast<const StringNode&>(node).text)};
  } else if (is_signed_kind(type.kind)) {
    if (number == nullptr || !number->is_int) return found("integer");
    result = {with_type(Value::integer(number->integer), type)};
  } else if (is_unsigned_kind(type.kind)) {
    if (number == nullptr || !number->is_uint) return found("unsigned integer");
    result = {with_type(Value::uinteger(number->uinteger), type)};
  } else if (is_float_kind(type.kind)) {
    if (number == nullptr || !number->is_float) return found("float");
    result = {Value::real(number->real)};
  } else {
    return error(fmt::format("can't handle {} for arg of type {}", node_text(node), type.name));
  }
  return true;
}

}  // namespace plimsoll::tmpl
