// A reader of TOML by recursive descent. What it accepts and the words of its errors are those of BurntSushi/toml, for charts print
// them.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/template/functions/date_objects.h"
#include "engine/template/functions/go_number.h"
#include "engine/template/functions/toml.h"
#include "engine/template/functions/unicode.h"
#include "engine/template/go_format.h"
#include "engine/template/go_type.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

constexpr int kMaxDepth = 1'000;
constexpr int kEnd = -1;

using Key = std::vector<std::string>;

bool is_digit(int c) { return c >= '0' && c <= '9'; }
bool is_hex(int c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f' && c > 0); }
bool is_bare_key(int c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; }
bool is_break(int c) { return c == '\n' || c == '\r'; }

std::string path_text(const Key& key) {
  std::string out;
  for (const std::string& part : key) {
    if (!out.empty()) out += '.';
    out += toml_key(part);
  }
  return out;
}

bool underscores_fit(std::string_view text) {
  if (text == "nan" || text == "+nan" || text == "-nan" || text == "inf" || text == "+inf" || text == "-inf") return true;
  bool after_digit = false;
  for (const char c : text) {
    if (c == '_' && !after_digit) return false;
    after_digit = is_hex(c);
  }
  return after_digit;
}

bool has_leading_zero(std::string_view text) {
  if (text.size() > 1 && text[0] == '0' && text[1] != 'b' && text[1] != 'o' && text[1] != 'x') return true;
  return text.size() > 2 && (text[0] == '-' || text[0] == '+') && text[1] == '0';
}

class Reader {
 public:
  Reader(Arena& arena, std::string_view text) : arena_(arena), text_(text), root_(Map::create(arena)) {}

  TomlDocument run() {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    if (text_.substr(0, 6).find('\0') != std::string_view::npos) {
      return {root_, "toml: line 1: files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8"};
    }
    const BadByte bad = find_bad_byte();
    Result<void> result = read_all();
    // Whatever else is wrong behind a byte that no TOML may have does not count.
    if (bad.at < text_.size() && (result || at_ >= bad.at)) result = error_at(bad.line, bad.message);
    return {root_, result ? std::string() : result.error().message()};
  }

 private:
  // --- characters ---

  int peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? static_cast<unsigned char>(text_[at_ + ahead]) : kEnd;
  }
  void advance(size_t count = 1) {
    for (; count > 0 && at_ < text_.size(); --count, ++at_) line_ += text_[at_] == '\n' ? 1 : 0;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    advance(word.size());
    return true;
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') advance();
  }
  void skip_comment() {
    while (peek() != kEnd && !is_break(peek())) advance();
  }
  // Blanks, line breaks and comments within arrays and inline tables.
  void skip_space() {
    while (true) {
      if (peek() == '#') {
        skip_comment();
      } else if (peek() == ' ' || peek() == '\t' || is_break(peek())) {
        advance();
      } else {
        return;
      }
    }
  }
  std::string_view take_while(bool (*accept)(int)) {
    const size_t begin = at_;
    while (accept(peek())) advance();
    return text_.substr(begin, at_ - begin);
  }

  // --- errors ---

  std::unexpected<Error> error_at(size_t line, const std::string& message) const {
    Key last = context_;
    if (!current_key_.empty()) last.push_back(current_key_);
    std::string where = "toml: line " + std::to_string(line);
    if (!last.empty()) {
      const std::string path = context_.empty() ? current_key_ : path_text(context_) + (current_key_.empty() ? "" : "." + current_key_);
      where += " (last key " + go::quoted(path) + ")";
    }
    return fail(ErrorCode::kSyntax, where + ": " + message);
  }
  // At the end of the text the last line is the one with something on it.
  std::unexpected<Error> error(const std::string& message) const {
    const bool behind_break = peek() == kEnd && at_ > 0 && text_[at_ - 1] == '\n';
    return error_at(line_ - (behind_break ? 1 : 0), message);
  }
  // The character at hand as Go's %q prints a rune; the end of the text is the rune 0.
  std::string shown() const {
    std::string out;
    go::append_quoted_rune(out, peek() == kEnd ? 0 : utf8::decode(text_.substr(at_)).code);
    return out;
  }
  std::string shown_or_end() const {
    if (peek() == kEnd) return "end of file";
    const uint32_t size = utf8::decode(text_.substr(at_)).size;
    return "'" + std::string(text_.substr(at_, size)) + "'";
  }

  struct BadByte {
    size_t at;  // the size of the text if there is none
    size_t line;
    std::string message;
  };
  BadByte find_bad_byte() const {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto hex = [&](unsigned char byte) { return std::string("0x") + kHex[byte >> 4] + kHex[byte & 15]; };
    const size_t invalid = std::min(utf8::find_invalid(text_), text_.size());
    size_t line = 1;
    for (size_t i = 0; i < invalid; ++i) {
      const auto c = static_cast<unsigned char>(text_[i]);
      line += c == '\n' ? 1 : 0;
      const bool lone_return = c == '\r' && (i + 1 == text_.size() || text_[i + 1] != '\n');
      if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F || lone_return) {
        return {i, line, "TOML files cannot contain control characters: '" + hex(c) + "'"};
      }
    }
    if (invalid == text_.size()) return {invalid, line, ""};
    return {invalid, line, "invalid UTF-8 byte: " + hex(static_cast<unsigned char>(text_[invalid]))};
  }

  // --- tables ---

  // The map that `name` of `map` is or, for an array of tables, ends with; nullptr for other values.
  static Map* table_in(Map& map, std::string_view name) {
    Value* value = map.find(name);
    if (value == nullptr) return nullptr;
    if (value->is_map()) return value->as_map();
    const bool tables = value->is_list() && go_type(*value) == GoType::kMaps && value->size() > 0;
    return tables ? (*value->as_list())[value->size() - 1].as_map() : nullptr;
  }

  void put(Map& map, std::string_view name, const Value& value) { map.set(arena_, arena_.copy(name), value); }

  std::unexpected<Error> defined_already(const Key& path) const {
    return error_at(key_line_, "Key '" + path_text(path) + "' has already been defined.");
  }

  // A map that a dotted key or a longer table name implies may be defined once later on.
  Result<void> define(Map& map, const Key& path, const Value& value) {
    const std::string& name = path.back();
    const Value* present = map.find(name);
    if (present == nullptr) {
      put(map, name, value);
      return {};
    }
    if (present->is_map() && implied_.erase(present->as_map()) > 0) return {};
    return defined_already(path);
  }

  Result<Map*> descend(Map* map, Key& path, const Key& names, size_t count, bool dotted) {
    for (size_t i = 0; i < count; ++i) {
      path.push_back(names[i]);
      Map* inner = table_in(*map, names[i]);
      if (inner == nullptr) {
        if (map->find(names[i]) != nullptr) {
          if (dotted) return defined_already(path);
          return error_at(key_line_, "Key '" + path_text(path) + "' was already created as a hash.");
        }
        inner = Map::create(arena_);
        implied_.insert(inner);
        put(*map, names[i], Value::map(inner));
      }
      map = inner;
    }
    return map;
  }

  Result<void> open_table(const Key& names, bool array) {
    Key path;
    context_.clear();
    PLIMSOLL_ASSIGN_OR_RETURN(Map* parent, descend(root_, path, names, names.size() - 1, false));
    context_ = path;
    path.push_back(names.back());
    const std::string& name = names.back();
    if (!array) {
      PLIMSOLL_RETURN_IF_ERROR(define(*parent, path, Value::map(Map::create(arena_))));
      table_ = parent->find(name)->as_map();
    } else {
      Value* present = parent->find(name);
      if (present == nullptr) {
        put(*parent, name, Value::list(List::create(arena_)).with_flavour(flavour(GoType::kMaps)));
        present = parent->find(name);
      }
      if (go_type(*present) != GoType::kMaps) {
        return error_at(key_line_, "Key '" + path_text(path) + "' was already created and cannot be used as an array.");
      }
      table_ = Map::create(arena_);
      present->as_list()->push_back(arena_, Value::map(table_));
    }
    context_ = path;
    return {};
  }

  // --- text ---

  Result<void> read_all() {
    table_ = root_;
    while (true) {
      skip_space();
      if (peek() == kEnd) return {};
      if (peek() == '[') {
        PLIMSOLL_RETURN_IF_ERROR(read_table_name());
      } else {
        PLIMSOLL_RETURN_IF_ERROR(read_pair(*table_, 0));
      }
      skip_blanks();
      if (peek() == '#' || peek() == kEnd || is_break(peek())) continue;
      return error("expected a top-level item to end with a newline, comment, or EOF, but got " + shown() + " instead");
    }
  }

  Result<void> read_table_name() {
    advance();
    const bool array = take("[");
    Key names;
    while (true) {
      skip_blanks();
      if (peek() == ']' || peek() == kEnd) return error("unexpected end of table name (table names cannot be empty)");
      if (peek() == '.') return error("unexpected table separator (table names cannot be empty)");
      if (names.empty()) key_line_ = line_;
      PLIMSOLL_ASSIGN_OR_RETURN(std::string name, read_name());
      names.push_back(std::move(name));
      skip_blanks();
      if (take("]")) break;
      if (!take(".")) return error("expected '.' or ']' to end table name, but got " + shown() + " instead");
    }
    if (array && !take("]")) {
      return error("expected end of table array name delimiter ']', but got " + shown() + " instead");
    }
    return open_table(names, array);
  }

  Result<std::string> read_name() {
    if (peek() == '"' || peek() == '\'') return read_line_string();
    return std::string(take_while(is_bare_key));
  }

  // A dotted key up to and with its '='.
  Result<Key> read_key() {
    skip_blanks();
    if (peek() == '=' || peek() == kEnd) return error("unexpected '=': key name appears blank");
    if (peek() == '.') return error("unexpected '.': keys cannot start with a '.'");
    key_line_ = line_;
    Key names;
    while (true) {
      skip_blanks();
      if (peek() == '=' || peek() == kEnd) return error("unexpected '='");
      if (peek() == '.') return error("unexpected '.'");
      PLIMSOLL_ASSIGN_OR_RETURN(std::string name, read_name());
      names.push_back(std::move(name));
      skip_blanks();
      if (take("=")) return names;
      if (take(".")) continue;
      if (peek() == kEnd) return error("unexpected EOF; expected key separator '='");
      return error("expected '.' or '=', but got " + shown() + " instead");
    }
  }

  Result<void> read_pair(Map& table, int depth) {
    PLIMSOLL_ASSIGN_OR_RETURN(const Key names, read_key());
    const Key outer_context = context_;
    const std::string outer_key = current_key_;
    Key path = context_;
    PLIMSOLL_ASSIGN_OR_RETURN(Map* target, descend(&table, path, names, names.size() - 1, true));
    context_ = path;
    current_key_ = names.back();
    PLIMSOLL_ASSIGN_OR_RETURN(const Value value, read_value(depth));
    path.push_back(names.back());
    PLIMSOLL_RETURN_IF_ERROR(define(*target, path, value));
    context_ = outer_context;
    current_key_ = outer_key;
    return {};
  }

  Result<Value> read_value(int depth) {
    if (depth > kMaxDepth) return error("value is nested too deeply");
    skip_blanks();
    const int c = peek();
    if (is_digit(c)) return read_number();
    switch (c) {
      case '[': return read_array(depth);
      case '{': return read_inline_table(depth);
      case '"':
      case '\'': {
        const bool long_string = peek(1) == c && peek(2) == c;
        PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, long_string ? read_long_string() : read_line_string());
        return Value::string(arena_.copy(text));
      }
      case '.': return error("floats must start with a digit, not '.'");
      case '-':
      case '+': return read_signed();
      default: break;
    }
    if (take("inf")) return Value::real(INFINITY);
    if (take("nan")) return Value::real(NAN);
    if (c == kEnd) return error("unexpected EOF; expected value");
    const size_t begin = at_;
    while (peek() != kEnd) {
      const utf8::Rune rune = utf8::decode(text_.substr(at_));
      if (!unicode::is_letter(rune.code)) break;
      advance(rune.size);
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty()) return error("expected value but found " + shown() + " instead");
    if (word != "true" && word != "false") return error("expected value but found " + go::quoted(word) + " instead");
    return Value::boolean(word == "true");
  }

  Result<Value> read_array(int depth) {
    advance();
    List* list = List::create(arena_);
    skip_space();
    while (!take("]")) {
      if (peek() == ',') return error("unexpected comma");
      PLIMSOLL_ASSIGN_OR_RETURN(const Value item, read_value(depth + 1));
      list->push_back(arena_, item);
      skip_space();
      if (peek() != ',' && peek() != ']') {
        return error("expected a comma (',') or array terminator (']'), but got " + shown_or_end());
      }
      if (take(",")) skip_space();
    }
    return Value::list(list);
  }

  Result<Value> read_inline_table(int depth) {
    advance();
    Map* table = Map::create(arena_);
    const Key outer_context = context_;
    const std::string outer_key = current_key_;
    context_.push_back(current_key_);
    current_key_.clear();
    skip_space();
    while (!take("}")) {
      if (peek() == ',') return error("unexpected comma");
      PLIMSOLL_RETURN_IF_ERROR(read_pair(*table, depth + 1));
      skip_space();
      if (peek() != ',' && peek() != '}') {
        return error("expected a comma or an inline table terminator '}', but got " + shown_or_end() + " instead");
      }
      if (take(",")) skip_space();
    }
    context_ = outer_context;
    current_key_ = outer_key;
    return Value::map(table);
  }

  // --- strings ---

  Result<std::string> read_line_string() {
    const char quote = text_[at_];
    advance();
    std::string out;
    while (peek() != quote) {
      if (peek() == kEnd) return error(quote == '"' ? "unexpected EOF; expected '\"'" : "unexpected EOF; expected \"'\"");
      if (is_break(peek())) return error("strings cannot contain newlines");
      PLIMSOLL_RETURN_IF_ERROR(read_character(out, quote == '"'));
    }
    advance();
    return out;
  }

  Result<std::string> read_long_string() {
    const char quote = text_[at_];
    const bool escapes = quote == '"';
    const std::string mark(3, quote);
    advance(3);
    if (!take("\n")) take("\r\n");
    std::string out;
    while (true) {
      if (peek() == kEnd) {
        return error(escapes ? "unexpected EOF; expected '\"\"\"'" : "unexpected EOF; expected \"'''\"");
      }
      if (text_.substr(at_).starts_with(mark)) {
        // Up to two quotes may stand before the end.
        size_t run = 3;
        while (peek(run) == quote) ++run;
        if (run > 5) return error(escapes ? "unexpected '\"\"\"\"\"\"'" : "unexpected \"''''''\"");
        out.append(run - 3, quote);
        advance(run);
        return out;
      }
      if (escapes && peek() == '\\' && skip_escaped_break()) continue;
      PLIMSOLL_RETURN_IF_ERROR(read_character(out, escapes));
    }
  }

  // A backslash at the end of a line takes the break and all blanks after it away.
  bool skip_escaped_break() {
    size_t end = at_ + 1;
    bool broken = false;
    while (end < text_.size() && (text_[end] == ' ' || text_[end] == '\t' || is_break(text_[end]))) {
      broken = broken || text_[end] == '\n';
      ++end;
    }
    if (broken) advance(end - at_);
    return broken;
  }

  Result<void> read_character(std::string& out, bool escapes) {
    if (!escapes || peek() != '\\') {
      out += text_[at_];
      advance();
      return {};
    }
    advance();
    const int c = peek();
    constexpr std::string_view kNames = "btnfre\"\\";
    constexpr std::string_view kMeanings = "\b\t\n\f\r\x1B\"\\";
    if (const size_t found = c == kEnd ? std::string_view::npos : kNames.find(static_cast<char>(c));
        found != std::string_view::npos) {
      advance();
      out += kMeanings[found];
      return {};
    }
    const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0) {
      std::string shown_rune;
      utf8::append(shown_rune, c == kEnd ? 0 : utf8::decode(text_.substr(at_)).code);
      if (c == ' ' || c == '\t') return error("invalid escape: '\\" + shown_rune + "'");
      return error("invalid escape in string '\\" + shown_rune + "'");
    }
    const size_t begin = at_++;
    uint32_t code = 0;
    for (size_t i = 0; i < digits; ++i) {
      const int digit = peek();
      if (!is_hex(digit)) {
        const char* const count = digits == 2 ? "two" : digits == 4 ? "four" : "eight";
        return error(std::string("expected ") + count + " hexadecimal digits after '\\" + static_cast<char>(c) +
                     "', but got " + go::quoted(text_.substr(begin - 1, at_ + 1 - begin + 1)) + " instead");
      }
      code = code * 16 + static_cast<uint32_t>(is_digit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
      advance();
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
      return error("Escaped character '\\u" + std::string(text_.substr(begin + 1, digits)) + "' is not valid UTF-8.");
    }
    utf8::append(out, code);
    return {};
  }

  // --- numbers and dates ---

  Result<Value> read_signed() {
    const size_t begin = at_;
    advance();
    const int c = peek();
    if (take("inf") || take("nan")) return make_float(text_.substr(begin, at_ - begin));
    if (c == 'i' || c == 'n') {
      advance();
      return error("invalid float: '" + std::string(text_.substr(begin, at_ - begin)) + "'");
    }
    if (c == '.') return error("floats must start with a digit, not '.'");
    if (c == '0' && (peek(1) == 'b' || peek(1) == 'o' || peek(1) == 'x')) {
      return error("cannot use sign with non-decimal numbers: '" + std::string(text_.substr(begin, 3)) + "'");
    }
    if (!is_digit(c)) return error("expected a digit but got " + shown());
    return read_decimal(begin);
  }

  Result<Value> read_number() {
    const size_t begin = at_;
    if (peek() == '0') {
      const int mark = peek(1);
      if (mark == 'b' || mark == 'o' || mark == 'x') return read_prefixed(begin, mark);
    }
    size_t digits = at_;
    while (digits < text_.size() && is_digit(text_[digits])) ++digits;
    if (digits < text_.size() && (text_[digits] == '-' || text_[digits] == ':')) return read_date();
    return read_decimal(begin);
  }

  Result<Value> read_prefixed(size_t begin, int mark) {
    advance(2);
    const auto fits = [mark](int c) {
      if (mark == 'b') return c == '0' || c == '1';
      if (mark == 'o') return c >= '0' && c <= '7';
      return is_hex(c);
    };
    if (!fits(peek())) {
      const char* const kind = mark == 'b' ? "a binary" : mark == 'o' ? "an octal" : "a hexadecimal";
      std::string rune(1, '\0');
      if (peek() != kEnd) rune = text_.substr(at_, utf8::decode(text_.substr(at_)).size);
      return error(std::string("not ") + kind + " number: '" + std::string(text_.substr(begin, 2)) + rune + "'");
    }
    while (fits(peek()) || peek() == '_') advance();
    return make_integer(text_.substr(begin, at_ - begin));
  }

  Result<Value> read_decimal(size_t begin) {
    while (is_digit(peek()) || peek() == '_') advance();
    if (peek() != '.' && peek() != 'e' && peek() != 'E') return make_integer(text_.substr(begin, at_ - begin));
    while (is_digit(peek()) || (peek() != kEnd && std::string_view("_.-+eE").find(text_[at_]) != std::string_view::npos)) {
      advance();
    }
    return make_float(text_.substr(begin, at_ - begin));
  }

  Result<Value> make_integer(std::string_view text) {
    if (!underscores_fit(text)) {
      return error("Invalid integer " + go::quoted(text) + ": underscores must be surrounded by digits");
    }
    if (has_leading_zero(text)) return error("Invalid integer " + go::quoted(text) + ": cannot have leading zeroes");
    const ParsedInt number = parse_int(text, 0);
    if (!number.ok()) return error(std::string(text) + " is out of range for int64");
    return Value::integer(number.value);
  }

  Result<Value> make_float(std::string_view text) {
    size_t start = 0;
    bool first = true;
    for (size_t i = 0; i <= text.size(); ++i) {
      if (i < text.size() && text[i] != '.' && text[i] != 'e' && text[i] != 'E') continue;
      const std::string_view part = text.substr(start, i - start);
      start = i + 1;
      if (part.empty()) continue;
      if (!underscores_fit(part)) return error("Invalid float " + go::quoted(text) + ": underscores must be surrounded by digits");
      if (std::exchange(first, false) && has_leading_zero(part)) {
        return error("Invalid float " + go::quoted(text) + ": cannot have leading zeroes");
      }
    }
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '.' && (i + 1 == text.size() || !is_digit(text[i + 1]))) {
        return error("Invalid float " + go::quoted(text) + ": '.' must be followed by one or more digits");
      }
    }
    std::string digits(text);
    std::erase(digits, '_');
    if (digits == "+nan" || digits == "-nan") return Value::real(std::copysign(NAN, digits[0] == '-' ? -1.0 : 1.0));
    if (const std::optional<double> number = parse_float(digits)) return Value::real(*number);
    const bool out_of_range = std::all_of(digits.begin(), digits.end(), [](char c) {
      return is_digit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
    }) && std::isinf(std::strtod(digits.c_str(), nullptr));
    if (out_of_range) return error(std::string(text) + " is out of range for float64");
    return error("Invalid float value: " + go::quoted(text));
  }

  Result<Value> read_date() {
    const size_t begin = at_;
    while (is_digit(peek()) || (peek() != kEnd && std::string_view("-:Tt .Zz+").find(text_[at_]) != std::string_view::npos)) {
      advance();
    }
    std::string_view written = text_.substr(begin, at_ - begin);
    while (written.ends_with(' ')) written.remove_suffix(1);
    std::string text(written);
    for (char& c : text) c = c == ' ' || c == 't' ? 'T' : c == 'z' ? 'Z' : c;

    struct Form {
      std::string_view layout;
      const char* zone;  // of times that have none; nullptr: they have one
    };
    constexpr Form kForms[] = {{"2006-01-02T15:04:05.999999999Z07:00", nullptr},
                               {"2006-01-02T15:04:05.999999999", "datetime-local"},
                               {"2006-01-02", "date-local"},
                               {"15:04:05.999999999", "time-local"},
                               {"2006-01-02T15:04Z07:00", nullptr},
                               {"2006-01-02T15:04", "datetime-local"},
                               {"15:04", "time-local"}};
    for (const Form& form : kForms) {
      Result<GoTime> time = parse_time(form.layout, text);
      if (!time) continue;
      if (misses_leading_zero(text, form.layout)) break;
      if (form.zone != nullptr) std::strcpy(time->zone, form.zone);
      return make_time(arena_, *time);
    }
    return error("invalid datetime: " + go::quoted(text));
  }

  static bool misses_leading_zero(std::string_view text, std::string_view layout) {
    for (size_t i = 0; i < layout.size(); ++i) {
      if (layout[i] == '.' || layout[i] == 'Z') return false;
      if (!is_digit(layout[i]) && (i >= text.size() || text[i] != layout[i])) return true;
    }
    return false;
  }

  Arena& arena_;
  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
  size_t key_line_ = 1;       // of the key or table name read last
  Key context_;               // the table at hand, for messages
  std::string current_key_;
  Map* root_;
  Map* table_ = nullptr;
  std::unordered_set<const Map*> implied_;
};

}  // namespace

TomlDocument read_toml(Arena& arena, std::string_view text) { return Reader(arena, text).run(); }

}  // namespace plimsoll::tmpl
