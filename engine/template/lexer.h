// Tokens of a template, drawn one by one as text/template/parse does: whatever its lexer accepts, positions, lines and words of
// errors are the same.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace plimsoll::tmpl {

enum class TokenType : uint8_t {
  kError,
  kBool,
  kChar,
  kCharConstant,
  kComplex,
  kAssign,
  kDeclare,
  kEnd,  // of the text
  kField,
  kIdentifier,
  kLeftDelimiter,
  kLeftParen,
  kNumber,
  kPipe,
  kRawString,
  kRightDelimiter,
  kRightParen,
  kSpace,
  kString,
  kText,
  kVariable,
  kKeyword,  // only separates the keywords below
  kBlock,
  kBreak,
  kContinue,
  kDot,
  kDefine,
  kElse,
  kEndKeyword,
  kIf,
  kNil,
  kRange,
  kTemplate,
  kWith,
};

struct Token {
  TokenType type = TokenType::kError;
  uint32_t position = 0;  // byte offset
  std::string_view text;  // of errors: the message, owned by the lexer
  uint32_t line = 0;
};

// As error messages show a token: "x", <end>, EOF.
std::string describe(const Token& token);

class Lexer {
 public:
  explicit Lexer(std::string_view input) : input_(input) {}
  Token next();

 private:
  char32_t next_rune();
  char32_t peek_rune();
  void backup();
  bool accept(std::string_view valid);
  void accept_run(std::string_view valid);
  Token emit(TokenType type);
  Token fail(std::string message);
  void ignore();
  bool at_terminator();
  bool at_right_delimiter(bool& trim) const;

  bool lex_text(Token& token);
  bool lex_left_delimiter(Token& token);
  bool lex_comment(Token& token);
  Token lex_right_delimiter();
  Token lex_inside_action();
  Token lex_space();
  Token lex_identifier();
  Token lex_field_or_variable(TokenType type);
  Token lex_char();
  Token lex_number();
  bool scan_number();
  Token lex_quote();
  Token lex_raw_quote();

  std::string_view input_;
  std::deque<std::string> messages_;
  uint32_t start_ = 0;
  uint32_t position_ = 0;
  uint32_t line_ = 1;
  uint32_t start_line_ = 1;
  uint32_t width_ = 0;  // of the last rune read, for backup(); 0 at the end
  bool at_end_ = false;
  bool inside_action_ = false;
  int paren_depth_ = 0;
};

}  // namespace plimsoll::tmpl
