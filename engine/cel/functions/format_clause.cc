#include "engine/cel/functions/format_clause.h"

#include <array>
#include <charconv>

#include "engine/cel/runtime/numbers.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {

namespace {

// Beyond what any formatter takes.
constexpr int kMaxPrecision = 1'000'000'000;

std::string to_upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c ^ 0x20);
  }
  return text;
}

// The clause after a '%', which is removed from the front of `rest`.
std::expected<FormatClause, std::string> take_clause(std::string_view& rest) {
  FormatClause clause{};
  if (rest[0] == '.') {
    const std::string context = "could not parse formatting clause: error while parsing precision: ";
    size_t end = 1;
    while (end < rest.size() && rest[end] >= '0' && rest[end] <= '9') ++end;
    if (end == rest.size()) return std::unexpected(context + "could not find end of precision specifier");
    const std::string_view digits = rest.substr(1, end - 1);
    const std::optional<int64_t> precision = parse_int(digits);
    if (!precision) {
      return std::unexpected(context + "error while converting precision to integer: strconv.Atoi: parsing " + go::quoted(digits) +
                             (digits.empty() ? ": invalid syntax" : ": value out of range"));
    }
    clause.precision = static_cast<int>(std::min<int64_t>(*precision, kMaxPrecision));
    rest.remove_prefix(end);
  }
  clause.verb = rest[0];
  rest.remove_prefix(1);
  if (std::string_view("sdfebxXo").find(clause.verb) == std::string_view::npos) {
    // A byte, printed as the code point of its number.
    std::string shown;
    utf8::append(shown, static_cast<unsigned char>(clause.verb));
    return std::unexpected("could not parse formatting clause: unrecognized formatting clause \"" + shown + "\"");
  }
  return clause;
}

}  // namespace

Value format_string(Frame& frame, std::string_view format, const List& arguments, ClauseFormatter formatter) {
  std::string out;
  size_t next = 0;
  while (!format.empty()) {
    const size_t percent = format.find('%');
    out += format.substr(0, percent);
    if (percent == std::string_view::npos) break;
    format.remove_prefix(percent + 1);
    if (!format.empty() && format[0] == '%') {
      out += '%';
      format.remove_prefix(1);
      continue;
    }
    if (next >= arguments.size()) return frame.error("index " + std::to_string(next) + " out of range");
    if (format.empty()) return frame.error("unexpected end of string");
    const auto clause = take_clause(format);
    if (!clause) return frame.error(clause.error());
    const auto text = formatter(*clause, arguments[next++]);
    if (!text) return frame.error("error during formatting: " + text.error());
    out += *text;
    if (!frame.reserve(out.size())) return frame.stop_error();
  }
  return frame.string(out);
}

std::string format_integer(const Value& value, int base, bool upper) {
  std::array<char, 72> buffer;
  const auto [end, error] = value.is_uint() ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.as_uint(), base)
                                            : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.as_int(), base);
  std::string text(buffer.data(), end);
  return upper ? to_upper(std::move(text)) : text;
}

std::string format_hex(std::string_view bytes, bool upper) {
  std::string out;
  for (const char byte : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return upper ? to_upper(std::move(out)) : out;
}

}  // namespace plimsoll::cel
