// java.heap('-Xmx1g').value() == 1073741824
#include "engine/cel/functions.h"
#include "engine/cel/runtime/java_options.h"

namespace plimsoll::cel {

namespace {

Value as_value(int64_t number) { return Value::integer(number); }
Value as_value(double number) { return Value::real(number); }

template <auto kOption>
Value option(Frame& frame, const Value* arguments, size_t) {
  const Result<JavaOptions> options = read_java_options(arguments[0].as_string());
  if (!options) return frame.error(options.error().message());
  const auto& value = *options.*kOption;
  return value ? make_optional(frame.arena(), as_value(*value)) : no_value();
}

constexpr Binding kBindings[] = {
    {"java_heap_string", option<&JavaOptions::heap>},
    {"java_initial_heap_string", option<&JavaOptions::initial_heap>},
    {"java_max_ram_percentage_string", option<&JavaOptions::max_ram_percentage>},
};

}  // namespace

std::span<const Binding> functions::java_options() { return kBindings; }

}  // namespace plimsoll::cel
