#include "engine/template/lexer.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>

#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

constexpr char32_t kEndOfInput = 0xFFFFFFFF;
constexpr std::string_view kLeft = "{{";
constexpr std::string_view kRight = "}}";
constexpr std::string_view kSpaces = " \t\r\n";

struct Keyword {
  std::string_view word;
  TokenType type;
};
constexpr Keyword kKeywords[] = {
    {"block", TokenType::kBlock},    {"break", TokenType::kBreak}, {"continue", TokenType::kContinue},
    {"define", TokenType::kDefine},  {"else", TokenType::kElse},   {"end", TokenType::kEndKeyword},
    {"if", TokenType::kIf},          {"range", TokenType::kRange}, {"nil", TokenType::kNil},
    {"template", TokenType::kTemplate}, {"with", TokenType::kWith},
};

bool is_space(char32_t rune) { return rune == ' ' || rune == '\t' || rune == '\r' || rune == '\n'; }

bool is_alphanumeric(char32_t rune) {
  if (rune < 0x80) {
    return rune == '_' || (rune >= '0' && rune <= '9') || ((rune | 0x20) >= 'a' && (rune | 0x20) <= 'z');
  }
  if (rune == kEndOfInput) return false;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(rune))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND: return true;
    default: return false;
  }
}

bool has_left_trim(std::string_view text) { return text.size() >= 2 && text[0] == '-' && is_space(text[1]); }
bool has_right_trim(std::string_view text) { return text.size() >= 2 && is_space(text[0]) && text[1] == '-'; }

size_t leading_space(std::string_view text) { return std::min(text.find_first_not_of(kSpaces), text.size()); }
size_t without_trailing_space(std::string_view text) {
  const size_t last = text.find_last_not_of(kSpaces);
  return last == std::string_view::npos ? 0 : last + 1;
}

uint32_t count_lines(std::string_view text) {
  return static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n'));
}

// %#U: U+002D '-'.
std::string describe_rune(char32_t rune) {
  if (rune == kEndOfInput) return "U+FFFFFFFFFFFFFFFF";
  std::string out = fmt::format("U+{:04X}", static_cast<uint32_t>(rune));
  if (go::is_print(rune)) {
    out += " '";
    utf8::append(out, rune);
    out += '\'';
  }
  return out;
}

}  // namespace

std::string describe(const Token& token) {
  if (token.type == TokenType::kEnd) return "EOF";
  if (token.type == TokenType::kError) return std::string(token.text);
  if (token.type > TokenType::kKeyword) return fmt::format("<{}>", token.text);
  if (token.text.size() > 10) {
    size_t end = 0;
    for (int runes = 0; runes < 10 && end < token.text.size(); ++runes) end += utf8::decode(token.text.substr(end)).size;
    return go::quoted(token.text.substr(0, end)) + "...";
  }
  return go::quoted(token.text);
}

char32_t Lexer::next_rune() {
  if (position_ >= input_.size()) {
    at_end_ = true;
    width_ = 0;
    return kEndOfInput;
  }
  const auto first = static_cast<unsigned char>(input_[position_]);
  if (first < 0x80) {
    width_ = 1;
    ++position_;
    if (first == '\n') ++line_;
    return first;
  }
  const utf8::Rune rune = utf8::decode(input_.substr(position_));
  width_ = rune.size;
  position_ += rune.size;
  return rune.code;
}

char32_t Lexer::peek_rune() {
  const char32_t rune = next_rune();
  backup();
  return rune;
}

// Steps back one rune; once the end was seen, never again (as Go's lexer).
void Lexer::backup() {
  if (at_end_ || position_ == 0) return;
  if (width_ == 0) {
    width_ = 1;
    while (width_ < 4 && position_ > width_ && (static_cast<unsigned char>(input_[position_ - width_]) & 0xC0) == 0x80) {
      ++width_;
    }
  }
  position_ -= width_;
  width_ = 0;
  if (input_[position_] == '\n') --line_;
}

bool Lexer::accept(std::string_view valid) {
  const char32_t rune = next_rune();
  if (rune < 0x80 && valid.find(static_cast<char>(rune)) != std::string_view::npos) return true;
  backup();
  return false;
}

void Lexer::accept_run(std::string_view valid) {
  while (true) {
    const char32_t rune = next_rune();
    if (rune >= 0x80 || valid.find(static_cast<char>(rune)) == std::string_view::npos) break;
  }
  backup();
}

Token Lexer::emit(TokenType type) {
  const Token token{type, start_, input_.substr(start_, position_ - start_), start_line_};
  start_ = position_;
  start_line_ = line_;
  return token;
}

