#include "engine/template/literal.h"

#include <charconv>
#include <cmath>

#include "engine/template/functions/go_number.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

std::unexpected<Error> syntax(std::string message) { return fail(ErrorCode::kSyntax, std::move(message)); }

struct Unquoted {
  char32_t rune;
  bool is_byte;  // \xFF and octal: a byte of the result, not a rune
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
  return -1;
}

// One possibly escaped character at the start of `text`, which it shortens.
std::optional<Unquoted> unquote_char(std::string_view& text, char quote) {
  if (text.empty()) return std::nullopt;
  if (text[0] == quote && (quote == '\'' || quote == '"')) return std::nullopt;
  if (text[0] != '\\') {
    const utf8::Rune rune = utf8::decode(text);
    text.remove_prefix(rune.size);
    return Unquoted{rune.code, false};
  }
  if (text.size() < 2) return std::nullopt;
  const char c = text[1];
  text.remove_prefix(2);
  const auto code = [&](size_t digits, unsigned base) -> std::optional<uint32_t> {
    if (text.size() < digits) return std::nullopt;
    uint32_t number = 0;
    for (size_t i = 0; i < digits; ++i) {
      const int digit = hex_digit(text[i]);
      if (digit < 0 || static_cast<unsigned>(digit) >= base) return std::nullopt;
      number = number * base + static_cast<uint32_t>(digit);
    }
    text.remove_prefix(digits);
    return number;
  };
  switch (c) {
    case 'a': return Unquoted{'\a', false};
    case 'b': return Unquoted{'\b', false};
    case 'f': return Unquoted{'\f', false};
    case 'n': return Unquoted{'\n', false};
    case 'r': return Unquoted{'\r', false};
    case 't': return Unquoted{'\t', false};
    case 'v': return Unquoted{'\v', false};
    case '\\': return Unquoted{'\\', false};
    case '\'':
    case '"':
      if (c != quote) return std::nullopt;
      return Unquoted{static_cast<char32_t>(c), false};
    case 'x':
    case 'u':
    case 'U': {
      const auto number = code(c == 'x' ? 2 : c == 'u' ? 4 : 8, 16);
      if (!number) return std::nullopt;
      if (c == 'x') return Unquoted{*number, true};
      if (*number > 0x10FFFF || (*number >= 0xD800 && *number < 0xE000)) return std::nullopt;
      return Unquoted{*number, false};
    }
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7': {
      const auto number = code(2, 8);
      if (!number) return std::nullopt;
      const uint32_t value = static_cast<uint32_t>(c - '0') * 64 + *number;
      if (value > 255) return std::nullopt;
      return Unquoted{value, true};
    }
    default: return std::nullopt;
  }
}

bool fits_int64(double number) { return number >= -9223372036854775808.0 && number < 9223372036854775808.0; }
bool fits_uint64(double number) { return number >= 0 && number < 18446744073709551616.0; }

// Integral floats are integers too.
void take_integers(NumberNode& node) {
  const double number = node.real;
  if (!node.is_int && fits_int64(number) && std::trunc(number) == number) {
    node.is_int = true;
    node.integer = static_cast<int64_t>(number);
  }
  if (!node.is_uint && fits_uint64(number) && std::trunc(number) == number) {
    node.is_uint = true;
    node.uinteger = static_cast<uint64_t>(number);
  }
}

void take_complex(NumberNode& node, double re, double im) {
  node.is_complex = true;
  node.real = re;
  node.imaginary = im;
  node.is_float = im == 0;
  if (node.is_float) take_integers(node);
}

// strconv.ParseUint(text, 0, 64) for what ParseInt finds too large.
std::optional<uint64_t> parse_uint(std::string_view text) {
  std::string digits;
  int base = 10;
  std::string_view rest = text;
  if (rest.size() > 1 && rest[0] == '0') {
    const char letter = static_cast<char>(rest[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    rest.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  for (const char c : rest) {
    if (c != '_') digits += c;
  }
  uint64_t number = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (digits.empty() || end.ec != std::errc() || end.ptr != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::string> unquote(std::string_view literal) {
  const char quote = literal[0];
  std::string_view text = literal.substr(1, literal.size() - 2);
  std::string out;
  if (quote == '`') {
    out = text;
    std::erase(out, '\r');
    return out;
  }
  while (!text.empty()) {
    // Most of a text stands for itself.
    size_t plain = 0;
    while (plain < text.size() && static_cast<signed char>(text[plain]) >= 0 && text[plain] != '\\' && text[plain] != quote) {
      ++plain;
    }
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto rune = unquote_char(text, quote);
    if (!rune) return std::nullopt;
    if (rune->is_byte) out += static_cast<char>(rune->rune);
    else utf8::append(out, rune->rune);
  }
  return out;
}

Result<void> read_number(NumberNode& node, std::string_view text, TokenType type) {
  if (type == TokenType::kCharConstant) {
    std::string_view rest = text.substr(1);
    const auto rune = unquote_char(rest, '\'');
    if (!rune) return syntax("invalid syntax");
    if (rest != "'") return syntax("malformed character constant: " + std::string(text));
    node.is_int = node.is_uint = node.is_float = true;
    node.integer = static_cast<int64_t>(rune->rune);
    node.uinteger = rune->rune;
    node.real = static_cast<double>(rune->rune);
    return {};
  }
  if (type == TokenType::kComplex) {
    // The second sign that belongs to no exponent separates the parts.
    size_t split = 1;
    const bool hexadecimal = text.find_first_of("xX") != std::string_view::npos;
    while (split < text.size() && ((text[split] != '+' && text[split] != '-') ||
                                   std::string_view(hexadecimal ? "pP" : "eE").find(text[split - 1]) !=
                                       std::string_view::npos)) {
      ++split;
    }
    const auto re = parse_float(text.substr(0, split));
    const auto im = split < text.size() ? parse_float(text.substr(split, text.size() - split - 1)) : std::nullopt;
    if (!re || !im) return syntax("syntax error scanning complex number");
    take_complex(node, *re, *im);
    return {};
  }
  if (text.ends_with('i')) {
    if (const auto im = parse_float(text.substr(0, text.size() - 1))) {
      take_complex(node, 0, *im);
      return {};
    }
  }
  const ParsedInt integer = parse_int(text, 0);
  if (integer.ok()) {
    node.is_int = true;
    node.integer = integer.value;
    if (integer.value >= 0 && text[0] != '+' && text[0] != '-') {
      node.is_uint = true;
      node.uinteger = static_cast<uint64_t>(integer.value);
    }
    if (integer.value == 0) node.is_uint = true;
    node.is_float = true;
    node.real = static_cast<double>(integer.value);
    return {};
  }
  if (integer.status == ParsedInt::Status::kRange && text[0] != '-' && text[0] != '+') {
    if (const auto number = parse_uint(text)) {
      node.is_uint = node.is_float = true;
      node.uinteger = *number;
      node.real = static_cast<double>(*number);
      return {};
    }
  }
  if (const auto real = parse_float(text)) {
    if (text.find_first_of(".eEpP") == std::string_view::npos) return syntax("integer overflow: " + go::quoted(text));
    node.is_float = true;
    node.real = *real;
    take_integers(node);
    return {};
  }
  return syntax("illegal number syntax: " + go::quoted(text));
}

}  // namespace plimsoll::tmpl
