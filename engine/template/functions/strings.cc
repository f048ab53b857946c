// Text: cutting, joining, indenting, quoting.
#include <algorithm>

#include "engine/template/functions/families.h"
#include "engine/template/functions/go_number.h"
#include "engine/template/functions/unicode.h"
#include "engine/template/go_format.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

std::string_view text_of(const Value& value) { return value.as_string(); }

// A piece of `whole`. One that begins where the whole does is copied, for origins of texts are kept by their address.
Value piece_of(CallContext& context, std::string_view whole, std::string_view piece) {
  const bool clash = piece.data() == whole.data() && piece.size() != whole.size();
  return clash ? context.text(piece) : Value::string(piece);
}

Result<Value> hello(CallContext&, Args) { return Value::string("Hello!"); }

Result<Value> trim(CallContext& context, Args args) {
  return piece_of(context, text_of(args[0]), unicode::trim_space(text_of(args[0])));
}

Result<Value> trim_all(CallContext& context, Args args) {
  return piece_of(context, text_of(args[1]), unicode::trim(text_of(args[1]), text_of(args[0])));
}

Result<Value> trim_prefix(CallContext&, Args args) {
  std::string_view text = text_of(args[1]);
  if (text.starts_with(text_of(args[0]))) text.remove_prefix(args[0].size());
  return Value::string(text);
}

Result<Value> trim_suffix(CallContext& context, Args args) {
  std::string_view text = text_of(args[1]);
  if (text.ends_with(text_of(args[0]))) text.remove_suffix(args[0].size());
  return piece_of(context, text_of(args[1]), text);
}

Result<Value> trunc(CallContext& context, Args args) {
  const int64_t limit = args[0].as_int();
  const std::string_view text = text_of(args[1]);
  const auto size = static_cast<int64_t>(text.size());
  if (limit < 0 && size + limit > 0) return Value::string(text.substr(static_cast<size_t>(size + limit)));
  if (limit >= 0 && size > limit) return piece_of(context, text, text.substr(0, static_cast<size_t>(limit)));
  return args[1];
}

std::unexpected<Error> out_of_range(const std::string& bounds, std::string_view rest = {}) {
  return go_error("runtime error: slice bounds out of range [" + bounds + "]" + std::string(rest));
}

Result<Value> substr(CallContext& context, Args args) {
  const int64_t start = args[0].as_int();
  const int64_t end = args[1].as_int();
  const std::string_view text = text_of(args[2]);
  const auto size = static_cast<int64_t>(text.size());
  if (start < 0) {
    if (end < 0) return out_of_range(":" + std::to_string(end));
    if (end > size) return out_of_range(":" + std::to_string(end), " with length " + std::to_string(size));
    return piece_of(context, text, text.substr(0, static_cast<size_t>(end)));
  }
  const int64_t stop = end < 0 || end > size ? size : end;
  if (start > stop) return out_of_range(std::to_string(start) + ":" + std::to_string(stop));
  return piece_of(context, text, text.substr(static_cast<size_t>(start), static_cast<size_t>(stop - start)));
}

Result<Value> repeat(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view text, repeat_text(context, text_of(args[1]), args[0].as_int()));
  return Value::string(text);
}

// strings.Replace of all occurrences; an empty `old` stands before each rune and at the end.
Result<Value> replace(CallContext& context, Args args) {
  const std::string_view old = text_of(args[0]);
  const std::string_view replacement = text_of(args[1]);
  std::string_view text = text_of(args[2]);
  if (old == replacement || (!old.empty() && text.find(old) == std::string_view::npos)) return args[2];
  PLIMSOLL_RETURN_IF_ERROR(charge(context, text.size()));
  const auto checked_room = [&](const std::string& out) { return check_room(context, out.size() + text.size()); };
  std::string out;
  while (true) {
    const size_t at = old.empty() ? 0 : text.find(old);
    if (at == std::string_view::npos) break;
    out.append(text.substr(0, at)).append(replacement);
    text.remove_prefix(at + old.size());
    PLIMSOLL_RETURN_IF_ERROR(checked_room(out));
    if (!old.empty()) continue;
    if (text.empty()) break;
    const uint32_t width = utf8::decode(text).size;
    out += text.substr(0, width);
    text.remove_prefix(width);
  }
  out += text;
  return context.text(out);
}