Token Lexer::fail(std::string message) {
  const Token token{TokenType::kError, start_, messages_.emplace_back(std::move(message)), start_line_};
  start_ = 0;
  position_ = 0;
  input_ = {};
  return token;
}

void Lexer::ignore() {
  line_ += count_lines(input_.substr(start_, position_ - start_));
  start_ = position_;
  start_line_ = line_;
}

Token Lexer::next() {
  if (inside_action_) return lex_inside_action();
  Token token;
  while (!lex_text(token)) {
  }
  return token;
}

// Text up to the next "{{". False after a comment: there is more to lex.
bool Lexer::lex_text(Token& token) {
  const size_t found = input_.find(kLeft, position_);
  if (found == std::string_view::npos) {
    position_ = static_cast<uint32_t>(input_.size());
    if (position_ > start_) {
      line_ += count_lines(input_.substr(start_, position_ - start_));
      token = emit(TokenType::kText);
    } else {
      token = emit(TokenType::kEnd);
      token.text = "EOF";
    }
    return true;
  }
  if (found > position_) {
    position_ = static_cast<uint32_t>(found);
    uint32_t trimmed = 0;
    if (has_left_trim(input_.substr(found + kLeft.size()))) {
      const std::string_view text = input_.substr(start_, position_ - start_);
      trimmed = static_cast<uint32_t>(text.size() - without_trailing_space(text));
    }
    position_ -= trimmed;
    line_ += count_lines(input_.substr(start_, position_ - start_));
    token = emit(TokenType::kText);
    position_ += trimmed;
    ignore();
    if (!token.text.empty()) return true;
  }
  return lex_left_delimiter(token);
}

bool Lexer::lex_left_delimiter(Token& token) {
  position_ += static_cast<uint32_t>(kLeft.size());
  const uint32_t marker = has_left_trim(input_.substr(position_)) ? 2 : 0;
  if (input_.substr(position_ + marker).starts_with("/*")) {
    position_ += marker;
    ignore();
    return lex_comment(token);
  }
  token = emit(TokenType::kLeftDelimiter);
  inside_action_ = true;
  position_ += marker;
  ignore();
  paren_depth_ = 0;
  return true;
}

bool Lexer::at_right_delimiter(bool& trim) const {
  const std::string_view rest = input_.substr(position_);
  trim = has_right_trim(rest) && rest.substr(2).starts_with(kRight);
  return trim || rest.starts_with(kRight);
}

// Comments are dropped; true only for an error.
bool Lexer::lex_comment(Token& token) {
  const size_t end = input_.find("*/", position_ + 2);
  if (end == std::string_view::npos) {
    token = fail("unclosed comment");
    return true;
  }
  position_ = static_cast<uint32_t>(end) + 2;
  bool trim = false;
  if (!at_right_delimiter(trim)) {
    token = fail("comment ends before closing delimiter");
    return true;
  }
  position_ += static_cast<uint32_t>(kRight.size()) + (trim ? 2 : 0);
  if (trim) position_ += static_cast<uint32_t>(leading_space(input_.substr(position_)));
  ignore();
  return false;
}

Token Lexer::lex_right_delimiter() {
  bool trim = false;
  at_right_delimiter(trim);
  if (trim) {
    position_ += 2;
    ignore();
  }
  position_ += static_cast<uint32_t>(kRight.size());
  const Token token = emit(TokenType::kRightDelimiter);
  if (trim) {
    position_ += static_cast<uint32_t>(leading_space(input_.substr(position_)));
    ignore();
  }
  inside_action_ = false;
  return token;
}

Token Lexer::lex_inside_action() {
  bool trim = false;
  if (at_right_delimiter(trim)) {
    if (paren_depth_ == 0) return lex_right_delimiter();
    return fail("unclosed left paren");
  }
  const char32_t rune = next_rune();
  if (rune == kEndOfInput) return fail("unclosed action");
  if (is_space(rune)) {
    backup();
    return lex_space();
  }
  switch (rune) {
    case '=': return emit(TokenType::kAssign);
    case ':':
      if (next_rune() != '=') return fail("expected :=");
      return emit(TokenType::kDeclare);
    case '|': return emit(TokenType::kPipe);
    case '"': return lex_quote();
    case '`': return lex_raw_quote();
    case '$':
      if (at_terminator()) return emit(TokenType::kVariable);
      return lex_field_or_variable(TokenType::kVariable);
    case '\'': return lex_char();
    case '(': ++paren_depth_; return emit(TokenType::kLeftParen);
    case ')':
      if (--paren_depth_ < 0) return fail("unexpected right paren");
      return emit(TokenType::kRightParen);
    case '.':
      if (position_ < input_.size() && (input_[position_] < '0' || input_[position_] > '9')) {
        return lex_field_or_variable(TokenType::kField);
      }
      [[fallthrough]];
    case '+':
    case '-': backup(); return lex_number();
    default: break;
  }
  if (rune >= '0' && rune <= '9') {
    backup();
    return lex_number();
  }
  if (is_alphanumeric(rune)) {
    backup();
    return lex_identifier();
  }
  if (rune < 0x80 && go::is_print(rune)) return emit(TokenType::kChar);
  return fail("unrecognized character in action: " + describe_rune(rune));
}

