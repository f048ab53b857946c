// Changes of case and of word separators, as sprig takes them from Go's strings, huandu/xstrings and Masterminds/goutils.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::tmpl {

std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);
// strings.Title: "hello wORLD" == "Hello WORLD".
std::string to_title(std::string_view text);
// First letter of each word in lower case: "Hello World" == "hello world".
std::string untitle(std::string_view text);
// "aB cD" == "Ab Cd".
std::string swap_case(std::string_view text);
// "HTTPServer" == "http_server" with '_', "http-server" with '-'.
std::string separate_words(std::string_view text, char connector);
// "http_server" == "HttpServer".
std::string pascal_case(std::string_view text);
// First byte of each word: "Go templates" == "Gt". Bytes beyond ASCII come out as Latin-1 letters, as goutils takes them.
std::string initials(std::string_view text);
// Without white space; as initials() it takes bytes for runes.
std::string delete_white_space(std::string_view text);
// Lines of at most `width` bytes, broken at blanks; longer words are cut only with `cut_words`.
std::string wrap(std::string_view text, int64_t width, std::string_view line_break, bool cut_words);
// Shortens to `width` bytes, "..." included, starting at `offset`.
std::string abbreviate(std::string_view text, int64_t offset, int64_t width);

}  // namespace plimsoll::tmpl
