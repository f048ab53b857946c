// The tables of sprig's and helm's functions, one for each family; sprig_families() in catalogue.cc puts them together.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/template/function.h"

namespace plimsoll::tmpl {

FunctionFamily string_functions();      // strings.cc: trim, indent, quote, replace, ...
FunctionFamily text_case_functions();   // case_functions.cc: upper, snakecase, wrap, ...
FunctionFamily list_functions();        // lists.cc: append, first, uniq, slice, ...
FunctionFamily dict_functions();        // dicts.cc: dict, set, merge, dig, ...
FunctionFamily math_functions();        // math.cc: add, int64, max, round, ...
FunctionFamily default_functions();     // defaults.cc: default, empty, ternary, typeOf, kindIs, ...
FunctionFamily date_functions();        // dates.cc: now, date, toDate, duration, ...
FunctionFamily semver_functions();      // semver_functions.cc: semver, semverCompare
FunctionFamily regex_functions();       // regex_functions.cc
FunctionFamily encoding_functions();    // encodings.cc: b64enc, sha256sum, ...
FunctionFamily format_functions();      // formats.cc: toYaml, fromJson, toToml, ...
FunctionFamily path_functions();        // paths.cc: base, urlParse, getHostByName, ...
FunctionFamily random_functions();      // randoms.cc: randAlphaNum, uuidv4, shuffle, ...
FunctionFamily crypto_functions();      // passwords.cc: bcrypt, derivePassword, encryptAES, ...
FunctionFamily certificate_functions(); // certificates.cc: genCA, genSignedCert, ...

// What Go's runtime says when a nil interface is asked for its type.
inline constexpr std::string_view kNilDereference = "runtime error: invalid memory address or nil pointer dereference";

// sprig's strval: text as it is, all else as %v prints it. Valid as long as `value` and the arena.
Result<std::string_view> to_words(CallContext& context, const Value& value);

// sprig's strslice: the items as text without nils; one item for what is no list, none for nil.
Result<List*> to_word_list(CallContext& context, const Value& value);

// Items of any kind of slice, []byte included; a Go error or panic, `refusal` and the kind ("Cannot push on type string"),
// for what is none.
Result<std::span<const Value>> slice_items(CallContext& context, const Value& value, std::string_view refusal);

// An error of code kLimit unless `bytes` more fit into the arena.
Result<void> check_room(CallContext& context, size_t bytes);
// An error of code kLimit unless the budget has `steps` left.
Result<void> charge(CallContext& context, uint64_t steps);

// Text that strings.Repeat makes; its panics for negative counts.
Result<std::string_view> repeat_text(CallContext& context, std::string_view text, int64_t count);

// []string in the arena.
template <typename Texts>
Value make_strings(CallContext& context, const Texts& texts) {
  List* list = List::create(context.arena, texts.size());
  for (const std::string_view text : texts) list->push_back(context.arena, Value::string(text));
  return go_strings(list);
}

}  // namespace plimsoll::tmpl
