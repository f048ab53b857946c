// fmt: the verbs over Values. go_number_format.cc has the conversions of numbers and quoting.
#include "engine/template/go_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/template/go_object.h"
#include "engine/template/go_value.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

constexpr char kLowerDigits[] = "0123456789abcdefx";
constexpr char kUpperDigits[] = "0123456789ABCDEFX";
constexpr std::string_view kPointer = "0xc000000000";

struct Flags {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  bool plus_v = false;
  bool sharp_v = false;
  bool has_width = false;
  bool has_precision = false;
  int width = 0;
  int precision = 0;
};

std::string duration_text(int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  uint64_t rest = nanoseconds < 0 ? 0 - static_cast<uint64_t>(nanoseconds) : static_cast<uint64_t>(nanoseconds);
  std::string out = nanoseconds < 0 ? "-" : "";
  // `value` in units of 10^-digits, trailing zeros of the fraction dropped.
  const auto decimal = [&](uint64_t value, int digits) {
    uint64_t unit = 1;
    for (int i = 0; i < digits; ++i) unit *= 10;
    out += std::to_string(value / unit);
    uint64_t fraction = value % unit;
    if (fraction == 0) return;
    std::string text = std::to_string(fraction);
    text.insert(0, static_cast<size_t>(digits) - text.size(), '0');
    while (text.back() == '0') text.pop_back();
    out += '.' + text;
  };
  if (rest < 1'000'000'000) {
    if (rest < 1'000) {
      out += std::to_string(rest) + "ns";
    } else if (rest < 1'000'000) {
      decimal(rest, 3);
      out += "µs";
    } else {
      decimal(rest, 6);
      out += "ms";
    }
    return out;
  }
  const uint64_t minutes = rest / 60'000'000'000;
  if (minutes >= 60) out += std::to_string(minutes / 60) + "h";
  if (minutes > 0) out += std::to_string(minutes % 60) + "m";
  decimal(rest % 60'000'000'000, 9);
  return out + "s";
}

// String() of the defined integer types; nullopt-like empty for others.
std::string integer_text(GoType type, int64_t number) {
  constexpr std::string_view kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December"};
  constexpr std::string_view kDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  if (type == GoType::kDuration) return duration_text(number);
  if (type == GoType::kMonth) {
    return number >= 1 && number <= 12 ? std::string(kMonths[number - 1]) : "%!Month(" + std::to_string(number) + ")";
  }
  return number >= 0 && number <= 6 ? std::string(kDays[number]) : "%!Weekday(" + std::to_string(number) + ")";
}

class Printer {
 public:
  explicit Printer(std::string& out) : out_(out), start_(out.size()) {}

  bool ok() const { return ok_; }

  void format(std::string_view format, std::span<const Value> args);

  // An operand at the top: depth 0.
  void print_arg(const Value& arg, char32_t verb) {
    if (arg.is_null() && kind_of(arg) == GoKind::kInvalid) {
      if (verb == 'T' || verb == 'v') pad("<nil>");
      else bad_verb(arg, verb);
      return;
    }
    if (verb == 'T') {
      pad(truncated(type_name(arg)));
      return;
    }
    if (verb == 'p') {
      pointer(arg, verb);
      return;
    }
    if (arg.is_bytes()) {
      bytes(arg, verb, "[]byte");
      return;
    }
    print(arg, verb, 0);
  }

 private:
  void print(const Value& value, char32_t verb, int depth);
  void print_list(const Value& value, char32_t verb, int depth);
  void print_map(const Value& value, char32_t verb, int depth);
  void print_object(const Value& value, const GoObject& object, char32_t verb, int depth);
  void print_struct(const GoObject& object, std::string_view type_text, char32_t verb, int depth);
  bool has_string_method(const Value& value, char32_t verb);

  void boolean(const Value& value, char32_t verb) {
    if (verb == 't' || verb == 'v') pad(value.as_bool() ? "true" : "false");
    else bad_verb(value, verb);
  }
  void integer(const Value& value, uint64_t number, bool is_signed, char32_t verb);
  void digits(uint64_t number, unsigned base, bool is_signed, char32_t verb, const char* alphabet);
  void unicode(uint64_t number);
  void real(const Value& value, double number, int bits, char32_t verb);
  void real_digits(double number, int bits, char format, int precision);
  void complex(const Value& value, const GoComplex& number, char32_t verb);
  void string(const Value& value, std::string_view text, char32_t verb);
  void bytes(const Value& value, char32_t verb, std::string_view type_text);
  void hex_bytes(std::string_view data, const char* alphabet);
  void quoted(std::string_view text);
  void pointer(const Value& value, char32_t verb);
  void bad_verb(const Value& value, char32_t verb);

  void write_padding(int count) {
    if (count > 0) out_.append(static_cast<size_t>(count), flags_.zero && !flags_.minus ? '0' : ' ');
  }
  void pad(std::string_view text) {
    if (!flags_.has_width || flags_.width == 0) {
      out_ += text;
      return;
    }
    const int padding = flags_.width - static_cast<int>(utf8::length(text));
    if (!flags_.minus) write_padding(padding);
    out_ += text;
    if (flags_.minus) write_padding(padding);
  }
  void pad_with_blanks(std::string_view text) {
    const bool zero = std::exchange(flags_.zero, false);
    pad(text);
    flags_.zero = zero;
  }
  std::string_view truncated(std::string_view text) const {
    if (!flags_.has_precision) return text;
    size_t end = 0;
    for (int i = 0; i < flags_.precision && end < text.size(); ++i) end += utf8::decode(text.substr(end)).size;
    return text.substr(0, end);
  }
  // False once the output is too large or the value too deep.
  bool proceed(int depth) {
    if (depth > kMaxFormatDepth || out_.size() - start_ > kMaxFormatBytes) ok_ = false;
    return ok_;
  }
  void separator(bool first) {
    if (!first) out_ += flags_.sharp_v ? ", " : " ";
  }

  std::string& out_;
  size_t start_;
  Flags flags_;
  bool erroring_ = false;
  bool ok_ = true;
};

void Printer::bad_verb(const Value& value, char32_t verb) {
  erroring_ = true;
  out_ += "%!";
  utf8::append(out_, verb);
  out_ += '(';
  if (value.is_null() && kind_of(value) == GoKind::kInvalid) {
    out_ += "<nil>";
  } else {
    out_ += type_name(value);
    out_ += '=';
    print(value, 'v', 0);
  }
  out_ += ')';
  erroring_ = false;
}

void Printer::digits(uint64_t number, unsigned base, bool is_signed, char32_t verb, const char* alphabet) {
  const bool negative = is_signed && static_cast<int64_t>(number) < 0;
  if (negative) number = 0 - number;
  int precision = 0;
  if (flags_.has_precision) {
    precision = flags_.precision;
    if (precision == 0 && number == 0) {
      const bool zero = std::exchange(flags_.zero, false);
      write_padding(flags_.width);
      flags_.zero = zero;
      return;
    }
  } else if (flags_.zero && !flags_.minus && flags_.has_width) {
    precision = flags_.width - (negative || flags_.plus || flags_.space ? 1 : 0);
  }
  std::string reversed;
  do {
    reversed += alphabet[number % base];
    number /= base;
  } while (number != 0);
  if (static_cast<int>(reversed.size()) < precision) {
    reversed.append(static_cast<size_t>(precision) - reversed.size(), '0');
  }
  if (flags_.sharp) {
    if (base == 2) reversed += "b0";
    if (base == 8 && reversed.back() != '0') reversed += '0';
    if (base == 16) {
      reversed += alphabet[16];
      reversed += '0';
    }
  }
  if (verb == 'O') reversed += "o0";
  if (negative) reversed += '-';
  else if (flags_.plus) reversed += '+';
  else if (flags_.space) reversed += ' ';
  std::reverse(reversed.begin(), reversed.end());
  pad_with_blanks(reversed);
}

void Printer::unicode(uint64_t number) {
  std::string text;
  for (uint64_t rest = number; rest != 0; rest >>= 4) text += kUpperDigits[rest & 15];
  const size_t minimum = static_cast<size_t>(flags_.has_precision ? std::max(flags_.precision, 4) : 4);
  if (text.size() < minimum) text.append(minimum - text.size(), '0');
  text += "+U";
  std::reverse(text.begin(), text.end());
  if (flags_.sharp && number <= 0x10FFFF && go::is_print(static_cast<char32_t>(number))) {
    text += " '";
    utf8::append(text, static_cast<char32_t>(number));
    text += '\'';
  }
  pad_with_blanks(text);
}

void Printer::integer(const Value& value, uint64_t number, bool is_signed, char32_t verb) {
  const auto rune = [&] {
    return number > 0x10FFFF ? utf8::kReplacement : static_cast<char32_t>(number);
  };
  switch (verb) {
    case 'v':
      if (flags_.sharp_v && !is_signed) {
        const bool sharp = std::exchange(flags_.sharp, true);
        digits(number, 16, false, 'v', kLowerDigits);
        flags_.sharp = sharp;
        return;
      }
      [[fallthrough]];
    case 'd': digits(number, 10, is_signed, verb, kLowerDigits); return;
    case 'b': digits(number, 2, is_signed, verb, kLowerDigits); return;
    case 'o':
    case 'O': digits(number, 8, is_signed, verb, kLowerDigits); return;
    case 'x': digits(number, 16, is_signed, verb, kLowerDigits); return;
    case 'X': digits(number, 16, is_signed, verb, kUpperDigits); return;
    case 'c': {
      std::string text;
      utf8::append(text, rune());
      pad(text);
      return;
    }
    case 'q': {
      std::string text;
      go::append_quoted_rune(text, rune(), flags_.plus);
      pad(text);
      return;
    }
    case 'U': unicode(number); return;
    default: bad_verb(value, verb);
  }
}

void Printer::real_digits(double number, int bits, char format, int precision) {
  if (flags_.has_precision) precision = flags_.precision;
  std::string text;
  append_float(text, number, format, precision, bits);
  if (text[0] != '-' && text[0] != '+') text.insert(0, 1, '+');
  if (flags_.space && text[0] == '+' && !flags_.plus) text[0] = ' ';
  if (text[1] == 'I' || text[1] == 'N') {
    // Infinities and NaN do not look like numbers, so zeros are no padding for them.
    std::string_view shown = text;
    if (text[1] == 'N' && !flags_.space && !flags_.plus) shown.remove_prefix(1);
    else if (text[0] == '+' && !flags_.plus && text[1] == 'N') shown.remove_prefix(1);
    pad_with_blanks(shown);
    return;
  }
  if (flags_.sharp && format != 'b') {
    // '#' keeps the decimal point and, for %g, trailing zeros.
    int wanted = 0;
    if (format == 'g' || format == 'G' || format == 'x') wanted = precision == -1 ? 6 : precision;
    std::string tail;
    bool has_point = false;
    bool seen_nonzero = false;
    for (size_t i = 1; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '.') {
        has_point = true;
      } else if (c == 'p' || c == 'P' || ((c == 'e' || c == 'E') && format != 'x' && format != 'X')) {
        tail = text.substr(i);
        text.resize(i);
        break;
      } else {
        if (c != '0') seen_nonzero = true;
        if (seen_nonzero) --wanted;
      }
    }
    if (!has_point) {
      if (text.size() == 2 && text[1] == '0') --wanted;
      text += '.';
    }
    if (wanted > 0) text.append(static_cast<size_t>(wanted), '0');
    text += tail;
  }
  if (!flags_.plus && text[0] == '+') {
    pad(std::string_view(text).substr(1));
    return;
  }
  if (flags_.zero && !flags_.minus && flags_.has_width && flags_.width > static_cast<int>(text.size())) {
    out_ += text[0];
    write_padding(flags_.width - static_cast<int>(text.size()));
    out_.append(text, 1);
    return;
  }
  pad(text);
}

