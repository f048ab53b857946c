#include "engine/yaml/writer.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <optional>

#include "engine/value/base64.h"
#include "engine/value/json.h"
#include "engine/value/utf8.h"
#include "engine/yaml/emitter.h"
#include "engine/yaml/go_format.h"
#include "engine/yaml/scalar.h"

namespace plimsoll::yaml {

namespace {

constexpr size_t kMaxDepth = 10'000;
// A simple key's quotes and text as JSON may take this many characters.
constexpr size_t kMaxJsonKey = 1024;
constexpr size_t kMaxSimpleKey = 128;
constexpr std::string_view kBadKey = "yaml: did not find expected ',' or '}'";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?: a number in base 60, which other readers of YAML 1.1 know.
bool is_base60(std::string_view text) {
  size_t i = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  if (i >= text.size() || !is_digit(text[i])) return false;
  while (i < text.size() && (is_digit(text[i]) || text[i] == '_')) ++i;
  size_t parts = 0;
  while (i < text.size() && text[i] == ':') {
    ++i;
    const size_t start = i;
    while (i < text.size() && i < start + 2 && is_digit(text[i])) ++i;
    const size_t digits = i - start;
    if (digits == 0 || (digits == 2 && text[start] > '5')) return false;
    ++parts;
  }
  if (parts == 0) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    while (i < text.size() && (is_digit(text[i]) || text[i] == '_')) ++i;
  }
  return i == text.size();
}

struct RuneClass {
  static bool is_letter(char32_t rune) {
    if (rune < 0x80) return (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z');
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(rune));
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
  }
  static bool is_digit(char32_t rune) {
    if (rune < 0x80) return rune >= '0' && rune <= '9';
    return utf8proc_category(static_cast<utf8proc_int32_t>(rune)) == UTF8PROC_CATEGORY_ND;
  }
};

std::u32string runes_of(std::string_view text) {
  std::u32string runes;
  runes.reserve(text.size());
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    runes += rune.code;
    text.remove_prefix(rune.size);
  }
  return runes;
}

// go-yaml's keyList.Less on the first position `i` where the texts differ.
template <typename Runes>
bool less_at(const Runes& a, const Runes& b, size_t i, bool digits_first) {
  const auto rune = [](auto c) { return static_cast<char32_t>(static_cast<std::make_unsigned_t<decltype(c)>>(c)); };
  const char32_t x = rune(a[i]);
  const char32_t y = rune(b[i]);
  const bool x_letter = RuneClass::is_letter(x);
  const bool y_letter = RuneClass::is_letter(y);
  if (x_letter && y_letter) return x < y;
  if (x_letter || y_letter) {
    const bool behind_number = digits_first && i > 0 && RuneClass::is_digit(rune(a[i - 1]));
    return behind_number ? x_letter : y_letter;
  }
  // Numbers overflow as Go's int64 does.
  uint64_t x_number = 0;
  uint64_t y_number = 0;
  if (x == '0' || y == '0') {
    for (size_t j = i; j-- > 0 && RuneClass::is_digit(rune(a[j]));) {
      if (a[j] != '0') {
        x_number = y_number = 1;
        break;
      }
    }
  }
  size_t x_end = i;
  for (; x_end < a.size() && RuneClass::is_digit(rune(a[x_end])); ++x_end)
    x_number = x_number * 10 + (rune(a[x_end]) - '0');
  size_t y_end = i;
  for (; y_end < b.size() && RuneClass::is_digit(rune(b[y_end])); ++y_end)
    y_number = y_number * 10 + (rune(b[y_end]) - '0');
  if (x_number != y_number) return static_cast<int64_t>(x_number) < static_cast<int64_t>(y_number);
  if (x_end != y_end) return x_end < y_end;
  return x < y;
}

// True if the text survives the way through JSON as it is: valid UTF-8 without characters that YAML treats specially
// there.
bool passes_json(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0 && c != 0x7F; });
}

class ValueWriter {
 public:
  ValueWriter(std::string& out, bool pretty)
      : emitter_(out, pretty ? EmitterOptions{.width = INT_MAX, .indent_lists = true, .literal_tabs = true}
                             : EmitterOptions()),
        pretty_(pretty) {}

