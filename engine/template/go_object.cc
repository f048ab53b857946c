#include "engine/template/go_object.h"

#include <algorithm>

#include "engine/template/go_format.h"

namespace plimsoll::tmpl {
namespace {

std::string complex_text(const GoObject& object) {
  const auto& number = static_cast<const GoComplex&>(object);
  std::string out = "(";
  append_float_v(out, number.re);
  const size_t sign = out.size();
  append_float_v(out, number.im);
  if (out[sign] != '-' && out[sign] != '+') out.insert(sign, 1, '+');
  return out + "i)";
}

bool complex_equals(const GoObject& a, const GoObject& b) {
  const auto& x = static_cast<const GoComplex&>(a);
  const auto& y = static_cast<const GoComplex&>(b);
  return x.re == y.re && x.im == y.im;
}

std::string error_text(const GoObject& object) { return std::string(static_cast<const GoError&>(object).message); }

}  // namespace

const GoObjectType GoComplex::kType = {
    {"complex128"}, GoKind::kComplex128, {}, {}, complex_text, false, nullptr, complex_equals};

const GoObjectType GoError::kType = {{"*errors.errorString"}, GoKind::kPointer, {}, {}, error_text, true};

Value make_struct(Arena& arena, const GoObjectType& type, std::initializer_list<Value> fields) {
  auto* object = arena.make<GoObject>();
  object->type = &type;
  const size_t count = std::max(type.fields.size(), fields.size());
  auto* values = arena.allocate_array<Value>(count);
  std::fill_n(values, count, Value::null());
  std::copy(fields.begin(), fields.end(), values);
  object->fields = values;
  return Value::extension(object);
}

Value make_complex(Arena& arena, double re, double im) {
  auto* number = arena.make<GoComplex>();
  number->type = &GoComplex::kType;
  number->re = re;
  number->im = im;
  return Value::extension(number);
}

Value make_error(Arena& arena, std::string_view message) {
  auto* error = arena.make<GoError>();
  error->type = &GoError::kType;
  error->message = arena.copy(message);
  return Value::extension(error);
}

}  // namespace plimsoll::tmpl