void Printer::real(const Value& value, double number, int bits, char32_t verb) {
  switch (verb) {
    case 'v': real_digits(number, bits, 'g', -1); return;
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X': real_digits(number, bits, static_cast<char>(verb), -1); return;
    case 'f':
    case 'e':
    case 'E': real_digits(number, bits, static_cast<char>(verb), 6); return;
    case 'F': real_digits(number, bits, 'f', 6); return;
    default: bad_verb(value, verb);
  }
}

void Printer::complex(const Value& value, const GoComplex& number, char32_t verb) {
  constexpr std::u32string_view kVerbs = U"vbgGxXfFeE";
  if (kVerbs.find(verb) == std::u32string_view::npos) {
    bad_verb(value, verb);
    return;
  }
  const bool plus = flags_.plus;
  out_ += '(';
  real(value, number.re, 64, verb);
  flags_.plus = true;
  real(value, number.im, 64, verb);
  out_ += "i)";
  flags_.plus = plus;
}

void Printer::quoted(std::string_view text) {
  text = truncated(text);
  std::string out;
  const bool raw = flags_.sharp && utf8::is_valid(text) && std::all_of(text.begin(), text.end(), [](char c) {
    return c != '`' && c != 0x7F && (static_cast<unsigned char>(c) >= ' ' || c == '\t');
  }) && text.find("\xEF\xBB\xBF") == std::string_view::npos;
  if (raw) {
    out.append(1, '`').append(text).append(1, '`');
  } else {
    go::append_quoted(out, text, flags_.plus);
  }
  pad(out);
}

