#include "engine/policy/finding.h"

namespace plimsoll::policy {

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return {};
}

std::optional<Severity> parse_severity(std::string_view name) {
  for (const Severity severity : {Severity::kInfo, Severity::kWarning, Severity::kError}) {
    if (severity_name(severity) == name) return severity;
  }
  return std::nullopt;
}

std::string RuleInfo::qualified_id() const { return pack.empty() ? id : pack + "/" + id; }

}  // namespace plimsoll::policy
