#include "engine/yaml/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

namespace plimsoll::yaml {

namespace {

enum class Hint : uint8_t {
  kText,    // cannot be anything but a string
  kWord,    // may be one of kWords
  kPoint,   // '.': kWords or a float
  kNumber,  // digit or sign: int, float or timestamp
};

constexpr std::array<Hint, 256> kHints = [] {
  std::array<Hint, 256> table{};
  for (const char c : std::string_view("yYnNtTfFoO~")) table[static_cast<uint8_t>(c)] = Hint::kWord;
  for (const char c : std::string_view("0123456789+-")) table[static_cast<uint8_t>(c)] = Hint::kNumber;
  table['.'] = Hint::kPoint;
  return table;
}();

struct Word {
  std::string_view text;
  ScalarType type;
  double number;  // truth of booleans
};
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Word kWords[] = {
    {"y", ScalarType::kBool, 1},
    {"Y", ScalarType::kBool, 1},
    {"n", ScalarType::kBool, 0},
    {"N", ScalarType::kBool, 0},
    {"~", ScalarType::kNull, 0},
    {"no", ScalarType::kBool, 0},
    {"No", ScalarType::kBool, 0},
    {"NO", ScalarType::kBool, 0},
    {"on", ScalarType::kBool, 1},
    {"On", ScalarType::kBool, 1},
    {"ON", ScalarType::kBool, 1},
    {"yes", ScalarType::kBool, 1},
    {"Yes", ScalarType::kBool, 1},
    {"YES", ScalarType::kBool, 1},
    {"off", ScalarType::kBool, 0},
    {"Off", ScalarType::kBool, 0},
    {"OFF", ScalarType::kBool, 0},
    {"true", ScalarType::kBool, 1},
    {"True", ScalarType::kBool, 1},
    {"TRUE", ScalarType::kBool, 1},
    {"null", ScalarType::kNull, 0},
    {"Null", ScalarType::kNull, 0},
    {"NULL", ScalarType::kNull, 0},
    {".nan", ScalarType::kFloat, kNan},
    {".NaN", ScalarType::kFloat, kNan},
    {".NAN", ScalarType::kFloat, kNan},
    {".inf", ScalarType::kFloat, kInfinity},
    {".Inf", ScalarType::kFloat, kInfinity},
    {".INF", ScalarType::kFloat, kInfinity},
    {"+.inf", ScalarType::kFloat, kInfinity},
    {"+.Inf", ScalarType::kFloat, kInfinity},
    {"+.INF", ScalarType::kFloat, kInfinity},
    {"-.inf", ScalarType::kFloat, -kInfinity},
    {"-.Inf", ScalarType::kFloat, -kInfinity},
    {"-.INF", ScalarType::kFloat, -kInfinity},
    {"false", ScalarType::kBool, 0},
    {"False", ScalarType::kBool, 0},
    {"FALSE", ScalarType::kBool, 0},
};
constexpr size_t kLongestWord = 5;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<Scalar> find_word(std::string_view text) {
  if (text.size() > kLongestWord) return std::nullopt;
  for (const Word& word : kWords) {
    if (word.text != text) continue;
    switch (word.type) {
      case ScalarType::kBool:
        return Scalar{word.type, Value::boolean(word.number != 0)};
      case ScalarType::kFloat:
        return Scalar{word.type, Value::real(word.number)};
      default:
        return Scalar{word.type, Value::null()};
    }
  }
  return std::nullopt;
}

// Go's strconv.ParseFloat for decimal text: nullopt for malformed text and beyond the range of float64.
std::optional<double> parse_float(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc()) return value;
  if (error != std::errc::result_out_of_range) return std::nullopt;
  value = std::strtod(std::string(text).c_str(), nullptr);  // tells underflow, which Go takes, from overflow
  return std::isinf(value) ? std::nullopt : std::optional(value);
}

// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
bool looks_like_float(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t start = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - start;
  };
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  const size_t whole = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

std::optional<uint64_t> parse_digits(std::string_view digits, int base) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<Scalar> signed_integer(bool negative, uint64_t magnitude) {
  constexpr uint64_t kLimit = uint64_t{1} << 63;
  if (negative) {
    if (magnitude > kLimit) return std::nullopt;
    return Scalar{ScalarType::kInt, Value::integer(static_cast<int64_t>(~magnitude + 1))};
  }
  if (magnitude >= kLimit) return std::nullopt;
  return Scalar{ScalarType::kInt, Value::integer(static_cast<int64_t>(magnitude))};
}

// Go's strconv.ParseInt(text, 0, 64), else ParseUint(text, 0, 64), of text without underscores.
std::optional<Scalar> parse_integer(std::string_view text) {
  const bool has_sign = !text.empty() && (text[0] == '+' || text[0] == '-');
  const bool negative = has_sign && text[0] == '-';
  std::string_view digits = text.substr(has_sign ? 1 : 0);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    switch (digits[1]) {
      case 'x':
      case 'X':
        base = 16;
        break;
      case 'o':
      case 'O':
        base = 8;
        break;
      case 'b':
      case 'B':
        base = 2;
        break;
      default:
        break;
    }
    if (base != 10) {
      digits.remove_prefix(2);
    } else {
      base = 8;
      digits.remove_prefix(1);
    }
  }
  const auto magnitude = parse_digits(digits, base);
  if (!magnitude) return std::nullopt;
  if (auto result = signed_integer(negative, *magnitude)) return result;
  if (!has_sign) return Scalar{ScalarType::kInt, Value::uinteger(*magnitude)};
  return std::nullopt;
}