void Printer::hex_bytes(std::string_view data, const char* alphabet) {
  size_t length = data.size();
  if (flags_.has_precision) length = std::min(length, static_cast<size_t>(flags_.precision));
  int width = static_cast<int>(2 * length);
  if (length == 0) {
    if (flags_.has_width) write_padding(flags_.width);
    return;
  }
  if (flags_.space) {
    if (flags_.sharp) width *= 2;
    width += static_cast<int>(length) - 1;
  } else if (flags_.sharp) {
    width += 2;
  }
  const int padding = flags_.has_width ? flags_.width - width : 0;
  if (!flags_.minus) write_padding(padding);
  const auto prefix = [&] {
    out_ += '0';
    out_ += alphabet[16];
  };
  if (flags_.sharp) prefix();
  for (size_t i = 0; i < length; ++i) {
    if (flags_.space && i > 0) {
      out_ += ' ';
      if (flags_.sharp) prefix();
    }
    const auto byte = static_cast<unsigned char>(data[i]);
    out_ += alphabet[byte >> 4];
    out_ += alphabet[byte & 15];
  }
  if (flags_.minus) write_padding(padding);
}

void Printer::string(const Value& value, std::string_view text, char32_t verb) {
  switch (verb) {
    case 'v':
      if (flags_.sharp_v) quoted(text);
      else pad(truncated(text));
      return;
    case 's': pad(truncated(text)); return;
    case 'x': hex_bytes(text, kLowerDigits); return;
    case 'X': hex_bytes(text, kUpperDigits); return;
    case 'q': quoted(text); return;
    default: bad_verb(value, verb);
  }
}

