#include "engine/policy/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace plimsoll::policy {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z'); }
bool is_lower_alphanumeric(char c) { return is_lower(c) || is_digit(c); }

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool is_dns1123_label(std::string_view value) {
  return !value.empty() && is_lower_alphanumeric(value.front()) && is_lower_alphanumeric(value.back()) &&
         std::ranges::all_of(value, [](char c) { return c == '-' || is_lower_alphanumeric(c); });
}

bool is_dns1123_subdomain(std::string_view value) {
  for (;;) {
    const size_t dot = value.find('.');
    if (!is_dns1123_label(value.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    value.remove_prefix(dot + 1);
  }
}

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool is_label_name(std::string_view value) {
  return !value.empty() && is_alphanumeric(value.front()) && is_alphanumeric(value.back()) &&
         std::ranges::all_of(value, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

constexpr std::string_view kSubdomainPattern = R"([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)";
constexpr std::string_view kLabelPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
constexpr std::string_view kLabelNameRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  "
    "or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

std::string too_long(size_t limit) { return fmt::format("must be no more than {} bytes", limit); }

}  // namespace

std::vector<std::string> dns1123_subdomain_errors(std::string_view value) {
  std::vector<std::string> errors;
  if (value.size() > 253) errors.push_back(too_long(253));
  if (!is_dns1123_subdomain(value)) {
    errors.push_back(
        fmt::format("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
                    "and must start and end with an "
                    "alphanumeric character (e.g. 'example.com', regex used for validation is '{}')",
                    kSubdomainPattern));
  }
  return errors;
}

std::vector<std::string> dns1035_label_errors(std::string_view value) {
  std::vector<std::string> errors;
  if (value.size() > 63) errors.push_back(too_long(63));
  if (!is_dns1123_label(value) || !is_lower(value.front())) {
    errors.emplace_back(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
        "character, and end with an "
        "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
        "'[a-z]([-a-z0-9]*[a-z0-9])?')");
  }
  return errors;
}

std::vector<std::string> label_key_errors(std::string_view value) {
  std::vector<std::string> errors;
  const auto slashes = std::ranges::count(value, '/');
  if (slashes > 1) {
    return {
        fmt::format("a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                    kLabelNameRule)};
  }
  std::string_view name = value;
  if (slashes == 1) {
    const size_t slash = value.find('/');
    const std::string_view prefix = value.substr(0, slash);
    name = value.substr(slash + 1);
    if (prefix.empty()) {
      errors.emplace_back("prefix part must be non-empty");
    } else {
      for (const std::string& error : dns1123_subdomain_errors(prefix)) errors.push_back("prefix part " + error);
    }
  }
  if (name.empty()) {
    errors.emplace_back("name part must be non-empty");
  } else if (name.size() > 63) {
    errors.push_back("name part " + too_long(63));
  }
  if (!is_label_name(name)) errors.push_back(fmt::format("name part {}", kLabelNameRule));
  return errors;
}

std::vector<std::string> label_value_errors(std::string_view value) {
  std::vector<std::string> errors;
  if (value.size() > 63) errors.push_back(too_long(63));
  if (!value.empty() && !is_label_name(value)) {
    errors.push_back(fmt::format(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
        "and end with an "
        "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '({})?')",
        kLabelPattern));
  }
  return errors;
}

std::vector<std::string> path_segment_errors(std::string_view value) {
  if (value == "." || value == "..") return {fmt::format("may not be '{}'", value)};
  std::vector<std::string> errors;
  for (const char illegal : {'/', '%'}) {
    if (value.find(illegal) != std::string_view::npos) errors.push_back(fmt::format("may not contain '{}'", illegal));
  }
  return errors;
}

bool is_cel_identifier(std::string_view value) {
  constexpr std::string_view kReserved[] = {"true",     "false",   "null",      "in",       "as",  "break",  "const",
                                            "continue", "else",    "for",       "function", "if",  "import", "let",
                                            "loop",     "package", "namespace", "return",   "var", "void",   "while"};
  if (value.empty() || is_digit(value.front())) return false;
  return std::ranges::all_of(value, [](char c) { return c == '_' || is_alphanumeric(c); }) &&
         std::ranges::find(kReserved, value) == std::end(kReserved);
}

}  // namespace plimsoll::policy