// A digit or sign in front: int or float, with underscores dropped wherever they stand.
std::optional<Scalar> parse_number(std::string_view text) {
  std::string without;
  if (text.find('_') != std::string_view::npos) {
    for (const char c : text) {
      if (c != '_') without += c;
    }
    text = without;
  }
  if (auto integer = parse_integer(text)) return integer;
  if (looks_like_float(text)) {
    if (const auto number = parse_float(text)) return Scalar{ScalarType::kFloat, Value::real(*number)};
  }
  // go-yaml cuts "0b" off and parses the rest as signed binary: 0b-1 is -1.
  if (text.starts_with("0b") && text.size() > 3 && (text[2] == '-' || text[2] == '+')) {
    if (const auto magnitude = parse_digits(text.substr(3), 2)) return signed_integer(text[2] == '-', *magnitude);
  }
  return std::nullopt;
}

// ParseFloat of text that begins with '.': underscores may stand between digits.
std::optional<double> parse_point_float(std::string_view text) {
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      digits += text[i];
      continue;
    }
    const bool between = i > 0 && is_digit(text[i - 1]) && i + 1 < text.size() && is_digit(text[i + 1]);
    if (!between) return std::nullopt;
  }
  return looks_like_float(digits) ? parse_float(digits) : std::nullopt;
}

// Reads one part of a date after another, as Go's time.Parse does with go-yaml's layouts.
class TimestampParser {
 public:
  explicit TimestampParser(std::string_view text) : rest_(text) {}

  bool parse() {
    if (rest_.size() < 5 || rest_[4] != '-') return false;
    for (size_t i = 0; i < 4; ++i) {
      if (!is_digit(rest_[i])) return false;
      year_ = 10 * year_ + (rest_[i] - '0');
    }
    rest_.remove_prefix(5);
    int month = 0;
    int day = 0;
    if (!number(month, 1, 12) || !literal('-') || !number(day, 1, days_in(month))) return false;
    if (rest_.empty()) return true;
    if (rest_[0] == 'T' || rest_[0] == 't') {
      rest_.remove_prefix(1);
      return clock() && zone() && rest_.empty();
    }
    if (rest_[0] != ' ') return false;
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    return clock() && rest_.empty();
  }

