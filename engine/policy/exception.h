// Findings that somebody has decided to live with: which they are, why, and until when.
//
//   // metadata.annotations of an object:
//   //   plimsoll.dev/ignore: |
//   //     lightrun-mq-storage: the queue is refilled on start
//   //     pss-baseline-host-path: moves to CSI until 2027-01-31
//   Result<std::vector<Exception>> own = exceptions_of(object);
//   ExceptionMatch match = find_exception(*own, rule, subject, "2026-11-21");
//   if (match.exception && !match.expired) suppress(match.exception->reason);
//
// Entries of .plimsoll.yaml have the same form; one routine matches both, for the linter, the webhook and audits alike.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/policy/finding.h"
#include "engine/value/error.h"
#include "engine/value/value.h"
#include "engine/yaml/field_reader.h"

namespace plimsoll::policy {

inline constexpr std::string_view kIgnoreAnnotation = "plimsoll.dev/ignore";

// An empty field means any. `*` in rule, kind, name and namespace_name stands for any text.
struct Exception {
  std::string rule;  // id, pack/id, or * for all
  std::string kind = {};
  std::string name = {};
  std::string namespace_name = {};
  std::string path = {};  // of the file, as .gitignore has patterns
  std::string reason = {};
  std::string expires = {};  // last day on which it holds, 2027-01-31; empty: for ever
};

// What a finding is about.
struct ExceptionSubject {
  std::string_view kind, name, namespace_name;
  std::string_view path;  // of the file, relative, with '/'; empty if there is none
};

struct ExceptionMatch {
  const Exception* exception = nullptr;
  bool expired = false;  // it would match, but its last day is over
};

// The first exception that matches and still holds; if there is none, the first that matches and has expired. `today`:
// 2026-11-21.
ExceptionMatch find_exception(std::span<const Exception> exceptions, const RuleInfo& rule,
                              const ExceptionSubject& subject, std::string_view today);

// One entry of an annotation, `RULE[, RULE]: REASON [until DATE]`, per line or between semicolons. kSyntax without a
// reason or with a date that is none.
Result<std::vector<Exception>> parse_exceptions(std::string_view annotation);
// Those that an object's own annotation has; empty if it has none.
Result<std::vector<Exception>> exceptions_of(const Value& object);

// An entry of a configuration file: a mapping of the fields above. Errors carry its place.
Result<Exception> read_exception(const yaml::FieldReader& reader, const Value& value, const Path& path);

// A day of the calendar as YYYY-MM-DD.
bool is_date(std::string_view text);

}  // namespace plimsoll::policy
