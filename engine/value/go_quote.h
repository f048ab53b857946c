// Text in quotes as Go's package strconv writes it, for messages that must be helm's, cel-go's or the API server's to the letter.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::go {

// strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII blank.
bool is_print(char32_t rune);
// strconv.Quote; strconv.QuoteToASCII with `ascii`. What is no UTF-8 becomes \xFF.
void append_quoted(std::string& out, std::string_view text, bool ascii = false);
std::string quoted(std::string_view text);
// strconv.QuoteRune: 'x'. What is no code point becomes U+FFFD.
void append_quoted_rune(std::string& out, char32_t rune, bool ascii = false);

}  // namespace plimsoll::go