Result<Value> indent_text(CallContext& context, Args args, std::string_view prefix) {
  const int64_t spaces = args[0].as_int();
  const std::string_view text = text_of(args[1]);
  if (spaces < 0) return go_error("strings: negative Repeat count");
  const auto width = static_cast<size_t>(spaces);
  const auto lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  size_t padding = 0;
  if (__builtin_mul_overflow(width, lines, &padding) || padding > SIZE_MAX / 2) padding = SIZE_MAX / 2;
  const size_t size = prefix.size() + padding + text.size();
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, size));
  char* const data = context.arena.allocate_array<char>(size);
  char* out = std::copy(prefix.begin(), prefix.end(), data);
  std::string_view rest = text;
  while (true) {
    out = std::fill_n(out, width, ' ');
    const size_t end = std::min(rest.find('\n'), rest.size());
    const size_t taken = std::min(end + 1, rest.size());
    out = std::copy_n(rest.begin(), taken, out);
    if (end == rest.size()) break;
    rest.remove_prefix(taken);
  }
  return Value::string({data, size});
}

Result<Value> indent(CallContext& context, Args args) { return indent_text(context, args, ""); }
Result<Value> nindent(CallContext& context, Args args) { return indent_text(context, args, "\n"); }

bool is_nil(const Value& value) { return value.is_null() && value.flavour() == 0; }

Result<Value> quote(CallContext& context, Args args) {
  std::string out;
  for (const Value& arg : args) {
    if (is_nil(arg)) continue;
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view text, to_words(context, arg));
    if (!out.empty()) out += ' ';
    go::append_quoted(out, text);
  }
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, out.size()));
  return context.text(out);
}

// The operands that are not nil as %v prints them, with blanks between.
Result<Value> join_printed(CallContext& context, Args args, std::string_view mark) {
  std::string out;
  bool first = true;
  for (const Value& arg : args) {
    if (is_nil(arg)) continue;
    if (!std::exchange(first, false)) out += ' ';
    out += mark;
    if (!append_value(out, arg)) {
      return fail(ErrorCode::kLimit, "value is nested too deeply to print (or contains itself)");
    }
    out += mark;
  }
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, out.size()));
  return context.text(out);
}

Result<Value> squote(CallContext& context, Args args) { return join_printed(context, args, "'"); }
Result<Value> cat(CallContext& context, Args args) { return join_printed(context, args, ""); }

Result<Value> contains(CallContext&, Args args) {
  return Value::boolean(text_of(args[1]).find(text_of(args[0])) != std::string_view::npos);
}
Result<Value> has_prefix(CallContext&, Args args) {
  return Value::boolean(text_of(args[1]).starts_with(text_of(args[0])));
}
Result<Value> has_suffix(CallContext&, Args args) {
  return Value::boolean(text_of(args[1]).ends_with(text_of(args[0])));
}

Result<Value> plural(CallContext&, Args args) { return args[2].as_int() == 1 ? args[0] : args[1]; }

Result<Value> to_string_function(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view text, to_words(context, args[0]));
  return Value::string(text);
}

Result<Value> to_strings(CallContext& context, Args args) {
  if (go_type(args[0]) == GoType::kStrings) return args[0];
  PLIMSOLL_ASSIGN_OR_RETURN(List* words, to_word_list(context, args[0]));
  return go_strings(words);
}

Result<Value> join(CallContext& context, Args args) {
  const std::string_view separator = text_of(args[0]);
  PLIMSOLL_ASSIGN_OR_RETURN(const List* words, to_word_list(context, args[1]));
  size_t size = 0;
  for (const Value& word : *words) size += word.size() + separator.size();
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, size));
  std::string out;
  out.reserve(size);
  for (const Value& word : *words) {
    if (&word != words->begin()) out += separator;
    out += word.as_string();
  }
  return context.text(out);
}

// strings.SplitN; an empty separator splits into runes. `limit` < 0: no limit, 0: nothing.
Result<List*> split_text(CallContext& context, std::string_view text, std::string_view separator, int64_t limit) {
  List* parts = List::create(context.arena);
  if (limit == 0) return parts;
  const auto add = [&](std::string_view part) { parts->push_back(context.arena, Value::string(part)); };
  const size_t most = limit < 0 ? SIZE_MAX : static_cast<size_t>(limit);
  if (separator.empty()) {
    PLIMSOLL_RETURN_IF_ERROR(check_room(context, text.size() * sizeof(Value)));
    while (!text.empty() && parts->size() + 1 < most) {
      const uint32_t width = utf8::decode(text).size;
      add(text.substr(0, width));
      text.remove_prefix(width);
    }
    if (!text.empty()) add(text);
    return parts;
  }
  while (parts->size() + 1 < most) {
    const size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    add(text.substr(0, at));
    text.remove_prefix(at + separator.size());
    if ((parts->size() & 0xFFFF) == 0) PLIMSOLL_RETURN_IF_ERROR(check_room(context, parts->size() * sizeof(Value)));
  }
  add(text);
  return parts;
}

Result<Value> split_list(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(List* parts, split_text(context, text_of(args[1]), text_of(args[0]), -1));
  return go_strings(parts);
}

