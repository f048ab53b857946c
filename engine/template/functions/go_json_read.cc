// Reading JSON with the words of encoding/json's scanner for what is wrong: charts print them (fromJson) and end with them
// (mustFromJson).
#include <optional>
#include <vector>

#include "engine/template/functions/go_json.h"
#include "engine/template/functions/go_number.h"
#include "engine/template/go_format.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

constexpr size_t kMaxDepth = 10'000;

class Reader {
 public:
  Reader(Arena& arena, std::string_view text, std::string* range_error)
      : arena_(arena), text_(text), range_error_(range_error) {}

  // Containers that are not complete wait on a stack of their own; a value is handed to the innermost.
  Result<Value> run() {
    while (true) {
      if (error_) return std::unexpected(*std::move(error_));
      skip_blanks();
      // An array may end, and an object's key must come, before a value.
      if (!open_.empty()) {
        if (open_.back().is_list() && fresh_ && peek() == ']') {
          ++at_;
          if (close()) return finish();
          continue;
        }
        if (open_.back().is_map()) {
          if (fresh_ && peek() == '}') {
            ++at_;
            if (close()) return finish();
            continue;
          }
          PLIMSOLL_RETURN_IF_ERROR(read_key());
          skip_blanks();
        }
      }
      PLIMSOLL_ASSIGN_OR_RETURN(const bool complete, read_value());
      if (complete && after_value()) return finish();
    }
  }