void Printer::bytes(const Value& value, char32_t verb, std::string_view type_text) {
  const std::string_view data = value.as_bytes();
  switch (verb) {
    case 's':
    case 'x':
    case 'X':
    case 'q': string(value, data, verb); return;
    case 'v':
    case 'd': {
      if (flags_.sharp_v) out_ += type_text;
      out_ += flags_.sharp_v ? '{' : '[';
      for (size_t i = 0; i < data.size(); ++i) {
        separator(i == 0);
        integer(value, static_cast<unsigned char>(data[i]), false, verb);
      }
      out_ += flags_.sharp_v ? '}' : ']';
      return;
    }
    default:
      out_ += '[';
      for (size_t i = 0; i < data.size(); ++i) {
        separator(i == 0);
        const uint64_t byte = static_cast<unsigned char>(data[i]);
        integer(Value::uinteger(byte).with_flavour(flavour(GoType::kUint8)), byte, false, verb);
      }
      out_ += ']';
  }
}

void Printer::pointer(const Value& value, char32_t verb) {
  const GoKind kind = kind_of(value);
  if (kind != GoKind::kMap && kind != GoKind::kSlice && kind != GoKind::kPointer && kind != GoKind::kFunc) {
    bad_verb(value, verb);
    return;
  }
  switch (verb) {
    case 'v':
      if (flags_.sharp_v) {
        out_ += '(';
        out_ += type_name(value);
        out_ += value.is_null() ? ")(nil" : ")(";
        if (!value.is_null()) out_ += kPointer;
        out_ += ')';
      } else {
        pad(value.is_null() ? "<nil>" : kPointer);
      }
      return;
    case 'p': pad(value.is_null() ? "0x0" : kPointer); return;
    case 'b':
    case 'o':
    case 'd':
    case 'x':
    case 'X': integer(value, value.is_null() ? 0 : 0xc000000000, false, verb); return;
    default: bad_verb(value, verb);
  }
}

