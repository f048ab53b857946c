// The formats that drafts 4 to 7 assert; unknown ones are ignored, as the specification says.
#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include "engine/schema/json_schema_node.h"
#include "engine/schema/kubernetes_quantity.h"

namespace plimsoll::schema {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

size_t leading_digits(std::string_view text) {
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

std::string json_pointer(std::string_view text) {
  if (text.empty()) return {};
  if (text[0] != '/') return "not starting with /";
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) {
      return "~ must be followed by 0 or 1";
    }
  }
  return {};
}

std::string relative_json_pointer(std::string_view text) {
  const size_t digits = leading_digits(text);
  if (digits == 0) return "must start with non-negative integer";
  if (digits > 1 && text[0] == '0') return "starts with zero";
  text.remove_prefix(digits);
  return text == "#" ? std::string() : json_pointer(text);
}

std::string uuid(std::string_view text) {
  constexpr std::array<size_t, 5> kGroups = {8, 4, 4, 4, 12};
  const auto groups = split(text, '-');
  if (groups.size() != kGroups.size()) return "must have 5 elements";
  for (size_t i = 0; i < kGroups.size(); ++i) {
    if (groups[i].size() != kGroups[i]) {
      return fmt::format("element {} must be {} characters long", i + 1, kGroups[i]);
    }
    for (const char c : groups[i]) {
      if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) {
        return fmt::format("non-hex character '{}'", c);
      }
    }
  }
  return {};
}

std::string ipv4(std::string_view text) {
  const auto groups = split(text, '.');
  if (groups.size() != 4) return "expected four decimals";
  for (const std::string_view group : groups) {
    if (group.size() > 1 && group[0] == '0') return "leading zeros";
    if (group.empty() || leading_digits(group) != group.size()) {
      return fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", group);
    }
    if (group.size() > 3 || std::stoi(std::string(group)) > 255) return "decimal must be between 0 and 255";
  }
  return {};
}

std::string ipv6(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return "missing colon";
  if (text.find('%') != std::string_view::npos) return "zone id is not a part of ipv6 address";
  in6_addr address{};
  if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) {
    return fmt::format("ParseAddr(\"{}\"): unable to parse IP", text);
  }
  return {};
}

std::string hostname(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() > 253) return "more than 253 characters long";
  for (const std::string_view label : split(text, '.')) {
    if (label.empty() || label.size() > 63) return "label must be 1 to 63 characters long";
    if (label.starts_with('-')) return "label starts with hyphen";
    if (label.ends_with('-')) return "label ends with hyphen";
    for (const char c : label) {
      if (!is_alpha(c) && !is_digit(c) && c != '-') return fmt::format("invalid character '{}'", c);
    }
  }
  return {};
}

std::string email(std::string_view text) {
  if (text.size() > 254) return "more than 255 characters long";
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos) return "missing @";
  std::string_view local = text.substr(0, at);
  std::string_view domain = text.substr(at + 1);
  if (local.size() > 64) return "local part more than 64 characters long";
  if (local.size() > 1 && local.starts_with('"') && local.ends_with('"')) {
    local = local.substr(1, local.size() - 2);
    if (local.find_first_of("\\\"") != std::string_view::npos) {
      return "backslash and quote are not allowed within quoted local part";
    }
  } else {
    if (local.starts_with('.')) return "starts with dot";
    if (local.ends_with('.')) return "ends with dot";
    if (local.find("..") != std::string_view::npos) return "consecutive dots";
    for (const char c : local) {
      if (!is_alpha(c) && !is_digit(c) && std::string_view(".!#$%&'*+-/=?^_`{|}~").find(c) == std::string_view::npos) {
        return fmt::format("invalid character '{}'", c);
      }
    }
  }
  if (domain.starts_with('[') && domain.ends_with(']')) {
    domain = domain.substr(1, domain.size() - 2);
    if (domain.starts_with("IPv6:")) {
      const std::string problem = ipv6(domain.substr(5));
      return problem.empty() ? problem : "invalid ipv6 address: " + problem;
    }
    const std::string problem = ipv4(domain);
    return problem.empty() ? problem : "invalid ipv4 address: " + problem;
  }
  const std::string problem = hostname(domain);
  return problem.empty() ? problem : "invalid domain: " + problem;
}

int number(std::string_view digits) { return std::stoi(std::string(digits)); }

std::string date(std::string_view text) {
  const std::string wrong = fmt::format("parsing time \"{}\" as \"2006-01-02\": cannot parse \"{}\" as \"2006\"", text, text);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return wrong;
  for (const size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!is_digit(text[i])) return wrong;
  }
  constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = number(text.substr(0, 4));
  const int month = number(text.substr(5, 2));
  const int day = number(text.substr(8, 2));
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month < 1 || month > 12) return fmt::format("parsing time \"{}\": month out of range", text);
  if (day < 1 || day > kDays[month - 1] || (month == 2 && day == 29 && !leap)) {
    return fmt::format("parsing time \"{}\": day out of range", text);
  }
  return {};
}

