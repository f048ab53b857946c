#include "engine/cel/runtime/formats.h"

#include <algorithm>

#include "engine/cel/runtime/time.h"
#include "engine/cel/runtime/url.h"

namespace plimsoll::cel {

namespace {

using Problems = std::vector<std::string>;

constexpr size_t kMaxLabel = 63;
constexpr size_t kMaxSubdomain = 253;

#define PLIMSOLL_LABEL "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
#define PLIMSOLL_KEY "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
constexpr std::string_view kLabelProblem =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
    "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '" PLIMSOLL_LABEL "')";
constexpr std::string_view kSubdomainProblem =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'example.com', regex used for validation is '" PLIMSOLL_LABEL "(\\." PLIMSOLL_LABEL ")*')";
constexpr std::string_view kLabel1035Problem =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with "
    "an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kKeyProblem =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. "
    "'MyName',  or 'my.name',  or '123-abc', regex used for validation is '" PLIMSOLL_KEY "')";
constexpr std::string_view kLabelValueProblem =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(" PLIMSOLL_KEY ")?')";
#undef PLIMSOLL_LABEL
#undef PLIMSOLL_KEY

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_lower_or_digit(char c) { return is_lower(c) || is_digit(c); }
bool is_alphanumeric(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool has_label_form(std::string_view text) {
  return !text.empty() && is_lower_or_digit(text.front()) && is_lower_or_digit(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool has_subdomain_form(std::string_view text) {
  for (;;) {
    const size_t dot = text.find('.');
    if (!has_label_form(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool has_key_form(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::string too_long(size_t limit, std::string_view unit) {
  return "must be no more than " + std::to_string(limit) + " " + std::string(unit);
}

// A prefix of a generated name may end in '-': Go puts an 'a' in place of its last two characters.
std::string mask_trailing_dash(std::string_view text) {
  std::string result(text);
  if (text.size() > 1 && text.ends_with('-')) result.replace(result.size() - 2, 2, "a");
  return result;
}

Problems dns1123_label(std::string_view text) {
  Problems problems;
  if (text.size() > kMaxLabel) problems.push_back(too_long(kMaxLabel, "characters"));
  if (!has_label_form(text)) problems.emplace_back(has_subdomain_form(text) ? "must not contain dots" : kLabelProblem);
  return problems;
}

Problems dns1123_subdomain(std::string_view text) {
  Problems problems;
  if (text.size() > kMaxSubdomain) problems.push_back(too_long(kMaxSubdomain, "characters"));
  if (!has_subdomain_form(text)) problems.emplace_back(kSubdomainProblem);
  return problems;
}

Problems dns1035_label(std::string_view text) {
  Problems problems;
  if (text.size() > kMaxLabel) problems.push_back(too_long(kMaxLabel, "characters"));
  if (!has_label_form(text) || !is_lower(text.front())) problems.emplace_back(kLabel1035Problem);
  return problems;
}

template <Problems (*kValidate)(std::string_view)>
Problems as_prefix(std::string_view text) {
  return kValidate(mask_trailing_dash(text));
}

Problems qualified_name(std::string_view text) {
  Problems problems;
  const auto slashes = std::count(text.begin(), text.end(), '/');
  if (slashes > 1) {
    problems.push_back("a valid label key " + std::string(kKeyProblem) + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
    return problems;
  }
  std::string_view name = text;
  if (slashes == 1) {
    const std::string_view prefix = text.substr(0, text.find('/'));
    name = text.substr(prefix.size() + 1);
    if (prefix.empty()) {
      problems.emplace_back("prefix part must be non-empty");
    } else {
      if (prefix.size() > kMaxSubdomain) problems.push_back("prefix part " + too_long(kMaxSubdomain, "bytes"));
      if (!has_subdomain_form(prefix)) problems.push_back("prefix part " + std::string(kSubdomainProblem));
    }
  }
  if (name.empty()) {
    problems.emplace_back("name part must be non-empty");
  } else if (name.size() > kMaxLabel) {
    problems.push_back("name part " + too_long(kMaxLabel, "bytes"));
  }
  if (!has_key_form(name)) problems.push_back("name part " + std::string(kKeyProblem));
  return problems;
}

Problems label_value(std::string_view text) {
  Problems problems;
  if (text.size() > kMaxLabel) problems.push_back(too_long(kMaxLabel, "bytes"));
  if (!text.empty() && !has_key_form(text)) problems.emplace_back(kLabelValueProblem);
  return problems;
}

Problems uri(std::string_view text) {
  Arena arena;
  if (const auto url = Url::parse_request(text, arena); !url) return {url.error()};
  return {};
}

bool is_uuid(std::string_view text) {
  constexpr size_t kGroups[] = {8, 4, 4, 4, 12};
  size_t pos = 0;
  for (size_t group = 0; group < 5; ++group) {
    if (group > 0 && pos < text.size() && text[pos] == '-') ++pos;
    for (size_t i = 0; i < kGroups[group]; ++i, ++pos) {
      if (pos >= text.size()) return false;
      const char c = text[pos];
      if (!is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'f')) return false;
    }
  }
  return pos == text.size();
}

Problems uuid(std::string_view text) { return is_uuid(text) ? Problems{} : Problems{"does not match the UUID format"}; }

// Groups of four characters, padded; at least one.
bool is_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return false;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  return std::all_of(text.begin(), text.end() - static_cast<ptrdiff_t>(padding),
                     [](char c) { return is_alphanumeric(c) || c == '+' || c == '/'; });
}

Problems byte(std::string_view text) { return is_base64(text) ? Problems{} : Problems{"invalid base64"}; }

bool is_date(std::string_view text) {
  return text.size() == 10 && parse_time(std::string(text) + "T00:00:00Z").has_value();
}

Problems date(std::string_view text) { return is_date(text) ? Problems{} : Problems{"invalid date"}; }

// hh:mm:ss, any character and digits, z or an offset; all in lower case.
bool is_clock(std::string_view text) {
  const auto digits = [&](size_t start, size_t count) {
    return text.size() >= start + count && std::all_of(text.begin() + start, text.begin() + start + count, is_digit);
  };
  if (!digits(0, 2) || !digits(3, 2) || !digits(6, 2) || text[2] != ':' || text[5] != ':') return false;
  if (text.substr(0, 2) > "23" || text.substr(3, 2) > "59" || text.substr(6, 2) > "59") return false;
  const auto is_zone = [](std::string_view zone) {
    return zone == "z" || (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && is_digit(zone[1]) && is_digit(zone[2]) &&
                           zone[3] == ':' && is_digit(zone[4]) && is_digit(zone[5]));
  };
  const std::string_view rest = text.substr(8);
  if (is_zone(rest)) return true;
  // The pattern's '.' before the fraction is any character.
  size_t end = 1;
  while (end < rest.size() && static_cast<unsigned char>(rest[0]) >= 0x80 && (static_cast<unsigned char>(rest[end]) & 0xC0) == 0x80) ++end;
  size_t fraction = end;
  while (fraction < rest.size() && is_digit(rest[fraction])) ++fraction;
  return fraction > end && rest[0] != '\n' && is_zone(rest.substr(fraction));
}

bool is_datetime(std::string_view text) {
  if (text.size() < 4) return false;
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  const std::string_view view = lower;
  const size_t t = view.find('t');
  if (t == std::string_view::npos || !is_date(view.substr(0, t))) return false;
  const std::string_view clock = view.substr(t + 1);
  return is_clock(clock.substr(0, clock.find('t')));
}

Problems datetime(std::string_view text) { return is_datetime(text) ? Problems{} : Problems{"invalid datetime"}; }

constexpr NamedFormat kFormats[] = {
    {"dns1123Label", "DNS1123Label", dns1123_label, 30},
    {"dns1123Subdomain", "DNS1123Subdomain", dns1123_subdomain, 60},
    {"dns1035Label", "DNS1035Label", dns1035_label, 30},
    {"qualifiedName", "QualifiedName", qualified_name, 60},
    {"dns1123LabelPrefix", "DNS1123LabelPrefix", as_prefix<dns1123_label>, 30},
    {"dns1123SubdomainPrefix", "DNS1123SubdomainPrefix", as_prefix<dns1123_subdomain>, 60},
    {"dns1035LabelPrefix", "DNS1035LabelPrefix", as_prefix<dns1035_label>, 30},
    {"labelValue", "LabelValue", label_value, 40},
    {"uri", "URI", uri, 1103},
    {"uuid", "uuid", uuid, 70},
    {"byte", "byte", byte, 84},
    {"date", "date", date, 71},
    {"datetime", "datetime", datetime, 71},
};

}  // namespace

std::span<const NamedFormat> named_formats() { return kFormats; }

const NamedFormat* find_format(std::string_view function) {
  for (const NamedFormat& format : kFormats) {
    if (format.function == function) return &format;
  }
  return nullptr;
}

bool is_dns1123_subdomain(std::string_view text) { return text.size() <= kMaxSubdomain && has_subdomain_form(text); }
bool is_dns1123_label(std::string_view text) { return text.size() <= kMaxLabel && has_label_form(text); }

}  // namespace plimsoll::cel
