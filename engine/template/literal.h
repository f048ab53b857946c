// Literals of the template language: quoted strings, characters and numbers, as Go's strconv reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/template/lexer.h"
#include "engine/template/node.h"
#include "engine/value/error.h"

namespace plimsoll::tmpl {

// strconv.Unquote of a "..." or `...` literal; nullopt: invalid syntax.
std::optional<std::string> unquote(std::string_view literal);

// Fills what a number, complex or character constant says.
Result<void> read_number(NumberNode& node, std::string_view text, TokenType type);

}  // namespace plimsoll::tmpl
