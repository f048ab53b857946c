#include "engine/chart/set_flags.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/template/go_format.h"
#include "engine/template/go_value.h"
#include "engine/value/go_quote.h"
#include "engine/value/json.h"
#include "engine/value/utf8.h"

namespace plimsoll::chart {

namespace {

constexpr int64_t kMaxIndex = 65536;
constexpr int kMaxNestedNames = 30;

// strvals signals "no more input" and "not a list" through its error values; so does this parser.
struct Status {
  enum Kind : uint8_t { kOk, kEnd, kNotList, kError } kind = kOk;
  std::string message;

  bool ok() const { return kind == kOk; }
  bool failed() const { return kind == kError; }
};

Status error(std::string message) { return {Status::kError, std::move(message)}; }

// %q of a []rune: ['a' 'b'].
std::string quote_runes(std::string_view text) {
  std::string out = "[";
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    if (out.size() > 1) out += ' ';
    go::append_quoted_rune(out, rune.valid ? rune.code : utf8::kReplacement);
    text.remove_prefix(rune.size);
  }
  return out + "]";
}

// Length of the JSON value at the start of `text`, where other text may follow it; the whole text if the value is malformed.
size_t json_prefix(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
    } else if (c == '[' || c == '{') {
      ++depth;
      continue;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (depth == 0) {
      const size_t end = text.find_first_of(" \t\r\n,", i);
      return end == std::string_view::npos ? text.size() : end;
    }
    if (depth == 0 && i < text.size()) return i + 1;
  }
  return text.size();
}

// Numbers from JSON are float64 in Go.
Value numbers_as_float64(Value value) {
  switch (value.kind()) {
    case Kind::kInt: return Value::real(static_cast<double>(value.as_int()));
    case Kind::kUint: return Value::real(static_cast<double>(value.as_uint()));
    case Kind::kList:
      for (Value& item : *value.as_list()) item = numbers_as_float64(item);
      return value;
    case Kind::kMap:
      for (Map::Entry& entry : *value.as_map()) entry.value = numbers_as_float64(entry.value);
      return value;
    default: return value;
  }
}

// What Go prints when a type assertion on an interface value fails.
std::string conversion_panic(const Value& value, std::string_view wanted) {
  const std::string actual = value.is_null() ? "nil" : std::string(tmpl::type_name(value));
  return "interface conversion: interface {} is " + actual + ", not " + std::string(wanted);
}

class Parser {
 public:
  Parser(Arena& arena, std::string_view text, SetFlag flag, const FileReader& read_file)
      : arena_(arena), flag_(flag), read_file_(read_file) {
    // Go reads runes: an invalid byte becomes U+FFFD.
    for (size_t i = 0; i < text.size();) {
      const utf8::Rune rune = utf8::decode(text.substr(i));
      utf8::append(text_, rune.code);
      i += rune.size;
    }
  }

  Result<void> parse(Map& values) {
    while (true) {
      const Status status = key(values, 0);
      if (status.kind == Status::kEnd) return {};
      if (status.failed()) return fail(ErrorCode::kUsage, status.message);
    }
  }

 private:
  bool literal() const { return flag_ == SetFlag::kLiteral; }

  struct Token {
    std::string text;
    char stop = 0;  // 0: the input ended first
  };