 private:
  bool literal(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // One or two digits.
  bool number(int& value, int least, int most) {
    if (rest_.empty() || !is_digit(rest_[0])) return false;
    value = rest_[0] - '0';
    rest_.remove_prefix(1);
    if (!rest_.empty() && is_digit(rest_[0])) {
      value = 10 * value + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value >= least && value <= most;
  }

  bool clock() {
    int part = 0;
    if (!number(part, 0, 23) || !literal(':') || !number(part, 0, 59) || !literal(':') || !number(part, 0, 59))
      return false;
    if (rest_.size() >= 2 && (rest_[0] == '.' || rest_[0] == ',') && is_digit(rest_[1])) {
      size_t end = 1;
      while (end < rest_.size() && is_digit(rest_[end])) ++end;
      rest_.remove_prefix(end);
    }
    return true;
  }

  bool zone() {
    if (literal('Z')) return true;
    if (rest_.size() < 6 || (rest_[0] != '+' && rest_[0] != '-') || rest_[3] != ':') return false;
    for (const size_t i : {1, 2, 4, 5}) {
      if (!is_digit(rest_[i])) return false;
    }
    const int hours = 10 * (rest_[1] - '0') + (rest_[2] - '0');
    const int minutes = 10 * (rest_[4] - '0') + (rest_[5] - '0');
    rest_.remove_prefix(6);
    return hours <= 24 && minutes <= 60;
  }

  int days_in(int month) const {
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year_ % 4 == 0 && (year_ % 100 != 0 || year_ % 400 == 0);
    return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
  }

  std::string_view rest_;
  int year_ = 0;
};

enum class Tag { kNone, kStr, kBool, kInt, kFloat, kNull, kTimestamp, kOther };

Tag tag_of(std::string_view tag) {
  if (tag.empty()) return Tag::kNone;
  if (!tag.starts_with(kTagPrefix)) return Tag::kOther;
  tag.remove_prefix(kTagPrefix.size());
  if (tag == "str") return Tag::kStr;
  if (tag == "bool") return Tag::kBool;
  if (tag == "int") return Tag::kInt;
  if (tag == "float") return Tag::kFloat;
  if (tag == "null") return Tag::kNull;
  if (tag == "timestamp") return Tag::kTimestamp;
  return Tag::kOther;
}

Scalar resolve(std::string_view text, bool try_timestamp) {
  const Scalar as_text{ScalarType::kString, Value::string(text)};
  if (text.empty()) return {ScalarType::kNull, Value::null()};
  switch (kHints[static_cast<uint8_t>(text[0])]) {
    case Hint::kText:
      return as_text;
    case Hint::kWord:
      return find_word(text).value_or(as_text);
    case Hint::kPoint:
      if (const auto word = find_word(text)) return *word;
      if (const auto number = parse_point_float(text)) return {ScalarType::kFloat, Value::real(*number)};
      return as_text;
    case Hint::kNumber:
      if (const auto word = find_word(text)) return *word;
      if (try_timestamp && is_timestamp(text)) return {ScalarType::kTimestamp, Value::string(text)};
      return parse_number(text).value_or(as_text);
  }
  return as_text;
}

bool has_type(Tag tag, ScalarType type) {
  switch (tag) {
    case Tag::kBool:
      return type == ScalarType::kBool;
    case Tag::kInt:
      return type == ScalarType::kInt;
    case Tag::kFloat:
      return type == ScalarType::kFloat;
    case Tag::kNull:
      return type == ScalarType::kNull;
    case Tag::kTimestamp:
      return type == ScalarType::kTimestamp;
    default:
      return true;
  }
}

}  // namespace

bool is_timestamp(std::string_view text) { return TimestampParser(text).parse(); }

Scalar resolve_plain(std::string_view text) { return resolve(text, true); }

std::optional<Scalar> resolve_tagged(std::string_view tag, std::string_view text, ScalarType& found) {
  const Tag wanted = tag_of(tag);
  if (wanted == Tag::kOther || wanted == Tag::kStr) return Scalar{ScalarType::kString, Value::string(text)};
  Scalar scalar = resolve(text, wanted == Tag::kNone || wanted == Tag::kTimestamp);
  found = scalar.type;
  if (wanted == Tag::kFloat && scalar.type == ScalarType::kInt && scalar.value.is_int()) {
    return Scalar{ScalarType::kFloat, Value::real(static_cast<double>(scalar.value.as_int()))};
  }
  if (!has_type(wanted, scalar.type)) return std::nullopt;
  return scalar;
}

std::string_view short_tag(ScalarType type) {
  switch (type) {
    case ScalarType::kString:
      return "!!str";
    case ScalarType::kNull:
      return "!!null";
    case ScalarType::kBool:
      return "!!bool";
    case ScalarType::kInt:
      return "!!int";
    case ScalarType::kFloat:
      return "!!float";
    case ScalarType::kTimestamp:
      return "!!timestamp";
  }
  return "";
}

}  // namespace plimsoll::yaml