// The parts under the keys _0, _1, ...
Value numbered(CallContext& context, const List& parts) {
  Map* map = Map::create(context.arena, parts.size());
  size_t number = 0;
  for (const Value& part : parts) {
    map->append(context.arena, context.text("_" + std::to_string(number++)), part);
  }
  return go_string_map(map);
}

Result<Value> split(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const List* parts, split_text(context, text_of(args[1]), text_of(args[0]), -1));
  return numbered(context, *parts);
}

Result<Value> splitn(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const List* parts, split_text(context, text_of(args[2]), text_of(args[0]), args[1].as_int()));
  return numbered(context, *parts);
}

Result<Value> sort_alpha(CallContext& context, Args args) {
  if (kind_of(args[0]) != GoKind::kSlice) {
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view text, to_words(context, args[0]));
    List* one = List::create(context.arena, 1);
    one->push_back(context.arena, Value::string(text));
    return go_strings(one);
  }
  PLIMSOLL_ASSIGN_OR_RETURN(List* words, to_word_list(context, args[0]));
  std::sort(words->begin(), words->end(),
            [](const Value& a, const Value& b) { return a.as_string() < b.as_string(); });
  return go_strings(words);
}

Result<Value> atoi(CallContext&, Args args) {
  const ParsedInt parsed = parse_int(text_of(args[0]), 10);
  return go_int(parsed.value);
}

constexpr Function kFunctions[] = {
    {"hello", "() string", "A greeting: hello == \"Hello!\".", hello, Trace::kNone},
    {"trim", "(string) string", "Without white space at both ends: trim \" a \" == \"a\".", trim, Trace::kLines},
    {"trimAll", "(string, string) string", "Without the given characters at both ends: trimAll \"$\" \"$5$\" == \"5\".",
     trim_all, Trace::kLines},
    {"trimall", "(string, string) string", "The old name of trimAll.", trim_all, Trace::kLines},
    {"trimPrefix", "(string, string) string", "Without a prefix: trimPrefix \"v\" \"v1.2\" == \"1.2\".", trim_prefix,
     Trace::kLines},
    {"trimSuffix", "(string, string) string", "Without a suffix: trimSuffix \"-\" \"web-\" == \"web\".", trim_suffix,
     Trace::kLines},
    {"trunc", "(int, string) string", "The first bytes, or with a negative count the last: trunc 3 \"hello\" == \"hel\".",
     trunc, Trace::kLines},
    {"substr", "(int, int, string) string", "Bytes from start to end: substr 0 5 \"hello world\" == \"hello\".", substr,
     Trace::kLines},
    {"repeat", "(int, string) string", "Text several times over: repeat 3 \"ab\" == \"ababab\".", repeat},
    {"replace", "(string, string, string) string", "Each occurrence replaced: replace \" \" \"-\" \"a b\" == \"a-b\".",
     replace, Trace::kLines},
    {"indent", "(int, string) string", "Each line moved right by blanks.", indent, Trace::kLines},
    {"nindent", "(int, string) string", "A line break, then each line moved right by blanks.", nindent, Trace::kLines},
    {"quote", "(...interface {}) string", "In double quotes, escaped as Go does; nil is left out: quote 1 == \"\\\"1\\\"\".",
     quote, Trace::kLines},
    {"squote", "(...interface {}) string", "In single quotes, not escaped; nil is left out.", squote, Trace::kLines},
    {"cat", "(...interface {}) string", "Joined with blanks, nil left out: cat \"a\" 1 == \"a 1\".", cat},
    {"contains", "(string, string) bool", "Whether the first is part of the second: contains \"cat\" \"catch\" == true.",
     contains},
    {"hasPrefix", "(string, string) bool", "Whether the second begins with the first.", has_prefix},
    {"hasSuffix", "(string, string) bool", "Whether the second ends with the first.", has_suffix},
    {"plural", "(string, string, int) string", "The first for a count of 1, else the second.", plural},
    {"toString", "(interface {}) string", "As printed: toString 1.5 == \"1.5\".", to_string_function, Trace::kLines},
    {"toStrings", "(interface {}) []string", "The items of a list as text.", to_strings},
    {"join", "(string, interface {}) string", "Items joined by a separator: join \"-\" (list 1 2) == \"1-2\".", join},
    {"split", "(string, string) map[string]string", "Parts as a dictionary: (split \".\" \"a.b\")._0 == \"a\".", split},
    {"splitn", "(string, int, string) map[string]string", "As split, with at most so many parts.", splitn},
    {"splitList", "(string, string) []string", "Parts as a list: splitList \",\" \"a,b\" == [a b].", split_list},
    {"sortAlpha", "(interface {}) []string", "Items as text, sorted by bytes.", sort_alpha},
    {"atoi", "(string) int", "The decimal number, or 0: atoi \"12\" == 12.", atoi},
};

}  // namespace

FunctionFamily string_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