  // Reads up to one of `stops`; a backslash takes the next rune as it is (not in literals).
  Token until(std::string_view stops) {
    Token token;
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (stops.find(c) != std::string_view::npos) {
        token.stop = c;
        return token;
      }
      if (c == '\\' && !literal()) {
        if (position_ >= text_.size()) return token;
        const size_t size = utf8::decode(std::string_view(text_).substr(position_)).size;
        token.text.append(text_, position_, size);
        position_ += size;
      } else {
        token.text += c;
      }
    }
    return token;
  }

  void set(Map& data, std::string_view key, Value value) {
    if (!key.empty()) data.set(arena_, arena_.copy(key), value);
  }

  // One assignment; `depth` counts nested names.
  Status key(Map& data, int depth) {
    const Token token = until(literal() ? "=[." : "=[,.");
    const std::string& name = token.text;
    switch (token.stop) {
      case 0:
        if (name.empty()) return {Status::kEnd, {}};
        return error("key " + go::quoted(name) + " has no value");
      case '[': {
        int64_t index = 0;
        if (Status status = key_index(index); !status.ok()) return error("error parsing index: " + end_text(status));
        List* list = List::create(arena_);
        if (const Value* existing = data.find(name)) {
          if (!existing->is_list()) return panic(conversion_panic(*existing, "[]interface {}"));
          list = existing->as_list();
        }
        Status status = list_item(list, index, depth);
        if (panicked_) return status;
        set(data, name, Value::list(list));
        return status;
      }
      case '=': return assign(data, name);
      case ',':
        set(data, name, Value::string(""));
        return error("key " + go::quoted(name) + " has no value (cannot end with ,)");
      default: return nested(data, name, depth + 1);
    }
  }

  Status nested(Map& data, const std::string& name, int depth) {
    if (depth > kMaxNestedNames) {
      return error("value name nested level is greater than maximum supported nested level of " +
                   std::to_string(kMaxNestedNames));
    }
    Map* inner = Map::create(arena_);
    if (const Value* existing = data.find(name)) {
      if (!existing->is_map()) return panic(conversion_panic(*existing, "map[string]interface {}"));
      inner = existing->as_map();
    }
    Status status = key(*inner, depth);
    panicked_ = false;  // recovered by the inner call
    if (status.ok() && inner->empty()) return error("key map " + go::quoted(name) + " has no value");
    if (!inner->empty()) set(data, name, Value::map(inner));
    return status;
  }

  Status assign(Map& data, const std::string& name) {
    Value value;
    const Status status = read_value(value);
    switch (status.kind) {
      case Status::kError: return status;
      case Status::kEnd:
        set(data, name, value);
        // A literal ends its flag without saying so; others report the end of the input.
        return literal() ? Status{} : status;
      default: set(data, name, value); return {};
    }
  }

  // The value after '='. kEnd: the input ended right there and the value is an empty string.
  Status read_value(Value& value) {
    if (flag_ == SetFlag::kJson) return read_json(value);
    if (literal()) {
      value = Value::string(arena_.copy(std::string_view(text_).substr(position_)));
      position_ = text_.size();
      return {Status::kEnd, {}};
    }
    Status status = value_list(value);
    if (status.kind == Status::kEnd) value = Value::string("");
    if (status.kind != Status::kNotList) return status;
    return convert(until(",").text, value);
  }

  Status read_json(Value& value) {
    if (skip_blanks()) {
      value = Value::null();
      return {};
    }
    const std::string_view rest = std::string_view(text_).substr(position_);
    const size_t size = json_prefix(rest);
    Result<Value> parsed = json::read(arena_, rest.substr(0, size));
    if (!parsed) return error(parsed.error().message());
    value = numbers_as_float64(*parsed);
    position_ += size;
    skip_blanks();
    return {};
  }

  // Skips blanks and one comma. True at a comma or at the end: there is no value.
  bool skip_blanks() {
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if (c == ',') {
        ++position_;
        return true;
      }
      if (c != ' ' && (c < '\t' || c > '\r')) return false;
      ++position_;
    }
    return true;
  }

  Status value_list(Value& value) {
    if (position_ >= text_.size()) return {Status::kEnd, {}};
    if (text_[position_] != '{') return {Status::kNotList, {}};
    ++position_;
    List* list = List::create(arena_);
    value = Value::list(list);
    while (true) {
      const Token token = until(",}");
      if (token.stop == 0) return error("list must terminate with '}'");
      Value item;
      const Status status = convert(token.text, item);
      if (token.stop == '}') {
        if (position_ < text_.size() && text_[position_] == ',') ++position_;
        list->push_back(arena_, item);
        return status;
      }
      if (!status.ok()) return status;
      list->push_back(arena_, item);
    }
  }

  Status convert(std::string_view text, Value& value) {
    if (flag_ == SetFlag::kFile) {
      Result<std::string> contents = read_file_(text);
      if (!contents) return error(contents.error().message());
      value = Value::string(arena_.copy(*contents));
      return {};
    }
    value = flag_ == SetFlag::kString ? Value::string(arena_.copy(text)) : typed_value(text);
    return {};
  }

  Value typed_value(std::string_view text) {
    const auto is = [&](std::string_view word) {
      return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
             });
    };
    if (is("true")) return Value::boolean(true);
    if (is("false")) return Value::boolean(false);
    if (is("null")) return Value::null();
    if (text == "0") return Value::integer(0);
    if (!text.empty() && text[0] != '0') {
      if (const auto number = parse_integer(text)) return Value::integer(*number);
    }
    return Value::string(arena_.copy(text));
  }

  // strconv.ParseInt(text, 10, 64).
  static std::optional<int64_t> parse_integer(std::string_view text) {
    const bool plus = text.starts_with('+');
    if (plus) text.remove_prefix(1);
    if (text.empty() || text[0] == '+' || (plus && text[0] == '-')) return std::nullopt;
    int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }

  Status key_index(int64_t& index) {
    const Token token = until("]");
    if (token.stop == 0) return {Status::kEnd, {}};
    const std::string_view digits = token.text;
    if (const auto number = parse_integer(digits)) {
      index = *number;
      return {};
    }
    const std::string_view unsigned_digits = digits.substr(digits.starts_with('-') || digits.starts_with('+') ? 1 : 0);
    const bool all_digits = !unsigned_digits.empty() && std::all_of(unsigned_digits.begin(), unsigned_digits.end(),
                                                                    [](char c) { return c >= '0' && c <= '9'; });
    return error("strconv.Atoi: parsing " + go::quoted(digits) + ": " +
                 (all_digits ? "value out of range" : "invalid syntax"));
  }

  static std::string end_text(const Status& status) { return status.kind == Status::kEnd ? "EOF" : status.message; }

  // What follows "name[index]"; may replace `list`.
  Status list_item(List*& list, int64_t index, int depth) {
    if (index < 0) return error("negative " + std::to_string(index) + " index not allowed");
    const Token token = until("[.=");
    if (!token.text.empty()) return error("unexpected data at end of array index: " + quote_runes(token.text));
    const auto position = static_cast<size_t>(index);
    switch (token.stop) {
      case 0: return {Status::kEnd, {}};
      case '=': {
        Value value;
        const Status status = read_value(value);
        if (status.failed()) return status;
        return set_index(*list, index, value);
      }
      case '[': {
        int64_t next = 0;
        if (Status status = key_index(next); !status.ok()) return error("error parsing index: " + end_text(status));
        List* inner = List::create(arena_);
        if (position < list->size() && !(*list)[position].is_null()) {
          const Value& existing = (*list)[position];
          if (!existing.is_list()) return panic(conversion_panic(existing, "[]interface {}"));
          inner = existing.as_list();
        }
        if (Status status = list_item(inner, next, depth); !status.ok()) return status;
        return set_index(*list, index, Value::list(inner));
      }
      default: {
        Map* inner = Map::create(arena_);
        if (position < list->size()) {
          if ((*list)[position].is_map()) {
            inner = (*list)[position].as_map();
          } else {
            (*list)[position] = Value::map(inner);
          }
        }
        Status status = key(*inner, depth);
        panicked_ = false;
        if (!status.ok()) return status;
        return set_index(*list, index, Value::map(inner));
      }
    }
  }

  Status set_index(List& list, int64_t index, Value value) {
    if (index > kMaxIndex) {
      return error("index of " + std::to_string(index) + " is greater than maximum supported index of " +
                   std::to_string(kMaxIndex));
    }
    while (list.size() <= static_cast<size_t>(index)) list.push_back(arena_, Value::null());
    list[static_cast<size_t>(index)] = value;
    return {};
  }

  // A Go panic, which the innermost key() recovers from: nothing is set on the way.
  Status panic(const std::string& message) {
    panicked_ = true;
    return error("unable to parse key: " + message);
  }

  Arena& arena_;
  SetFlag flag_;
  const FileReader& read_file_;
  std::string text_;
  size_t position_ = 0;
  bool panicked_ = false;
};

}  // namespace

Result<void> apply_set_flag(Arena& arena, Map& values, std::string_view text, SetFlag flag,
                            const FileReader& read_file) {
  return Parser(arena, text, flag, read_file).parse(values);
}

}  // namespace plimsoll::chart
