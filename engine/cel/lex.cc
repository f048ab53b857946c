#include "engine/cel/lex.h"

#include "engine/value/utf8.h"

namespace plimsoll::cel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }

bool is_escape_letter(char c) {
  return std::string_view("abfnrtv\"'\\?`").find(c) != std::string_view::npos && c != '\0';
}

TokenKind keyword(std::string_view word) {
  if (word == "in") return TokenKind::kIn;
  if (word == "true") return TokenKind::kTrue;
  if (word == "false") return TokenKind::kFalse;
  if (word == "null") return TokenKind::kNull;
  return TokenKind::kIdentifier;
}

}  // namespace

Token Lexer::take(TokenKind kind, size_t size) {
  const Token token{kind, static_cast<uint32_t>(at_), static_cast<uint32_t>(size)};
  at_ += size;
  return token;
}

Token Lexer::invalid(size_t failure) {
  size_t end = failure;
  if (failure < source_.size()) end += utf8::decode(source_.substr(failure)).size;
  return take(TokenKind::kInvalid, end - at_);
}

Token Lexer::next() {
  for (;;) {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') break;
      ++at_;
    }
    if (peek(at_) != '/' || peek(at_ + 1) != '/') break;
    at_ = source_.find('\n', at_);
    if (at_ == std::string_view::npos) at_ = source_.size();
  }
  if (at_ == source_.size()) return take(TokenKind::kEnd, 0);

  const char c = source_[at_];
  const char second = peek(at_ + 1);
  if (is_digit(c) || (c == '.' && is_digit(second))) return number();
  if (is_letter(c) || c == '_') return word();
  switch (c) {
    case '=': return second == '=' ? take(TokenKind::kEqual, 2) : invalid(at_ + 1);
    case '&': return second == '&' ? take(TokenKind::kAnd, 2) : invalid(at_ + 1);
    case '|': return second == '|' ? take(TokenKind::kOr, 2) : invalid(at_ + 1);
    case '!': return second == '=' ? take(TokenKind::kNotEqual, 2) : take(TokenKind::kNot, 1);
    case '<': return second == '=' ? take(TokenKind::kLessEqual, 2) : take(TokenKind::kLess, 1);
    case '>': return second == '=' ? take(TokenKind::kGreaterEqual, 2) : take(TokenKind::kGreater, 1);
    case '[': return take(TokenKind::kLeftBracket, 1);
    case ']': return take(TokenKind::kRightBracket, 1);
    case '{': return take(TokenKind::kLeftBrace, 1);
    case '}': return take(TokenKind::kRightBrace, 1);
    case '(': return take(TokenKind::kLeftParen, 1);
    case ')': return take(TokenKind::kRightParen, 1);
    case '.': return take(TokenKind::kDot, 1);
    case ',': return take(TokenKind::kComma, 1);
    case '-': return take(TokenKind::kMinus, 1);
    case '?': return take(TokenKind::kQuestion, 1);
    case ':': return take(TokenKind::kColon, 1);
    case '+': return take(TokenKind::kPlus, 1);
    case '*': return take(TokenKind::kStar, 1);
    case '/': return take(TokenKind::kSlash, 1);
    case '%': return take(TokenKind::kPercent, 1);
    case '"':
    case '\'': {
      size_t failure = at_;
      const size_t size = match_string(at_, failure);
      return size > 0 ? take(TokenKind::kString, size) : invalid(failure);
    }
    case '`': {
      size_t end = at_ + 1;
      while (is_word(peek(end)) || (end < source_.size() && std::string_view(".-/ ").find(source_[end]) != std::string_view::npos)) {
        ++end;
      }
      if (peek(end) != '`' || end == at_ + 1) return invalid(end);
      return take(TokenKind::kEscapedIdentifier, end + 1 - at_);
    }
    default: return invalid(at_);
  }
}

Token Lexer::number() {
  size_t end = at_;
  if (source_[end] == '0' && peek(end + 1) == 'x' && is_hex(peek(end + 2))) {
    end += 2;
    while (is_hex(peek(end))) ++end;
    if (peek(end) == 'u' || peek(end) == 'U') return take(TokenKind::kUint, end + 1 - at_);
    return take(TokenKind::kInt, end - at_);
  }
  while (is_digit(peek(end))) ++end;
  bool real = false;
  if (peek(end) == '.' && is_digit(peek(end + 1))) {
    real = true;
    ++end;
    while (is_digit(peek(end))) ++end;
  }
  if (peek(end) == 'e' || peek(end) == 'E') {
    size_t exponent = end + 1;
    if (peek(exponent) == '+' || peek(exponent) == '-') ++exponent;
    if (is_digit(peek(exponent))) {
      real = true;
      end = exponent;
      while (is_digit(peek(end))) ++end;
    }
  }
  if (real) return take(TokenKind::kDouble, end - at_);
  if (peek(end) == 'u' || peek(end) == 'U') return take(TokenKind::kUint, end + 1 - at_);
  return take(TokenKind::kInt, end - at_);
}

// A name, or a string or bytes literal with its prefix. An unfinished literal leaves its prefix as a name.
Token Lexer::word() {
  const char c = source_[at_];
  size_t failure = at_;
  if (c == 'b' || c == 'B') {
    if (const size_t size = match_string(at_ + 1, failure); size > 0) return take(TokenKind::kBytes, size + 1);
  } else if (c == 'r' || c == 'R') {
    if (const size_t size = match_string(at_, failure); size > 0) return take(TokenKind::kString, size);
  }
  size_t end = at_ + 1;
  while (is_word(peek(end))) ++end;
  return take(keyword(source_.substr(at_, end - at_)), end - at_);
}

size_t Lexer::match_string(size_t at, size_t& failure) const {
  size_t quote = at;
  const bool raw = peek(at) == 'r' || peek(at) == 'R';
  if (raw) ++quote;
  const char c = peek(quote);
  if (c != '"' && c != '\'') return 0;
  size_t end = 0;
  if (peek(quote + 1) == c && peek(quote + 2) == c) end = match_quoted(quote, raw, true, failure);
  if (end == 0) end = match_quoted(quote, raw, false, failure);
  return end == 0 ? 0 : end - at;
}

// The offset behind the closing quote of the literal whose opening quote is at `at`, or 0.
size_t Lexer::match_quoted(size_t at, bool raw, bool triple, size_t& failure) const {
  const char quote = source_[at];
  size_t i = at + (triple ? 3 : 1);
  for (; i < source_.size(); ++i) {
    const char c = source_[i];
    if (c == quote && (!triple || (peek(i + 1) == quote && peek(i + 2) == quote))) return i + (triple ? 3 : 1);
    if (!triple && (c == '\n' || c == '\r')) break;
    if (c != '\\' || raw) continue;
    const char escape = peek(++i);
    size_t digits = 0;
    if (escape == 'x' || escape == 'X') digits = 2;
    if (escape == 'u') digits = 4;
    if (escape == 'U') digits = 8;
    if (escape >= '0' && escape <= '3') {
      if (!is_octal(peek(i + 1))) return failure = i + 1, 0;
      if (!is_octal(peek(i + 2))) return failure = i + 2, 0;
      i += 2;
    } else if (digits > 0) {
      for (; digits > 0; --digits) {
        if (!is_hex(peek(++i))) return failure = i, 0;
      }
    } else if (!is_escape_letter(escape)) {
      return failure = i, 0;
    }
  }
  failure = i < source_.size() ? i : source_.size();
  return 0;
}

}  // namespace plimsoll::cel