// Values with String() or Error(): true if that printed it.
bool Printer::has_string_method(const Value& value, char32_t verb) {
  if (erroring_ || flags_.sharp_v) return false;
  if (verb != 'v' && verb != 's' && verb != 'x' && verb != 'X' && verb != 'q') return false;
  if (const GoObject* object = as_object(value)) {
    if (object->go_type().to_string == nullptr || object->type == &GoComplex::kType) return false;
    string(value, object->go_type().to_string(*object), verb);
    return true;
  }
  const GoType type = go_type(value);
  if (value.is_int() && (type == GoType::kDuration || type == GoType::kMonth || type == GoType::kWeekday)) {
    string(value, integer_text(type, value.as_int()), verb);
    return true;
  }
  return false;
}

void Printer::print_list(const Value& value, char32_t verb, int depth) {
  if (flags_.sharp_v) {
    out_ += type_name(value);
    if (value.is_null()) {
      out_ += "(nil)";
      return;
    }
  }
  out_ += flags_.sharp_v ? '{' : '[';
  bool first = true;
  for (const Value& item : value.items()) {
    separator(first);
    first = false;
    print(item, verb, depth + 1);
  }
  out_ += flags_.sharp_v ? '}' : ']';
}

void Printer::print_map(const Value& value, char32_t verb, int depth) {
  if (flags_.sharp_v) {
    out_ += type_name(value);
    if (value.is_null()) {
      out_ += "(nil)";
      return;
    }
    out_ += '{';
  } else {
    out_ += "map[";
  }
  if (!value.is_null()) {
    Arena scratch;
    bool first = true;
    for (const Map::Entry* entry : std::as_const(*value.as_map()).sorted(scratch)) {
      separator(first);
      first = false;
      print(entry->key, verb, depth + 1);
      out_ += ':';
      print(entry->value, verb, depth + 1);
    }
  }
  out_ += flags_.sharp_v ? '}' : ']';
}

void Printer::print_struct(const GoObject& object, std::string_view type_text, char32_t verb, int depth) {
  if (flags_.sharp_v) out_ += type_text;
  out_ += '{';
  bool first = true;
  const auto fields = object.fields == nullptr ? std::span<const GoField>() : object.go_type().fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    separator(first);
    first = false;
    if (flags_.plus_v || flags_.sharp_v) {
      out_ += fields[i].name;
      out_ += ':';
    }
    print(object.fields[i], verb, depth + 1);
  }
  out_ += '}';
}