  Result<void> document(const Value& value) {
    PLIMSOLL_RETURN_IF_ERROR(node(value, false, 0));
    emitter_.finish();
    return {};
  }

 private:
  struct Item {
    std::string_view key;
    const Value* value;
  };

  Result<void> node(const Value& value, bool in_map, size_t depth) {
    if (depth > kMaxDepth) return fail(ErrorCode::kLimit, fmt::format("yaml: exceeded max depth of {}", kMaxDepth));
    switch (value.kind()) {
      case Kind::kNull:
      case Kind::kExtension:
        emitter_.bare("null");
        return {};
      case Kind::kBool:
        emitter_.bare(value.as_bool() ? "true" : "false");
        return {};
      case Kind::kInt:
        emitter_.bare(fmt::format_int(value.as_int()).c_str());
        return {};
      case Kind::kUint:
        emitter_.bare(fmt::format_int(value.as_uint()).c_str());
        return {};
      case Kind::kDouble:
        return number(value.as_double());
      case Kind::kString:
        return text(value.as_string(), false);
      case Kind::kBytes:
        return text(base64::encode(value.as_bytes()), false);
      case Kind::kList:
        return list(*value.as_list(), in_map, depth);
      case Kind::kMap:
        return map(*value.as_map(), depth);
    }
    return {};
  }

  // Through JSON a whole number is an integer again, if 64 bits hold it.
  Result<void> number(double value) {
    if (pretty_) {
      emitter_.bare(yaml_float(value, 64));
      return {};
    }
    if (!std::isfinite(value)) {
      return fail(ErrorCode::kInvalid, "error marshaling into JSON: json: unsupported value: " + go_float(value, 64));
    }
    std::string json;
    json::append_double(json, value);
    const Scalar scalar = resolve_plain(json);
    if (scalar.value.is_int()) {
      emitter_.bare(fmt::format_int(scalar.value.as_int()).c_str());
    } else if (scalar.value.is_uint()) {
      emitter_.bare(fmt::format_int(scalar.value.as_uint()).c_str());
    } else {
      emitter_.bare(go_float(value, 64));
    }
    return {};
  }

