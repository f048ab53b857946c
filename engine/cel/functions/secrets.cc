// entropy('correct horse') and weakSecret('admin')
#include "engine/cel/functions.h"
#include "engine/cel/runtime/secret_strength.h"

namespace plimsoll::cel {

namespace {

Value entropy_of(Frame&, const Value* arguments, size_t) { return Value::real(entropy(arguments[0].as_string())); }
Value is_weak(Frame&, const Value* arguments, size_t) { return Value::boolean(is_weak_secret(arguments[0].as_string())); }

constexpr Binding kBindings[] = {
    {"entropy_string", entropy_of},
    {"weak_secret_string", is_weak},
};

}  // namespace

std::span<const Binding> functions::secrets() { return kBindings; }

}  // namespace plimsoll::cel