std::string time(std::string_view text) {
  if (text.size() < 9) return "less than 9 characters long";
  if (text[2] != ':' || text[5] != ':') return "missing colon in correct place";
  for (const size_t i : {0, 1, 3, 4, 6, 7}) {
    if (!is_digit(text[i])) return "invalid hour/min/sec";
  }
  const int hour = number(text.substr(0, 2));
  const int minute = number(text.substr(3, 2));
  const int second = number(text.substr(6, 2));
  if (hour > 23 || minute > 59 || second > 60) return "hour/min/sec out of range";
  std::string_view rest = text.substr(8);
  if (rest.starts_with('.')) {
    const size_t digits = leading_digits(rest.substr(1));
    if (digits == 0) return "no digits in second fraction";
    rest.remove_prefix(1 + digits);
  }
  int offset = 0;
  if (rest != "z" && rest != "Z") {
    if (rest.size() != 6) return "offset must be 6 characters long";
    if (rest[0] != '+' && rest[0] != '-') return "offset must begin with plus/minus";
    if (rest[3] != ':') return "missing colon in offset at correct place";
    if (leading_digits(rest.substr(1)) != 2 || leading_digits(rest.substr(4)) != 2) return "invalid offset";
    const int hours = number(rest.substr(1, 2));
    const int minutes = number(rest.substr(4, 2));
    if (hours > 23 || minutes > 59) return "hour/min in offset out of range";
    offset = (rest[0] == '+' ? -1 : 1) * (hours * 60 + minutes);
  }
  // A leap second is the last of a UTC day.
  if (second == 60 && ((hour * 60 + minute + offset) % 1440 + 1440) % 1440 != 1439) return "invalid leap second";
  return {};
}

std::string date_time(std::string_view text) {
  if (text.size() < 20) return "less than 20 characters long";
  if (text[10] != 't' && text[10] != 'T') return "11th character must be t or T";
  if (const std::string problem = date(text.substr(0, 10)); !problem.empty()) return "invalid date element: " + problem;
  if (const std::string problem = time(text.substr(11)); !problem.empty()) return "invalid time element: " + problem;
  return {};
}

std::string duration(std::string_view text) {
  if (!text.starts_with('P')) return "must start with P";
  text.remove_prefix(1);
  if (text.empty()) return "nothing after P";
  if (text.ends_with('W')) {
    text.remove_suffix(1);
    if (text.empty()) return "no number in week";
    return leading_digits(text) == text.size() ? std::string() : "invalid week";
  }
  constexpr std::string_view kUnits[] = {"YMD", "HMS"};
  size_t part = 0;
  for (std::string_view elements : split(text, 'T')) {
    if (part > 0 && elements.empty()) return "no time elements";
    if (part >= 2) return "more than one T";
    std::string_view units = kUnits[part];
    while (!elements.empty()) {
      const size_t digits = leading_digits(elements);
      if (digits == 0) return "missing number";
      if (digits == elements.size()) return "missing unit";
      const size_t unit = units.find(elements[digits]);
      if (unit == std::string_view::npos) {
        const bool known = kUnits[part].find(elements[digits]) != std::string_view::npos;
        return fmt::format("{}unit '{}'{}", known ? "" : "invalid ", elements[digits], known ? " out of order" : "");
      }
      units.remove_prefix(unit + 1);
      elements.remove_prefix(digits + 1);
    }
    ++part;
  }
  return {};
}

// What Go's net/url refuses, as far as it matters here.
std::string uri_reference(std::string_view text) {
  if (text.find('\\') != std::string_view::npos) return "contains \\";
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c < 0x20 || c == 0x7F) return "net/url: invalid control character in URL";
    const auto hex = [](char d) { return is_digit(d) || (d >= 'a' && d <= 'f') || (d >= 'A' && d <= 'F'); };
    if (c == '%' && (i + 2 >= text.size() || !hex(text[i + 1]) || !hex(text[i + 2]))) {
      return fmt::format("parse \"{}\": invalid URL escape \"{}\"", text, text.substr(i, 3));
    }
  }
  return {};
}

std::string uri(std::string_view text) {
  if (const std::string problem = uri_reference(text); !problem.empty()) return problem;
  const size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, std::min(colon, text.size()));
  const bool valid = colon != std::string_view::npos && !scheme.empty() && is_alpha(scheme[0]) &&
                     std::all_of(scheme.begin(), scheme.end(),
                                 [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
  return valid ? std::string() : "relative url";
}

std::string regex(std::string_view text) {
  re2::RE2::Options options(re2::RE2::Quiet);
  const re2::RE2 compiled(re2::StringPiece(text.data(), text.size()), options);
  return compiled.ok() ? std::string() : compiled.error();
}

std::string semver(std::string_view text) {
  static constexpr const char* kPattern =
      R"((0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-((0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?)";
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kPattern) ? std::string() : "not a semantic version";
}

struct Format {
  std::string_view name;
  std::string (*problem)(std::string_view text);
};

std::string quantity(std::string_view text) { return Quantity::parse(text) ? std::string() : "no quantity such as 500m or 2Gi"; }

constexpr Format kFormats[] = {{kQuantityFormat, quantity},
                               {"json-pointer", json_pointer},
                               {"relative-json-pointer", relative_json_pointer},
                               {"uuid", uuid},
                               {"duration", duration},
                               {"ipv4", ipv4},
                               {"ipv6", ipv6},
                               {"hostname", hostname},
                               {"email", email},
                               {"date", date},
                               {"time", time},
                               {"date-time", date_time},
                               {"uri", uri},
                               {"iri", uri},
                               {"uri-reference", uri_reference},
                               {"iri-reference", uri_reference},
                               {"regex", regex},
                               {"semver", semver}};

}  // namespace

std::string format_problem(std::string_view format, std::string_view text) {
  for (const Format& known : kFormats) {
    if (known.name == format) return known.problem(text);
  }
  return {};
}

}  // namespace plimsoll::schema
