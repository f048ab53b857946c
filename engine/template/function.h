// The functions that templates call: a table row for each, an implementation over Values, and what it may use while it runs.
//
//   Result<Value> upper(CallContext& context, std::span<const Value> args) {
//     return context.text(to_upper(args[0].as_string()));
//   }
//   inline constexpr Function kStringFunctions[] = {
//       {"upper", "(string) string", "Upper case: upper \"hello\" == \"HELLO\".", upper, Trace::kLines},
//   };
//
// The executor checks and converts arguments by the signature before it calls, with Go's words for what is wrong ("wrong number
// of args for upper: want 1 got 0", "wrong type for value; expected string; got int"), so an implementation sees the number
// of arguments and the types that it declared: a string parameter is always a kString, an int parameter a kInt of flavour kInt,
// float64 a kDouble, []interface {} a kList or kNull (a nil slice), a map type a kMap or kNull (a nil map), interface {}
// anything, nil included. A variadic parameter's arguments follow one by one at the end of `args`.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/template/budget.h"
#include "engine/template/go_object.h"
#include "engine/template/go_type.h"
#include "engine/template/go_value.h"
#include "engine/template/host.h"
#include "engine/value/arena.h"
#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::tmpl {

// How the origin of a function's result follows from its arguments, while a render records where its output comes from.
// (Values that a function hands on as they are, items of lists included, keep their origin whatever the rule.)
enum class Trace : uint8_t {
  kUnion,  // the result comes from all arguments: printf, add, eq
  kLines,  // text whose lines still are lines of the last argument, changed a little: indent, trim, quote, replace
  kYaml,   // text that writes the last argument out, entry by entry: toYaml, toJson
  kNone,   // owes nothing to its arguments: now, randAlphaNum, fail
};

struct Function {
  std::string_view name;
  // Go's text of parameter and result types: "(string, ...interface {}) (string, error)", "(interface {}) string", "() time.Time".
  // Types: those of go_type.h, error, reflect.Value, and names of GoObjectTypes (looked up by name at the call).
  std::string_view signature;
  std::string_view doc;  // one line
  FunctionPointer call = nullptr;
  Trace trace = Trace::kUnion;
};

// Compiled regular expressions of one render; defined in functions/regex_cache.h, made when first needed.
struct RegexCache;

// One call. Everything in it outlives the call; arena, host and budget outlive the render.
struct CallContext {
  Arena& arena;
  Host& host;
  Budget& budget;
  std::shared_ptr<RegexCache>& regexes;
  // The executor, for functions that run templates (include, tpl); opaque to others.
  class Executor* executor = nullptr;
  std::string_view function_name;

  // Result strings.
  Value text(std::string_view words) { return Value::string(arena.copy(words)); }
  // A result that may be very long: false if the arena's budget has no room for `bytes` more.
  bool can_allocate(size_t bytes) const { return arena.can_allocate(bytes); }
};

// A Go error returned by a function: the executor puts "error calling NAME: " before it. Go panics inside a function are
// recovered as errors, with the panic's text as message ("runtime error: index out of range [3] with length 2").
inline std::unexpected<Error> go_error(std::string message) { return fail(ErrorCode::kEvaluation, std::move(message)); }

// A table of functions, one for each family (strings, lists, dates, ...).
using FunctionFamily = std::span<const Function>;

// sprig's and helm's functions: all but those that text/template and the executor define themselves (and, or, not, eq, ne,
// lt, le, gt, ge, len, index, slice, call, html, js, urlquery, print, printf, println; include, tpl, required, fail, lookup).
// Defined in functions/catalogue.cc.
std::span<const FunctionFamily> sprig_families();

}  // namespace plimsoll::tmpl
