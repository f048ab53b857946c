// Fallbacks and questions about values: default, empty, ternary, typeOf, kindIs, ...
#include <algorithm>

#include "engine/template/functions/families.h"
#include "engine/template/go_value.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

// sprig's empty is the contrary of text/template's truth.
bool is_empty(const Value& value) { return !is_true(value); }

Result<Value> default_function(CallContext&, Args args) {
  return args.size() < 2 || is_empty(args[1]) ? args[0] : args[1];
}

Result<Value> empty(CallContext&, Args args) { return Value::boolean(is_empty(args[0])); }

Result<Value> coalesce(CallContext&, Args args) {
  const auto found = std::find_if_not(args.begin(), args.end(), is_empty);
  return found == args.end() ? Value::null() : *found;
}

Result<Value> all(CallContext&, Args args) { return Value::boolean(std::none_of(args.begin(), args.end(), is_empty)); }
Result<Value> any(CallContext&, Args args) { return Value::boolean(!std::all_of(args.begin(), args.end(), is_empty)); }

Result<Value> ternary(CallContext&, Args args) { return args[2].as_bool() ? args[0] : args[1]; }

Result<Value> type_of(CallContext&, Args args) { return Value::string(type_name(args[0])); }
Result<Value> type_is(CallContext&, Args args) { return Value::boolean(args[0].as_string() == type_name(args[1])); }

Result<Value> type_is_like(CallContext&, Args args) {
  std::string_view name = type_name(args[1]);
  if (name == args[0].as_string()) return Value::boolean(true);
  const bool pointer = name.starts_with('*');
  return Value::boolean(pointer && name.substr(1) == args[0].as_string());
}

Result<Value> kind_of_function(CallContext&, Args args) { return Value::string(kind_name_of(args[0])); }
Result<Value> kind_is(CallContext&, Args args) { return Value::boolean(args[0].as_string() == kind_name_of(args[1])); }
Result<Value> deep_equal_function(CallContext&, Args args) { return Value::boolean(deep_equal(args[0], args[1])); }

constexpr Function kFunctions[] = {
    {"default", "(interface {}, ...interface {}) interface {}", "The second value, or the first if that is empty: default \"x\" \"\" == \"x\".",
     default_function, Trace::kLines},
    {"empty", "(interface {}) bool", "Whether a value is nil, false, 0, \"\" or has no items.", empty},
    {"coalesce", "(...interface {}) interface {}", "The first value that is not empty.", coalesce},
    {"all", "(...interface {}) bool", "Whether no value is empty.", all},
    {"any", "(...interface {}) bool", "Whether some value is not empty.", any},
    {"ternary", "(interface {}, interface {}, bool) interface {}", "The first value if the last is true, else the second.", ternary},
    {"typeOf", "(interface {}) string", "Go's name of the type: typeOf 1.5 == \"float64\".", type_of},
    {"typeIs", "(string, interface {}) bool", "Whether the type has this name.", type_is},
    {"typeIsLike", "(string, interface {}) bool", "As typeIs, for pointers to the type, too.", type_is_like},
    {"kindOf", "(interface {}) string", "Go's kind: kindOf (list 1) == \"slice\".", kind_of_function},
    {"kindIs", "(string, interface {}) bool", "Whether a value is of this kind.", kind_is},
    {"deepEqual", "(interface {}, interface {}) bool", "Whether two values are alike all the way down, types included.", deep_equal_function},
};

}  // namespace

FunctionFamily default_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