void Printer::print_object(const Value& value, const GoObject& object, char32_t verb, int depth) {
  const GoObjectType& type = object.go_type();
  if (const auto* number = value.as<GoComplex>()) {
    complex(value, *number, verb);
  } else if (type.kind == GoKind::kStruct) {
    print_struct(object, type.name, verb, depth);
  } else if (type.kind == GoKind::kPointer && depth == 0 && object.fields != nullptr) {
    out_ += '&';
    print_struct(object, type.name.substr(1), verb, depth + 1);
  } else {
    pointer(value, verb);
  }
}

void Printer::print(const Value& value, char32_t verb, int depth) {
  if (!proceed(depth) || has_string_method(value, verb)) return;
  switch (value.kind()) {
    case Kind::kNull:
      switch (kind_of(value)) {
        case GoKind::kMap: print_map(value, verb, depth); return;
        case GoKind::kSlice: print_list(value, verb, depth); return;
        case GoKind::kPointer: pointer(value, verb); return;
        default: out_ += flags_.sharp_v ? "interface {}(nil)" : "<nil>"; return;
      }
    case Kind::kBool: boolean(value, verb); return;
    case Kind::kInt: integer(value, static_cast<uint64_t>(value.as_int()), true, verb); return;
    case Kind::kUint: integer(value, value.as_uint(), false, verb); return;
    case Kind::kDouble: real(value, value.as_double(), go_type(value) == GoType::kFloat32 ? 32 : 64, verb); return;
    case Kind::kString: string(value, value.as_string(), verb); return;
    case Kind::kBytes: bytes(value, verb, "[]uint8"); return;
    case Kind::kList: print_list(value, verb, depth); return;
    case Kind::kMap: print_map(value, verb, depth); return;
    case Kind::kExtension: print_object(value, *as_object(value), verb, depth); return;
  }
}

// The number that stands at `at`: nullopt-like false if there is none or it is beyond 10^6.
bool read_number(std::string_view text, size_t& at, size_t end, int& number) {
  number = 0;
  bool found = false;
  for (; at < end && text[at] >= '0' && text[at] <= '9'; ++at) {
    if (number > 1'000'000) {
      number = 0;
      at = end;
      return false;
    }
    number = number * 10 + (text[at] - '0');
    found = true;
  }
  return found;
}

