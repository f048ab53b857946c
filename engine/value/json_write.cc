#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "engine/value/base64.h"
#include "engine/value/json.h"
#include "engine/value/utf8.h"

namespace plimsoll::json {

namespace {

class Writer {
 public:
  Writer(std::string& out, const WriteOptions& options) : out_(out), options_(options) {}

  void value(const Value& v) {
    switch (v.kind()) {
      case Kind::kNull:
      case Kind::kExtension:
        out_ += "null";
        break;
      case Kind::kBool:
        out_ += v.as_bool() ? "true" : "false";
        break;
      case Kind::kInt:
        fmt::format_to(std::back_inserter(out_), "{}", v.as_int());
        break;
      case Kind::kUint:
        fmt::format_to(std::back_inserter(out_), "{}", v.as_uint());
        break;
      case Kind::kDouble:
        append_double(out_, v.as_double());
        break;
      case Kind::kString:
        append_quoted(out_, v.as_string(), options_.escape_html);
        break;
      case Kind::kBytes:
        append_quoted(out_, base64::encode(v.as_bytes()));
        break;
      case Kind::kList:
        list(*v.as_list());
        break;
      case Kind::kMap:
        map(*v.as_map());
        break;
    }
  }

 private:
  void new_line() {
    if (options_.indent == 0) return;
    out_ += '\n';
    out_.append(static_cast<size_t>(options_.indent) * depth_, ' ');
  }

  void list(const List& items) {
    out_ += '[';
    ++depth_;
    bool first = true;
    for (const Value& item : items) {
      if (!std::exchange(first, false)) out_ += ',';
      new_line();
      value(item);
    }
    --depth_;
    if (!first) new_line();
    out_ += ']';
  }

  void entry(const Map::Entry& item, bool first) {
    if (!first) out_ += ',';
    new_line();
    if (item.key.is_string()) {
      append_quoted(out_, item.key.as_string(), options_.escape_html);
    } else {
      std::string text;
      Writer(text, {}).value(item.key);
      append_quoted(out_, text);
    }
    out_ += options_.indent == 0 ? ":" : ": ";
    value(item.value);
  }

  void map(const Map& entries) {
    out_ += '{';
    ++depth_;
    bool first = true;
    if (options_.sort_keys) {
      Arena scratch;
      for (const Map::Entry* item : entries.sorted(scratch)) entry(*item, std::exchange(first, false));
    } else {
      for (const Map::Entry& item : entries) entry(item, std::exchange(first, false));
    }
    --depth_;
    if (!first) new_line();
    out_ += '}';
  }

  std::string& out_;
  const WriteOptions& options_;
  size_t depth_ = 0;
};

}  // namespace

void append_quoted(std::string& out, std::string_view text, bool escape_html) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  size_t start = 0;
  const auto flush = [&](size_t end) { out.append(text.substr(start, end - start)); };
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c >= 0x80) {
      const utf8::Rune rune = utf8::decode(text.substr(i));
      if (!rune.valid || rune.code == 0x2028 || rune.code == 0x2029) {
        flush(i);
        out += !rune.valid ? "\\ufffd" : rune.code == 0x2028 ? "\\u2028" : "\\u2029";
        start = i + rune.size;
      }
      i += rune.size;
      continue;
    }
    const bool html = escape_html && (c == '<' || c == '>' || c == '&');
    if (c >= 0x20 && c != '"' && c != '\\' && !html) {
      ++i;
      continue;
    }
    flush(i);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
    start = ++i;
  }
  flush(text.size());
  out += '"';
}

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  const double magnitude = std::fabs(value);
  const bool scientific = magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21);
  char buffer[64];
  const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
  std::string_view text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
  // Beyond 2^53 to_chars gives every digit of the value, Go the shortest digits that identify it and zeros.
  if (!scientific && magnitude >= 9007199254740992.0) {
    char digits[40];
    const std::string_view shortest(
        digits, std::to_chars(digits, digits + sizeof digits, magnitude, std::chars_format::scientific).ptr);
    if (value < 0) out += '-';
    size_t written = 0;
    for (const char c : shortest.substr(0, shortest.find('e'))) {
      if (c == '.') continue;
      out += c;
      ++written;
    }
    int exponent = 0;
    std::from_chars(shortest.data() + shortest.find('e') + 2, shortest.data() + shortest.size(), exponent);
    out.append(static_cast<size_t>(exponent) + 1 - written, '0');
    return;
  }
  // Go drops the zero that pads a small negative exponent: 1e-07 is 1e-7.
  const size_t size = text.size();
  if (scientific && size > 4 && text.substr(size - 4, 3) == "e-0") {
    out.append(text.substr(0, size - 2));
    out += text.back();
  } else {
    out.append(text);
  }
}

std::string write(const Value& value, const WriteOptions& options) {
  std::string out;
  Writer(out, options).value(value);
  return out;
}

}  // namespace plimsoll::json
