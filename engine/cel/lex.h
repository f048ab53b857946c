// Tokens of CEL, cut as cel-go's ANTLR lexer cuts them: the longest match wins, and an unfinished literal falls back to the
// longest token that is finished ("1e" is the int 1 and the name e).
//
//   Lexer lexer("a + 1");
//   for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) ...
#pragma once

#include <cstdint>
#include <string_view>

namespace plimsoll::cel {

// Numbered as in cel-go's grammar: the order shows in messages that list what was expected.
enum class TokenKind : uint8_t {
  kInvalid = 0,  // no token starts here, see Lexer::next
  kEqual,
  kNotEqual,
  kIn,
  kLess,
  kLessEqual,
  kGreaterEqual,
  kGreater,
  kAnd,
  kOr,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kLeftParen,
  kRightParen,
  kDot,
  kComma,
  kMinus,
  kNot,
  kQuestion,
  kColon,
  kPlus,
  kStar,
  kSlash,
  kPercent,
  kTrue,
  kFalse,
  kNull,
  kDouble = 31,
  kInt,
  kUint,
  kString,
  kBytes,
  kIdentifier,
  kEscapedIdentifier,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  uint32_t offset = 0;  // bytes
  uint32_t size = 0;

  std::string_view text(std::string_view source) const { return source.substr(offset, size); }
};

class Lexer {
 public:
  // `source` must be valid UTF-8.
  explicit Lexer(std::string_view source) : source_(source) {}

  // Skips white space and comments. A kInvalid token spans the text that cannot be a token, up to and including the character
  // that proved it; lexing goes on behind it.
  Token next();

 private:
  Token take(TokenKind kind, size_t size);
  Token invalid(size_t failure);
  Token number();
  Token word();
  // Length of the string literal at `at` (raw prefix included), or 0; then `failure` is the offset of the character at fault.
  size_t match_string(size_t at, size_t& failure) const;
  size_t match_quoted(size_t at, bool raw, bool triple, size_t& failure) const;
  char peek(size_t at) const { return at < source_.size() ? source_[at] : '\0'; }

  std::string_view source_;
  size_t at_ = 0;
};

}  // namespace plimsoll::cel