Token Lexer::lex_space() {
  int spaces = 0;
  while (is_space(peek_rune())) {
    next_rune();
    ++spaces;
  }
  // A trim marker begins with a blank, which must not be taken as part of the run.
  const std::string_view rest = input_.substr(position_ - 1);
  if (has_right_trim(rest) && rest.substr(2).starts_with(kRight)) {
    backup();
    if (spaces == 1) return lex_right_delimiter();
  }
  return emit(TokenType::kSpace);
}

Token Lexer::lex_identifier() {
  char32_t rune = next_rune();
  while (is_alphanumeric(rune)) rune = next_rune();
  backup();
  if (!at_terminator()) return fail("bad character " + describe_rune(rune));
  const std::string_view word = input_.substr(start_, position_ - start_);
  for (const Keyword& keyword : kKeywords) {
    if (keyword.word == word) return emit(keyword.type);
  }
  return emit(word == "true" || word == "false" ? TokenType::kBool : TokenType::kIdentifier);
}

Token Lexer::lex_field_or_variable(TokenType type) {
  if (at_terminator()) return emit(type == TokenType::kVariable ? type : TokenType::kDot);
  char32_t rune = next_rune();
  while (is_alphanumeric(rune)) rune = next_rune();
  backup();
  if (!at_terminator()) return fail("bad character " + describe_rune(rune));
  return emit(type);
}

bool Lexer::at_terminator() {
  const char32_t rune = peek_rune();
  if (is_space(rune)) return true;
  switch (rune) {
    case kEndOfInput:
    case '.':
    case ',':
    case '|':
    case ':':
    case ')':
    case '(': return true;
    default: return input_.substr(position_).starts_with(kRight);
  }
}

Token Lexer::lex_char() {
  while (true) {
    switch (next_rune()) {
      case '\\': {
        const char32_t rune = next_rune();
        if (rune != kEndOfInput && rune != '\n') break;
        [[fallthrough]];
      }
      case kEndOfInput:
      case '\n': return fail("unterminated character constant");
      case '\'': return emit(TokenType::kCharConstant);
      default: break;
    }
  }
}

Token Lexer::lex_quote() {
  while (true) {
    switch (next_rune()) {
      case '\\': {
        const char32_t rune = next_rune();
        if (rune != kEndOfInput && rune != '\n') break;
        [[fallthrough]];
      }
      case kEndOfInput:
      case '\n': return fail("unterminated quoted string");
      case '"': return emit(TokenType::kString);
      default: break;
    }
  }
}

Token Lexer::lex_raw_quote() {
  const size_t end = input_.find('`', position_);
  const size_t next = end == std::string_view::npos ? input_.size() : end + 1;
  line_ += count_lines(input_.substr(position_, next - position_));
  position_ = static_cast<uint32_t>(next);
  if (end == std::string_view::npos) return fail("unterminated raw quoted string");
  return emit(TokenType::kRawString);
}

Token Lexer::lex_number() {
  const auto bad = [&] { return fail("bad number syntax: " + go::quoted(input_.substr(start_, position_ - start_))); };
  if (!scan_number()) return bad();
  const char32_t sign = peek_rune();
  if (sign == '+' || sign == '-') {
    if (!scan_number() || input_[position_ - 1] != 'i') return bad();
    return emit(TokenType::kComplex);
  }
  return emit(TokenType::kNumber);
}

bool Lexer::scan_number() {
  accept("+-");
  std::string_view digits = "0123456789_";
  bool decimal = true;
  bool hexadecimal = false;
  if (accept("0")) {
    if (accept("xX")) {
      digits = "0123456789abcdefABCDEF_";
      decimal = false;
      hexadecimal = true;
    } else if (accept("oO")) {
      digits = "01234567_";
      decimal = false;
    } else if (accept("bB")) {
      digits = "01_";
      decimal = false;
    }
  }
  accept_run(digits);
  if (accept(".")) accept_run(digits);
  if (decimal && accept("eE")) {
    accept("+-");
    accept_run("0123456789_");
  }
  if (hexadecimal && accept("pP")) {
    accept("+-");
    accept_run("0123456789_");
  }
  accept("i");
  if (is_alphanumeric(peek_rune())) {
    next_rune();
    return false;
  }
  return true;
}

}  // namespace plimsoll::tmpl
