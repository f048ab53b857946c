// The functions of text/template itself (funcs.go). and, or and call are special: call.cc.
#include <fmt/format.h>

#include "engine/template/comparison.h"
#include "engine/template/executor.h"
#include "engine/template/function_table.h"
#include "engine/template/go_format.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

constexpr std::string_view kTooLarge = "value is too large or too deep to print";

bool text_result(Executor& executor, std::string_view text, Operand& result) {
  result = {Value::string(executor.arena().copy(text))};
  return true;
}

std::vector<Value> values_of(std::span<const Operand> args) {
  std::vector<Value> values;
  values.reserve(args.size());
  for (const Operand& arg : args) values.push_back(arg.is_valid() ? arg.value : Value::null());
  return values;
}

bool print(Executor& executor, std::span<const Operand> args, Operand& result) {
  std::string out;
  if (!append_sprint(out, values_of(args))) return executor.builtin_error(std::string(kTooLarge));
  return text_result(executor, out, result);
}

bool println(Executor& executor, std::span<const Operand> args, Operand& result) {
  std::string out;
  if (!append_sprintln(out, values_of(args))) return executor.builtin_error(std::string(kTooLarge));
  return text_result(executor, out, result);
}

bool printf(Executor& executor, std::span<const Operand> args, Operand& result) {
  std::string out;
  const std::vector<Value> values = values_of(args.subspan(1));
  if (!append_sprintf(out, args[0].value.as_string(), values)) return executor.builtin_error(std::string(kTooLarge));
  return text_result(executor, out, result);
}

// The text of the arguments as actions print them.
bool printable(Executor& executor, std::span<const Operand> args, std::string& out) {
  bool previous_string = true;
  for (const Operand& arg : args) {
    const Operand operand = unbox(arg);
    const bool is_string = !operand.is_valid() || operand.value.is_string();
    if (!is_string && !previous_string) out += ' ';
    if (!append_printable(out, operand)) return executor.builtin_error(std::string(kTooLarge));
    previous_string = is_string;
  }
  return true;
}

bool html(Executor& executor, std::span<const Operand> args, Operand& result) {
  std::string text;
  if (!printable(executor, args, text)) return false;
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\0': out += "\xEF\xBF\xBD"; break;
      case '"': out += "&#34;"; break;
      case '\'': out += "&#39;"; break;
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      default: out += c;
    }
  }
  return text_result(executor, out, result);
}

bool js(Executor& executor, std::span<const Operand> args, Operand& result) {
  std::string text;
  if (!printable(executor, args, text)) return false;
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const utf8::Rune rune = utf8::decode(rest);
    switch (rune.code) {
      case '\\': out += "\\\\"; break;
      case '\'': out += "\\'"; break;
      case '"': out += "\\\""; break;
      case '<': out += "\\u003C"; break;
      case '>': out += "\\u003E"; break;
      case '&': out += "\\u0026"; break;
      case '=': out += "\\u003D"; break;
      default:
        if (rune.code >= 0x80 ? go::is_print(rune.code) : rune.code >= ' ') {
          out += rest.substr(0, rune.size);
        } else {
          out += fmt::format("\\u{:04X}", static_cast<uint32_t>(rune.code));
        }
    }
    rest.remove_prefix(rune.size);
  }
  return text_result(executor, out, result);
}

