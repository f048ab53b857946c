// Regular expressions in Go's syntax.
#include "engine/template/functions/families.h"
#include "engine/template/functions/regex_cache.h"
#include "engine/template/go_format.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

constexpr size_t kMaxReplaced = 256UL << 20;

Result<const Regex*> compile(CallContext& context, const Value& pattern) {
  if (context.regexes == nullptr) context.regexes = std::make_shared<RegexCache>();
  return context.regexes->compile(pattern.as_string());
}

// Text that strconv.CanBackquote admits between backquotes.
bool can_backquote(std::string_view text) {
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '`' || c == 0x7F) return false;
  }
  return text.find("\xEF\xBB\xBF") == std::string_view::npos && utf8::is_valid(text);
}

// regexp.MustCompile, which panics with a longer text.
Result<const Regex*> must_compile(CallContext& context, const Value& pattern) {
  Result<const Regex*> regex = compile(context, pattern);
  if (regex) return regex;
  std::string message = "regexp: Compile(";
  if (can_backquote(pattern.as_string())) {
    message.append("`").append(pattern.as_string()).append("`");
  } else {
    go::append_quoted(message, pattern.as_string());
  }
  return go_error(message + "): " + regex.error().message());
}

using Compile = Result<const Regex*> (*)(CallContext&, const Value&);

Result<Value> regex_match(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[1].size() / 64 + 1));
  const Result<const Regex*> regex = compile(context, args[0]);
  return Value::boolean(regex && (*regex)->matches(args[1].as_string()));
}

Result<Value> must_regex_match(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[1].size() / 64 + 1));
  PLIMSOLL_ASSIGN_OR_RETURN(const Regex* regex, compile(context, args[0]));
  return Value::boolean(regex->matches(args[1].as_string()));
}

template <Compile kCompile>
Result<Value> regex_find(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Regex* regex, kCompile(context, args[0]));
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[1].size() / 64 + 1));
  return context.text(regex->find(args[1].as_string()));
}

template <Compile kCompile>
Result<Value> regex_find_all(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Regex* regex, kCompile(context, args[0]));
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[1].size() + 1));
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, args[1].size() * sizeof(Value)));
  const auto found = regex->find_all(args[1].as_string(), args[2].as_int());
  return found.empty() ? typed_nil(GoType::kStrings) : make_strings(context, found);
}

template <Compile kCompile>
Result<Value> regex_split(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Regex* regex, kCompile(context, args[0]));
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[1].size() + 1));
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, args[1].size() * sizeof(Value)));
  if (args[2].as_int() == 0) return typed_nil(GoType::kStrings);
  return make_strings(context, regex->split(args[1].as_string(), args[2].as_int()));
}

template <Compile kCompile, bool kLiteral>
Result<Value> regex_replace_all(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Regex* regex, kCompile(context, args[0]));
  const std::string_view text = args[1].as_string();
  PLIMSOLL_RETURN_IF_ERROR(charge(context, text.size() + 1));
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string out,
                            regex->replace_all(text, args[2].as_string(), kLiteral, kMaxReplaced));
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, out.size()));
  return context.text(out);
}

Result<Value> regex_quote_meta(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, 2 * args[0].size()));
  return context.text(quote_regex(args[0].as_string()));
}

constexpr Function kFunctions[] = {
    {"regexMatch", "(string, string) bool", "Whether text has a match; false for a wrong pattern, too.", regex_match},
    {"mustRegexMatch", "(string, string) (bool, error)", "As regexMatch, with an error for a wrong pattern.", must_regex_match},
    {"regexFind", "(string, string) string", "The first match, or \"\": regexFind \"[0-9]+\" \"a12\" == \"12\".", regex_find<must_compile>},
    {"mustRegexFind", "(string, string) (string, error)", "As regexFind, with an error for a wrong pattern.", regex_find<compile>},
    {"regexFindAll", "(string, string, int) []string", "The first matches, all of them for -1.", regex_find_all<must_compile>},
    {"mustRegexFindAll", "(string, string, int) ([]string, error)", "As regexFindAll, with an error for a wrong pattern.", regex_find_all<compile>},
    {"regexSplit", "(string, string, int) []string", "Text split at the matches, into at most so many parts unless -1.", regex_split<must_compile>},
    {"mustRegexSplit", "(string, string, int) ([]string, error)", "As regexSplit, with an error for a wrong pattern.", regex_split<compile>},
    {"regexReplaceAll", "(string, string, string) string", "Matches replaced; $1 and ${name} stand for groups.", regex_replace_all<must_compile, false>, Trace::kLines},
    {"mustRegexReplaceAll", "(string, string, string) (string, error)", "As regexReplaceAll, with an error for a wrong pattern.", regex_replace_all<compile, false>, Trace::kLines},
    {"regexReplaceAllLiteral", "(string, string, string) string", "Matches replaced by text as it is.", regex_replace_all<must_compile, true>, Trace::kLines},
    {"mustRegexReplaceAllLiteral", "(string, string, string) (string, error)", "As regexReplaceAllLiteral, with an error for a wrong pattern.", regex_replace_all<compile, true>, Trace::kLines},
    {"regexQuoteMeta", "(string) string", "Text with what patterns mean by special characters escaped.", regex_quote_meta},
};

}  // namespace

FunctionFamily regex_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