  Result<void> text(std::string_view text, bool simple_key) {
    if (pretty_ && !utf8::is_valid(text)) {
      emitter_.tag("!!binary");
      const std::string lines = base64_lines(text);
      const bool literal = lines.find('\n') != std::string::npos;
      emitter_.scalar(lines, literal ? Emitter::Style::kLiteral : Emitter::Style::kPlain, simple_key);
      return {};
    }
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view seen, through_json(text));
    scalar(seen, simple_key);
    return {};
  }

  void scalar(std::string_view text, bool simple_key) {
    using Style = Emitter::Style;
    const bool literal = text.find('\n') != std::string_view::npos;
    const Style style = literal ? Style::kLiteral : reads_as_other_type(text) ? Style::kDoubleQuoted : Style::kPlain;
    emitter_.scalar(text, style, simple_key);
  }

  Result<void> list(const List& list, bool in_map, size_t depth) {
    if (list.empty()) {
      emitter_.empty_list();
      return {};
    }
    emitter_.begin_list(in_map);
    for (const Value& item : list) {
      emitter_.item();
      PLIMSOLL_RETURN_IF_ERROR(node(item, false, depth + 1));
    }
    emitter_.end_collection();
    return {};
  }

  Result<void> map(const Map& map, size_t depth) {
    if (map.empty()) {
      emitter_.empty_map();
      return {};
    }
    std::vector<Item> items;
    items.reserve(map.size());
    for (const Map::Entry& entry : map) {
      PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view key, key_text(entry.key));
      items.push_back({key, &entry.value});
    }
    const auto less = [&](const Item& a, const Item& b) { return natural_less(a.key, b.key, pretty_); };
    if (!std::is_sorted(items.begin(), items.end(), less)) std::stable_sort(items.begin(), items.end(), less);
    emitter_.begin_map();
    for (const Item& item : items) {
      if (item.key.size() <= kMaxSimpleKey && !has_line_break(item.key)) {
        emitter_.key();
        PLIMSOLL_RETURN_IF_ERROR(text(item.key, true));
        emitter_.colon();
      } else {
        emitter_.complex_key();
        PLIMSOLL_RETURN_IF_ERROR(text(item.key, false));
        emitter_.complex_value();
      }
      PLIMSOLL_RETURN_IF_ERROR(node(*item.value, true, depth + 1));
    }
    emitter_.end_collection();
    return {};
  }

  Result<std::string_view> key_text(const Value& key) {
    if (!key.is_string()) {
      const std::string json = json::write(key);
      return kept_.copy(json);
    }
    const std::string_view text = key.as_string();
    if (pretty_) return text;
    // A next-line character ends the line on which a key must find its ':'.
    if (text.find("\xC2\x85") != std::string_view::npos) return fail(ErrorCode::kInvalid, std::string(kBadKey));
    if (text.size() + 2 > kMaxJsonKey / 6) {
      std::string json;
      json::append_quoted(json, text, true);
      if (utf8::length(json) > kMaxJsonKey) {
        return fail(ErrorCode::kInvalid, std::string(kBadKey));
      }
    }
    return through_json(text);
  }

  // The text as it comes back from encoding/json and go-yaml, which reads the JSON: bad bytes are replaced, some
  // characters are refused, and a next-line character folds as a line break.
  Result<std::string_view> through_json(std::string_view text) {
    if (pretty_ || passes_json(text)) return text;
    std::string out;
    for (size_t i = 0; i < text.size();) {
      const utf8::Rune rune = utf8::decode(text.substr(i));
      const char32_t code = rune.code;
      i += rune.size;
      if (code == 0x7F || (code >= 0x80 && code <= 0x9F && code != 0x85) || code == 0xFFFE || code == 0xFFFF) {
        return fail(ErrorCode::kInvalid, "yaml: control characters are not allowed");
      }
      if (code != 0x85) {
        utf8::append(out, code);
        continue;
      }
      while (out.ends_with(' ')) out.pop_back();
      size_t breaks = 1;
      while (i < text.size()) {
        if (text[i] == ' ') {
          ++i;
        } else if (text.substr(i).starts_with("\xC2\x85")) {
          ++breaks;
          i += 2;
        } else {
          break;
        }
      }
      if (breaks == 1) {
        out += ' ';
      } else {
        out.append(breaks - 1, '\n');
      }
    }
    return kept_.copy(out);
  }

  // Lines of 70 characters, each with a line break if there are several.
  static std::string base64_lines(std::string_view data) {
    constexpr size_t kLine = 70;
    const std::string all = base64::encode(data);
    if (all.size() < kLine) return all;
    std::string lines;
    for (size_t i = 0; i < all.size(); i += kLine) lines += all.substr(i, kLine) + '\n';
    return lines;
  }

  Emitter emitter_;
  const bool pretty_;
  Arena kept_;
};

}  // namespace

bool reads_as_other_type(std::string_view text) {
  return resolve_plain(text).type != ScalarType::kString || is_base60(text);
}

bool natural_less(std::string_view a, std::string_view b, bool digits_first) {
  const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (differ.first == a.end() || differ.second == b.end()) return a.size() < b.size();
  const auto at = static_cast<size_t>(differ.first - a.begin());
  const auto is_ascii = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
  };
  if (is_ascii(a) && is_ascii(b)) return less_at(a, b, at, digits_first);
  const std::u32string x = runes_of(a);
  const std::u32string y = runes_of(b);
  size_t i = 0;
  while (i < x.size() && i < y.size() && x[i] == y[i]) ++i;
  if (i == x.size() || i == y.size()) return x.size() < y.size();
  return less_at(x, y, i, digits_first);
}

Result<std::string> write(const Value& value) {
  std::string out;
  PLIMSOLL_RETURN_IF_ERROR(ValueWriter(out, false).document(value));
  return out;
}

Result<std::string> write_pretty(const Value& value) {
  std::string out;
  PLIMSOLL_RETURN_IF_ERROR(ValueWriter(out, true).document(value));
  return out;
}

}  // namespace plimsoll::yaml