// The formatting string is read as fmt's doPrintf does, position by position, so that malformed directives leave the same traces.
void Printer::format(std::string_view format, std::span<const Value> args) {
  const size_t end = format.size();
  size_t argument = 0;
  bool reordered = false;
  bool after_index = false;
  bool good_index = true;

  // [n] at `at`.
  const auto explicit_index = [&](size_t& at) {
    if (at >= end || format[at] != '[') return false;
    reordered = true;
    const size_t close = format.size() - at < 3 ? std::string_view::npos : format.find(']', at + 1);
    if (close == std::string_view::npos) {
      good_index = false;
      at += 1;
      return false;
    }
    size_t digit = at + 1;
    int number = 0;
    const bool well_formed = read_number(format, digit, close, number) && digit == close;
    at = close + 1;
    if (well_formed && number >= 1 && static_cast<size_t>(number) <= args.size()) {
      argument = static_cast<size_t>(number) - 1;
      return true;
    }
    good_index = false;
    return well_formed;
  };
  // '*': width or precision from the arguments.
  const auto from_argument = [&](int& number) {
    number = 0;
    if (argument >= args.size()) return false;
    const Value& value = args[argument++];
    if (value.is_int() && std::abs(value.as_int()) <= 1'000'000) {
      number = static_cast<int>(value.as_int());
      return true;
    }
    if (value.is_uint() && value.as_uint() <= 1'000'000) {
      number = static_cast<int>(value.as_uint());
      return true;
    }
    return false;
  };
  const auto v_flags = [&] {
    flags_.sharp_v = std::exchange(flags_.sharp, false);
    flags_.plus_v = std::exchange(flags_.plus, false);
  };

  for (size_t i = 0; i < end;) {
    good_index = true;
    const size_t percent = std::min(format.find('%', i), end);
    out_ += format.substr(i, percent - i);
    i = percent;
    if (i >= end || !proceed(0)) break;
    ++i;

    flags_ = Flags();
    for (bool more = true; more && i < end;) {
      switch (format[i]) {
        case '#': flags_.sharp = true; break;
        case '0': flags_.zero = true; break;
        case '+': flags_.plus = true; break;
        case '-': flags_.minus = true; break;
        case ' ': flags_.space = true; break;
        default: more = false; continue;
      }
      ++i;
    }
    after_index = explicit_index(i);
    if (i < end && format[i] == '*') {
      ++i;
      flags_.has_width = from_argument(flags_.width);
      if (!flags_.has_width) out_ += "%!(BADWIDTH)";
      if (flags_.width < 0) {
        flags_.width = -flags_.width;
        flags_.minus = true;
        flags_.zero = false;
      }
      after_index = false;
    } else {
      flags_.has_width = read_number(format, i, end, flags_.width);
      if (after_index && flags_.has_width) good_index = false;
    }
    if (i + 1 < end && format[i] == '.') {
      ++i;
      if (after_index) good_index = false;
      after_index = explicit_index(i);
      if (i < end && format[i] == '*') {
        ++i;
        flags_.has_precision = from_argument(flags_.precision);
        if (flags_.precision < 0) {
          flags_.precision = 0;
          flags_.has_precision = false;
        }
        if (!flags_.has_precision) out_ += "%!(BADPREC)";
        after_index = false;
      } else {
        read_number(format, i, end, flags_.precision);
        flags_.has_precision = true;
      }
    }
    if (!after_index) after_index = explicit_index(i);
    if (i >= end) {
      out_ += "%!(NOVERB)";
      break;
    }
    const utf8::Rune rune = utf8::decode(format.substr(i));
    const char32_t verb = rune.code;
    i += rune.size;
    const auto complain = [&](std::string_view what) {
      out_ += "%!";
      utf8::append(out_, verb);
      out_ += what;
    };
    if (verb == '%') {
      out_ += '%';
    } else if (!good_index) {
      complain("(BADINDEX)");
    } else if (argument >= args.size()) {
      complain("(MISSING)");
    } else {
      if (verb == 'v' || verb == 'w') v_flags();
      // %w is for errors in fmt.Errorf; of []byte each byte is refused.
      if (verb == 'w' && !args[argument].is_bytes()) bad_verb(args[argument], verb);
      else print_arg(args[argument], verb);
      ++argument;
    }
  }

  if (!reordered && argument < args.size()) {
    flags_ = Flags();
    out_ += "%!(EXTRA ";
    for (size_t i = argument; i < args.size(); ++i) {
      if (i > argument) out_ += ", ";
      if (args[i].is_null() && kind_of(args[i]) == GoKind::kInvalid) {
        out_ += "<nil>";
        continue;
      }
      out_ += type_name(args[i]);
      out_ += '=';
      print_arg(args[i], 'v');
    }
    out_ += ')';
  }
}

}  // namespace

bool append_sprintf(std::string& out, std::string_view format, std::span<const Value> args) {
  Printer printer(out);
  printer.format(format, args);
  return printer.ok();
}

bool append_value(std::string& out, const Value& value) {
  if (value.is_string()) {
    out += value.as_string();
    return true;
  }
  Printer printer(out);
  printer.print_arg(value, 'v');
  return printer.ok();
}

bool append_sprint(std::string& out, std::span<const Value> args) {
  bool ok = true;
  bool previous_string = false;
  for (size_t i = 0; i < args.size(); ++i) {
    const bool is_string = args[i].is_string();
    if (i > 0 && !is_string && !previous_string) out += ' ';
    ok = append_value(out, args[i]) && ok;
    previous_string = is_string;
  }
  return ok;
}

bool append_sprintln(std::string& out, std::span<const Value> args) {
  bool ok = true;
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0) out += ' ';
    ok = append_value(out, args[i]) && ok;
  }
  out += '\n';
  return ok;
}

}  // namespace plimsoll::tmpl
