// Signatures of several libraries; each table says where it comes from.
#include "engine/cel/library/library.h"

namespace plimsoll::cel::library {
namespace {

// cel-go's ext.Strings, version 2.
constexpr Signature kStrings[] = {
    {"charAt", "string_char_at_int", "string.(int) -> string", "'abc'.charAt(1) == 'b'; '' at the very end, error beyond"},
    {"format", "string_format", "string.(list(dyn)) -> string", "'%s is %d'.format(['a', 1]) == 'a is 1'; %s %d %f %e %b %x %X %o"},
    {"indexOf", "string_index_of_string", "string.(string) -> int", "'abcb'.indexOf('b') == 1; -1 if absent"},
    {"indexOf", "string_index_of_string_int", "string.(string, int) -> int", "'abcb'.indexOf('b', 2) == 3"},
    {"join", "list_join", "list(string).() -> string", "['a', 'b'].join() == 'ab'"},
    {"join", "list_join_string", "list(string).(string) -> string", "['a', 'b'].join('-') == 'a-b'"},
    {"lastIndexOf", "string_last_index_of_string", "string.(string) -> int", "'abcb'.lastIndexOf('b') == 3; -1 if absent"},
    {"lastIndexOf", "string_last_index_of_string_int", "string.(string, int) -> int", "'abcb'.lastIndexOf('b', 2) == 1"},
    {"lowerAscii", "string_lower_ascii", "string.() -> string", "'ABÄ'.lowerAscii() == 'abÄ'"},
    {"replace", "string_replace_string_string", "string.(string, string) -> string", "'aXbX'.replace('X', '-') == 'a-b-'"},
    {"replace", "string_replace_string_string_int", "string.(string, string, int) -> string", "'aXbX'.replace('X', '-', 1) == 'a-bX'"},
    {"split", "string_split_string", "string.(string) -> list(string)", "'a,b'.split(',') == ['a', 'b']"},
    {"split", "string_split_string_int", "string.(string, int) -> list(string)", "'a,b,c'.split(',', 2) == ['a', 'b,c']"},
    {"strings.quote", "strings_quote", "(string) -> string", "strings.quote('a\\n') == '\"a\\\\n\"'"},
    {"substring", "string_substring_int", "string.(int) -> string", "'abc'.substring(1) == 'bc'; error out of range"},
    {"substring", "string_substring_int_int", "string.(int, int) -> string", "'abc'.substring(1, 2) == 'b'; error out of range"},
    {"trim", "string_trim", "string.() -> string", "'  a '.trim() == 'a': Unicode white space"},
    {"upperAscii", "string_upper_ascii", "string.() -> string", "'abä'.upperAscii() == 'ABä'"},
};

// What later versions of ext.Strings added.
constexpr Signature kStringsExtended[] = {
    {"reverse", "string_reverse", "string.() -> string", "'abc'.reverse() == 'cba'"},
};

// Kubernetes' regular expressions (library/regex.go).
constexpr Signature kRegex[] = {
    {"find", "string_find_string", "string.(string) -> string", "'abc 123'.find('[0-9]+') == '123'; '' if nothing matches"},
    {"findAll", "string_find_all_string", "string.(string) -> list(string)", "'a1b2'.findAll('[0-9]') == ['1', '2']"},
    {"findAll", "string_find_all_string_int", "string.(string, int) -> list(string)", "'a1b2'.findAll('[0-9]', 1) == ['1']"},
};

// cel-go's ext.Regex.
constexpr Signature kRegexExtended[] = {
    {"regex.extract", "regex_extract_string_string", "(string, string) -> optional_type(string)", "regex.extract('a1', '[0-9]') == optional.of('1'); the group if the pattern has one"},
    {"regex.extractAll", "regex_extractAll_string_string", "(string, string) -> list(string)", "regex.extractAll('a1b2', '[0-9]') == ['1', '2']"},
    {"regex.replace", "regex_replace_string_string_string", "(string, string, string) -> string", "regex.replace('a1b2', '[0-9]', '-') == 'a-b-'"},
    {"regex.replace", "regex_replace_string_string_string_int", "(string, string, string, int) -> string", "regex.replace('a1b2', '[0-9]', '-', 1) == 'a-b2'"},
};

// cel-go's ext.Encoders.
constexpr Signature kEncoders[] = {
    {"base64.decode", "base64_decode_string", "(string) -> bytes", "base64.decode('aGVsbG8=') == b'hello'; padding may lack"},
    {"base64.encode", "base64_encode_bytes", "(bytes) -> string", "base64.encode(b'hello') == 'aGVsbG8='"},
};

}  // namespace

std::span<const Signature> strings() { return kStrings; }
std::span<const Signature> strings_extended() { return kStringsExtended; }
std::span<const Signature> regex() { return kRegex; }
std::span<const Signature> regex_extended() { return kRegexExtended; }
std::span<const Signature> encoders() { return kEncoders; }

}  // namespace plimsoll::cel::library
