#include "engine/template/executor.h"
#include "engine/template/go_format.h"

namespace plimsoll::tmpl {

std::string_view static_type_name(const Operand& operand) {
  return operand.boxed ? type_info(GoType::kInterface).name : type_name(operand.value);
}

Operand unbox(Operand operand) {
  if (!operand.boxed) return operand;
  if (operand.is_nil_interface()) return Operand::invalid();
  return {operand.value};
}

Operand zero_operand(GoType type) {
  const GoTypeInfo& info = type_info(type);
  switch (info.kind) {
    case GoKind::kInvalid: return Operand::invalid();
    case GoKind::kInterface: return {Value::null(), true};
    case GoKind::kBool: return {Value::boolean(false)};
    case GoKind::kString: return {Value::string("")};
    case GoKind::kMap:
    case GoKind::kSlice:
    case GoKind::kPointer: return {typed_nil(type)};
    case GoKind::kFloat32:
    case GoKind::kFloat64: return {Value::real(0).with_flavour(flavour(type))};
    default:
      return {(is_unsigned_kind(info.kind) ? Value::uinteger(0) : Value::integer(0)).with_flavour(flavour(type))};
  }
}

Operand dereference(const Operand& pointer) {
  const GoObject* object = as_object(pointer.value);
  if (object == nullptr || object->go_type().pointee == nullptr) return pointer;
  return {pointer.value, false, true};
}

bool append_printable(std::string& out, const Operand& operand) {
  if (!operand.is_valid()) {
    out += "<no value>";
    return true;
  }
  if (const GoObject* object = as_object(operand.value)) {
    const GoObjectType& type = object->go_type();
    if (operand.addressable && type.to_string == nullptr && type.pointer != nullptr &&
        type.pointer->to_string != nullptr) {
      out += type.pointer->to_string(*object);
      return true;
    }
    if (type.kind == GoKind::kPointer && type.to_string == nullptr && object->fields != nullptr) {
      std::string text;
      if (!append_value(text, operand.value)) return false;
      // A pointed-to struct prints without the '&' that %v gives a pointer.
      out.append(text, 1);
      return true;
    }
  }
  return append_value(out, operand.value);
}

}  // namespace plimsoll::tmpl
