// Case and shape of words: upper, camelcase, wrap, abbrev, ...
#include "engine/template/functions/families.h"
#include "engine/template/functions/text_case.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

template <std::string (*kChange)(std::string_view)>
Result<Value> change(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, 3 * args[0].size()));
  return context.text(kChange(args[0].as_string()));
}

template <char kConnector>
Result<Value> separate(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, 3 * args[0].size()));
  return context.text(separate_words(args[0].as_string(), kConnector));
}

Result<Value> abbrev(CallContext& context, Args args) {
  if (args[0].as_int() < 4) return args[1];
  return context.text(abbreviate(args[1].as_string(), 0, args[0].as_int()));
}

Result<Value> abbrevboth(CallContext& context, Args args) {
  const int64_t left = args[0].as_int();
  const int64_t right = args[1].as_int();
  if (right < 4 || (left > 0 && right < 7)) return args[2];
  return context.text(abbreviate(args[2].as_string(), left, right));
}

Result<Value> wrap_function(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, 2 * args[1].size()));
  return context.text(wrap(args[1].as_string(), args[0].as_int(), "", false));
}

Result<Value> wrap_with(CallContext& context, Args args) {
  const std::string_view text = args[2].as_string();
  const std::string_view line_break = args[1].as_string();
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, text.size() * (line_break.size() + 1)));
  return context.text(wrap(text, args[0].as_int(), line_break, true));
}

constexpr Function kFunctions[] = {
    {"upper", "(string) string", "Upper case: upper \"hello\" == \"HELLO\".", change<to_upper>, Trace::kLines},
    {"lower", "(string) string", "Lower case: lower \"HELLO\" == \"hello\".", change<to_lower>, Trace::kLines},
    {"title", "(string) string", "Words with a capital: title \"hello world\" == \"Hello World\".", change<to_title>,
     Trace::kLines},
    {"untitle", "(string) string", "Words without a capital: untitle \"Hello World\" == \"hello world\".",
     change<untitle>, Trace::kLines},
    {"swapcase", "(string) string", "Upper and lower case exchanged.", change<swap_case>, Trace::kLines},
    {"snakecase", "(string) string", "snakecase \"FirstName\" == \"first_name\".", separate<'_'>, Trace::kLines},
    {"kebabcase", "(string) string", "kebabcase \"FirstName\" == \"first-name\".", separate<'-'>, Trace::kLines},
    {"camelcase", "(string) string", "camelcase \"http_server\" == \"HttpServer\".", change<pascal_case>, Trace::kLines},
    {"initials", "(string) string", "First letters of the words: initials \"First Try\" == \"FT\".", change<initials>,
     Trace::kLines},
    {"nospace", "(string) string", "Without white space.", change<delete_white_space>, Trace::kLines},
    {"abbrev", "(int, string) string", "Shortened with an ellipsis: abbrev 5 \"hello world\" == \"he...\".", abbrev,
     Trace::kLines},
    {"abbrevboth", "(int, int, string) string", "Shortened at both ends: abbrevboth 5 10 \"1234 5678 9123\" == \"...5678...\".",
     abbrevboth, Trace::kLines},
    {"wrap", "(int, string) string", "Lines broken at a column.", wrap_function, Trace::kUnion},
    {"wrapWith", "(int, string, string) string", "Lines broken at a column, with a given separator.", wrap_with,
     Trace::kUnion},
};

}  // namespace

FunctionFamily text_case_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