 private:
  int peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
      ++at_;
    }
  }

  std::unexpected<Error> unexpected(std::string_view where) const {
    // The scanner ends a text with a blank, which some places do not admit.
    const bool admits_blank = where == "in string literal" || !(where.starts_with("in ") || where.starts_with("after decimal"));
    if (peek() < 0 && admits_blank) return fail(ErrorCode::kSyntax, "unexpected end of JSON input");
    const int c = peek() < 0 ? ' ' : peek();
    std::string message = "invalid character ";
    go::append_quoted_rune(message, static_cast<char32_t>(c));
    return fail(ErrorCode::kSyntax, message + ' ' + std::string(where));
  }

  // Hands a complete value to the innermost container.
  void deliver(const Value& value) {
    if (open_.empty()) {
      root_ = value;
    } else if (open_.back().is_list()) {
      open_.back().as_list()->push_back(arena_, value);
    } else {
      open_.back().as_map()->set(arena_, keys_.back(), value);
      keys_.pop_back();
    }
    fresh_ = false;
  }

  // Ends the innermost container; true if it was the whole text's value.
  bool close() {
    const Value container = open_.back();
    open_.pop_back();
    deliver(container);
    return after_value();
  }

  // After a value: commas and ends of containers. True at the end of the root value; an error waits in error_.
  bool after_value() {
    while (!open_.empty()) {
      skip_blanks();
      const bool list = open_.back().is_list();
      const int c = peek();
      if (c == ',') {
        ++at_;
        return false;
      }
      if (c != (list ? ']' : '}')) {
        error_ = unexpected(list ? "after array element" : "after object key:value pair").error();
        return false;
      }
      ++at_;
      const Value container = open_.back();
      open_.pop_back();
      deliver(container);
    }
    return true;
  }

  Result<Value> finish() {
    skip_blanks();
    if (at_ < text_.size()) return unexpected("after top-level value");
    return root_;
  }

  Result<void> read_key() {
    if (peek() != '"') return unexpected("looking for beginning of object key string");
    PLIMSOLL_ASSIGN_OR_RETURN(const Value key, read_string());
    keys_.push_back(key);
    skip_blanks();
    if (peek() != ':') return unexpected("after object key");
    ++at_;
    return {};
  }

  // False if a container was opened, whose items are to follow.
  Result<bool> read_value() {
    const int c = peek();
    if (c == '{' || c == '[') {
      if (open_.size() >= kMaxDepth) return unexpected("exceeded max depth");
      ++at_;
      open_.push_back(c == '{' ? Value::map(Map::create(arena_)) : Value::list(List::create(arena_)));
      fresh_ = true;
      return false;
    }
    PLIMSOLL_ASSIGN_OR_RETURN(const Value value, read_scalar());
    deliver(value);
    return true;
  }

  Result<Value> read_scalar() {
    switch (peek()) {
      case '"': return read_string();
      case 't': return read_word("true", Value::boolean(true));
      case 'f': return read_word("false", Value::boolean(false));
      case 'n': return read_word("null", Value::null());
      default: break;
    }
    if (peek() == '-' || is_digit(peek())) return read_number();
    return unexpected("looking for beginning of value");
  }

  Result<Value> read_word(std::string_view word, const Value& value) {
    for (size_t i = 0; i < word.size(); ++i, ++at_) {
      if (peek() != word[i]) {
        return unexpected("in literal " + std::string(word) + " (expecting '" + word[i] + "')");
      }
    }
    return value;
  }

  static bool is_digit(int c) { return c >= '0' && c <= '9'; }
  void skip_digits() {
    while (is_digit(peek())) ++at_;
  }

  Result<Value> read_number() {
    const size_t begin = at_;
    if (peek() == '-') ++at_;
    if (!is_digit(peek())) return unexpected("in numeric literal");
    if (peek() == '0') {
      ++at_;
    } else {
      skip_digits();
    }
    if (peek() == '.') {
      ++at_;
      if (!is_digit(peek())) return unexpected("after decimal point in numeric literal");
      skip_digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!is_digit(peek())) return unexpected("in exponent of numeric literal");
      skip_digits();
    }
    const std::string_view digits = text_.substr(begin, at_ - begin);
    if (const std::optional<double> number = parse_float(digits)) return Value::real(*number);
    if (range_error_ != nullptr && range_error_->empty()) {
      *range_error_ = "json: cannot unmarshal number " + std::string(digits) + " into Go value of type float64";
    }
    return Value::null();
  }

  Result<Value> read_string() {
    ++at_;
    const size_t begin = at_;
    std::string decoded;
    size_t copied = begin;
    while (true) {
      const int c = peek();
      if (c == '"') break;
      if (c < ' ') return unexpected("in string literal");
      if (c == '\\') {
        decoded += text_.substr(copied, at_ - copied);
        PLIMSOLL_RETURN_IF_ERROR(read_escape(decoded));
        copied = at_;
      } else if (c < 0x80) {
        ++at_;
      } else {
        const utf8::Rune rune = utf8::decode(text_.substr(at_));
        if (!rune.valid) {
          decoded += text_.substr(copied, at_ - copied);
          utf8::append(decoded, utf8::kReplacement);
          copied = at_ + rune.size;
        }
        at_ += rune.size;
      }
    }
    const std::string_view tail = text_.substr(copied, at_ - copied);
    ++at_;
    if (copied == begin) return Value::string(arena_.copy(tail));
    decoded += tail;
    return Value::string(arena_.copy(decoded));
  }

  Result<uint32_t> read_hex() {
    uint32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const int c = peek();
      const int letter = c | 0x20;
      if (is_digit(c)) {
        code = code * 16 + static_cast<uint32_t>(c - '0');
      } else if (c > 0 && letter >= 'a' && letter <= 'f') {
        code = code * 16 + static_cast<uint32_t>(letter - 'a' + 10);
      } else {
        return unexpected("in \\u hexadecimal character escape");
      }
    }
    return code;
  }

  Result<void> read_escape(std::string& out) {
    ++at_;
    const int c = peek();
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (const size_t found = c < 0 ? std::string_view::npos : kNames.find(static_cast<char>(c));
        found != std::string_view::npos) {
      ++at_;
      out += kMeanings[found];
      return {};
    }
    if (c != 'u') return unexpected("in string escape code");
    ++at_;
    PLIMSOLL_ASSIGN_OR_RETURN(uint32_t code, read_hex());
    // A high surrogate counts with the low one that follows; alone, both become U+FFFD (which append() sees to).
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      const size_t before = at_;
      at_ += 2;
      PLIMSOLL_ASSIGN_OR_RETURN(const uint32_t low, read_hex());
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      } else {
        at_ = before;
      }
    }
    utf8::append(out, code);
    return {};
  }

  Arena& arena_;
  std::string_view text_;
  std::string* range_error_;
  size_t at_ = 0;
  std::vector<Value> open_;
  std::vector<Value> keys_;
  bool fresh_ = false;  // the innermost container has just been opened
  Value root_;
  std::optional<Error> error_;
};

}  // namespace

Result<Value> unmarshal_json(Arena& arena, std::string_view text, std::string* range_error) {
  return Reader(arena, text, range_error).run();
}

}  // namespace plimsoll::tmpl