bool urlquery(Executor& executor, std::span<const Operand> args, Operand& result) {
  std::string text;
  if (!printable(executor, args, text)) return false;
  constexpr std::string_view kUnreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
  std::string out;
  for (const char c : text) {
    if (c == ' ') out += '+';
    else if (kUnreserved.find(c) != std::string_view::npos) out += c;
    else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text_result(executor, out, result);
}

// Go's indexArg: the number that an index argument stands for.
bool index_number(Executor& executor, const Operand& index, size_t capacity, size_t& number) {
  const Value& value = index.value;
  if (!index.is_valid()) return executor.builtin_error("cannot index slice/array with nil");
  if (!value.is_int() && !value.is_uint()) {
    return executor.builtin_error(fmt::format("cannot index slice/array with type {}", type_name(value)));
  }
  const int64_t wanted = value.is_int() ? value.as_int() : static_cast<int64_t>(value.as_uint());
  if (wanted < 0 || static_cast<size_t>(wanted) > capacity) {
    return executor.builtin_error(fmt::format("index out of range: {}", wanted));
  }
  number = static_cast<size_t>(wanted);
  return true;
}

bool index_sequence(Executor& executor, const Operand& index, Operand& item) {
  const Value value = item.value;
  size_t at = 0;
  if (!index_number(executor, index, value.size(), at)) return false;
  if (at >= value.size()) {
    // The check lets the length itself pass; reflect then panics.
    return executor.builtin_error(value.is_string() ? "reflect: string index out of range"
                                                    : "reflect: slice index out of range");
  }
  if (value.is_list()) {
    item = element_operand(type_info(go_type(value)).element, (*value.as_list())[at]);
    item.addressable = true;
  } else {
    const std::string_view text = value.is_string() ? value.as_string() : value.as_bytes();
    item = {Value::uinteger(static_cast<unsigned char>(text[at])).with_flavour(flavour(GoType::kUint8))};
  }
  return true;
}

bool index_map(Executor& executor, Operand index, Operand& item) {
  const GoTypeInfo& type = type_info(go_type(item.value));
  if (type.key == GoType::kString) {
    if (!index.is_valid()) return executor.builtin_error("value is nil; should be of type string");
    if (!index.value.is_string()) {
      return executor.builtin_error(fmt::format("value has type {}; should be string", type_name(index.value)));
    }
  }
  const Value* found = item.value.is_map() ? std::as_const(*item.value.as_map()).find(index.value) : nullptr;
  item = found != nullptr ? element_operand(type.element, *found) : zero_operand(type.element);
  return true;
}

bool index(Executor& executor, std::span<const Operand> args, Operand& result) {
  Operand item = unbox(args[0]);
  if (!item.is_valid()) return executor.builtin_error("index of untyped nil");
  for (const Operand& given : args.subspan(1)) {
    const Operand index = unbox(given);
    if (item.is_nil_interface()) return executor.builtin_error("index of nil pointer");
    item.boxed = false;
    bool ok = false;
    switch (kind_of(item.value)) {
      case GoKind::kSlice:
      case GoKind::kString: ok = index_sequence(executor, index, item); break;
      case GoKind::kMap: ok = index_map(executor, index, item); break;
      default:
        ok = executor.builtin_error(fmt::format("can't index item of type {}", type_name(item.value)));
    }
    if (!ok) return false;
  }
  result = item;
  return true;
}

bool slice(Executor& executor, std::span<const Operand> args, Operand& result) {
  const Operand item = unbox(args[0]);
  if (!item.is_valid()) return executor.builtin_error("slice of untyped nil");
  const auto indexes = args.subspan(1);
  if (indexes.size() > 3) return executor.builtin_error(fmt::format("too many slice indexes: {}", indexes.size()));
  const Value& value = item.value;
  const GoKind kind = kind_of(value);
  if (kind == GoKind::kString && indexes.size() == 3) return executor.builtin_error("cannot 3-index slice a string");
  if (kind != GoKind::kString && kind != GoKind::kSlice) {
    return executor.builtin_error(fmt::format("can't slice item of type {}", type_name(value)));
  }
  size_t bounds[3] = {0, value.size(), value.size()};
  for (size_t i = 0; i < indexes.size(); ++i) {
    if (!index_number(executor, unbox(indexes[i]), value.size(), bounds[i])) return false;
  }
  for (size_t i = 0; i + 1 < 3; ++i) {
    if (bounds[i] > bounds[i + 1]) {
      return executor.builtin_error(fmt::format("invalid slice index: {} > {}", bounds[i], bounds[i + 1]));
    }
  }
  const size_t count = bounds[1] - bounds[0];
  if (value.is_list()) {
    result = {Value::list(List::copy_of(executor.arena(), value.as_list()->items().subspan(bounds[0], count)))
                  .with_flavour(value.flavour())};
  } else if (value.is_string()) {
    result = {Value::string(value.as_string().substr(bounds[0], count))};
  } else if (value.is_bytes()) {
    result = {Value::bytes(value.as_bytes().substr(bounds[0], count))};
  } else {
    result = item;
  }
  return true;
}

bool len(Executor& executor, std::span<const Operand> args, Operand& result) {
  const Operand& item = args[0];
  if (!item.is_valid()) return executor.builtin_error("reflect: call of reflect.Value.Type on zero Value");
  if (item.is_nil_interface()) return executor.builtin_error("len of nil pointer");
  const auto length = length_of(item.value);
  if (!length) {
    const GoObject* object = as_object(item.value);
    const bool pointer = object != nullptr && object->go_type().pointee != nullptr;
    return executor.builtin_error(
        fmt::format("len of type {}", pointer ? object->go_type().pointee->name : type_name(item.value)));
  }
  result = {go_int(static_cast<int64_t>(*length))};
  return true;
}

bool negate(Executor&, std::span<const Operand> args, Operand& result) {
  result = {Value::boolean(!is_true(args[0].value))};
  return true;
}

// A comparison that answers true, false or why not.
template <ComparisonResult (*compare)(std::span<const Operand>)>
bool comparison(Executor& executor, std::span<const Operand> args, Operand& result) {
  const ComparisonResult answer = compare(args);
  if (!answer) return executor.builtin_error(answer.error());
  result = {Value::boolean(*answer)};
  return true;
}

constexpr BuiltinRow kBuiltins[] = {
    {{"and", "(reflect.Value, ...reflect.Value) reflect.Value",
      "The first empty argument, or the last; stops evaluating there."},
     nullptr,
     Special::kAnd},
    {{"call", "(reflect.Value, ...reflect.Value) (reflect.Value, error)",
      "Calls the function that is the first argument; charts have none."},
     nullptr,
     Special::kCall},
    {{"eq", "(reflect.Value, ...reflect.Value) (bool, error)", "True if the first argument equals one of the others."},
     comparison<compare_eq>},
    {{"ge", "(reflect.Value, reflect.Value) (bool, error)", "a >= b."}, comparison<compare_ge>},
    {{"gt", "(reflect.Value, reflect.Value) (bool, error)", "a > b."}, comparison<compare_gt>},
    {{"html", "(...interface {}) string", "The arguments' text with HTML's special characters escaped.", nullptr,
      Trace::kLines},
     html},
    {{"index", "(reflect.Value, ...reflect.Value) (reflect.Value, error)",
      "index x 1 \"a\" is x[1][\"a\"]; a missing key gives the zero value."},
     index},
    {{"js", "(...interface {}) string", "The arguments' text with JavaScript's special characters escaped.", nullptr,
      Trace::kLines},
     js},
    {{"le", "(reflect.Value, reflect.Value) (bool, error)", "a <= b."}, comparison<compare_le>},
    {{"len", "(reflect.Value) (int, error)", "Number of items, entries or bytes."}, len},
    {{"lt", "(reflect.Value, reflect.Value) (bool, error)", "a < b."}, comparison<compare_lt>},
    {{"ne", "(reflect.Value, reflect.Value) (bool, error)", "a != b."}, comparison<compare_ne>},
    {{"not", "(reflect.Value) bool", "True if the argument is empty."}, negate},
    {{"or", "(reflect.Value, ...reflect.Value) reflect.Value",
      "The first argument that is not empty, or the last; stops evaluating there."},
     nullptr,
     Special::kOr},
    {{"print", "(...interface {}) string", "The arguments' text, blanks between those that are not strings."}, print},
    {{"printf", "(string, ...interface {}) string", "Formats as Go's fmt.Sprintf: printf \"%s-%d\" \"a\" 1 == \"a-1\"."},
     printf},
    {{"println", "(...interface {}) string", "The arguments' text with blanks between and a line end."}, println},
    {{"slice", "(reflect.Value, ...reflect.Value) (reflect.Value, error)", "slice x 1 2 is x[1:2]."}, slice},
    {{"urlquery", "(...interface {}) string", "The arguments' text escaped for the query of a URL.", nullptr,
      Trace::kLines},
     urlquery},
};

}  // namespace

std::span<const BuiltinRow> builtin_functions() { return kBuiltins; }

}  // namespace plimsoll::tmpl
