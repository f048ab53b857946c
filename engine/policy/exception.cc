#include "engine/policy/exception.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/policy/text.h"
#include "engine/source/glob.h"
#include "engine/value/go_quote.h"

namespace plimsoll::policy {
namespace {

bool fits(std::string_view pattern, std::string_view text) {
  return pattern.empty() || pattern == "*" || pattern == text || source::glob_match(pattern, text);
}

// A pattern without '/' fits a name at any depth.
bool fits_path(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return true;
  if (pattern.starts_with('/')) return source::glob_match(pattern.substr(1), path);
  if (source::glob_match(pattern, path)) return true;
  return pattern.find('/') == std::string_view::npos && source::glob_match("**/" + std::string(pattern), path);
}

bool fits_rule(std::string_view pattern, const RuleInfo& rule) {
  return fits(pattern, rule.id) || (!rule.pack.empty() && fits(pattern, rule.qualified_id()));
}

// Takes "until DATE", in parentheses or not, off the end of a reason.
Result<std::string> take_expiry(std::string_view& reason) {
  std::string_view text = reason;
  const bool parenthesised = text.ends_with(')');
  if (parenthesised) text.remove_suffix(1);
  const size_t blank = text.rfind(' ');
  if (blank == std::string_view::npos) return std::string();
  const std::string_view date = text.substr(blank + 1);
  std::string_view before = trim_space(text.substr(0, blank));
  if (!before.ends_with("until")) return std::string();
  before.remove_suffix(5);
  if (parenthesised != before.ends_with('(') || (!parenthesised && !before.empty() && before.back() != ' '))
    return std::string();
  // "until further notice" is a reason, "until 2027-02-30" a mistake.
  if (date.empty() || date.front() < '0' || date.front() > '9') return std::string();
  if (!is_date(date))
    return fail(ErrorCode::kSyntax, fmt::format("{} is no date; write it as 2027-01-31", go::quoted(date)));
  if (parenthesised) before.remove_suffix(1);
  reason = trim_space(before);
  return std::string(date);
}

Result<void> parse_entry(std::string_view entry, std::vector<Exception>& result) {
  const size_t colon = entry.find(':');
  std::string_view reason = colon == std::string_view::npos ? std::string_view() : trim_space(entry.substr(colon + 1));
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string expires, take_expiry(reason));
  if (reason.empty()) {
    return std::unexpected(
        Error(ErrorCode::kSyntax, fmt::format("{} gives no reason", go::quoted(entry)))
            .with_remedy("write RULE: REASON, with \"until 2027-01-31\" at the end if it shall expire"));
  }
  std::string_view rules = entry.substr(0, colon);
  for (;;) {
    const size_t comma = rules.find(',');
    const std::string_view rule = trim_space(rules.substr(0, comma));
    if (rule.empty()) return fail(ErrorCode::kSyntax, fmt::format("{} names no rule", go::quoted(entry)));
    result.push_back({.rule = std::string(rule), .reason = std::string(reason), .expires = expires});
    if (comma == std::string_view::npos) return {};
    rules.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<Exception> read_exception(const yaml::FieldReader& reader, const Value& value, const Path& path) {
  Exception exception;
  PLIMSOLL_RETURN_IF_ERROR(reader.read_map(value, path,
                                           {{"rule", reader.text(exception.rule)},
                                            {"kind", reader.text(exception.kind)},
                                            {"name", reader.text(exception.name)},
                                            {"namespace", reader.text(exception.namespace_name)},
                                            {"path", reader.text(exception.path)},
                                            {"reason", reader.text(exception.reason)},
                                            {"expires", reader.text(exception.expires)}}));
  for (const auto& [name, field] : {std::pair("rule", &exception.rule), std::pair("reason", &exception.reason)}) {
    if (field->empty()) return reader.type_error(value[name], path.key(name), "given");
  }
  if (!exception.expires.empty() && !is_date(exception.expires)) {
    return reader.type_error(value["expires"], path.key("expires"), "a day such as \"2026-12-31\"");
  }
  return exception;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](size_t begin, size_t size) {
    int value = 0;
    for (const char c : text.substr(begin, size))
      value = c >= '0' && c <= '9' && value >= 0 ? value * 10 + (c - '0') : -1;
    return value;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1) return false;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

ExceptionMatch find_exception(std::span<const Exception> exceptions, const RuleInfo& rule,
                              const ExceptionSubject& subject, std::string_view today) {
  ExceptionMatch expired;
  for (const Exception& exception : exceptions) {
    if (!fits_rule(exception.rule, rule) || !fits(exception.kind, subject.kind) ||
        !fits(exception.name, subject.name) || !fits(exception.namespace_name, subject.namespace_name) ||
        !fits_path(exception.path, subject.path)) {
      continue;
    }
    if (exception.expires.empty() || exception.expires >= today) return {&exception, false};
    if (expired.exception == nullptr) expired = {&exception, true};
  }
  return expired;
}

Result<std::vector<Exception>> parse_exceptions(std::string_view annotation) {
  std::vector<Exception> result;
  while (!annotation.empty()) {
    const size_t end = std::min(annotation.find_first_of("\n;"), annotation.size());
    const std::string_view entry = trim_space(annotation.substr(0, end));
    annotation.remove_prefix(std::min(end + 1, annotation.size()));
    if (!entry.empty()) PLIMSOLL_RETURN_IF_ERROR(parse_entry(entry, result));
  }
  return result;
}

Result<std::vector<Exception>> exceptions_of(const Value& object) {
  const Value annotation = object["metadata"]["annotations"][kIgnoreAnnotation];
  if (!annotation.is_string()) return std::vector<Exception>();
  return parse_exceptions(annotation.as_string());
}

}  // namespace plimsoll::policy
