#include <fmt/format.h>

#include "engine/report/format.h"
#include "engine/report/summary.h"

// Workflow commands: `::error file=a.yaml,line=3,col=5,title=rule::message`. GitHub's runner unescapes %25, %0D and %0A everywhere,
// and %3A and %2C in properties.
namespace plimsoll::report {

namespace {

std::string escape(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '%': out += "%25"; break;
      case '\r': out += "%0D"; break;
      case '\n': out += "%0A"; break;
      case ':':
      case ',':
        out += property ? (c == ':' ? "%3A" : "%2C") : std::string(1, c);
        break;
      default: out += c;
    }
  }
  return out;
}

std::string_view command_of(policy::Severity severity) {
  switch (severity) {
    case policy::Severity::kError: return "error";
    case policy::Severity::kWarning: return "warning";
    case policy::Severity::kInfo: return "notice";
  }
  return "notice";
}

class Command {
 public:
  explicit Command(std::string_view name) : text_(fmt::format("::{}", name)) {}
  Command& property(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += fmt::format("{}{}={}", first_ ? ' ' : ',', name, escape(value, true));
    first_ = false;
    return *this;
  }
  Command& property(std::string_view name, uint32_t value) {
    return value == 0 ? *this : property(name, std::to_string(value));
  }
  std::string message(std::string_view message) const { return fmt::format("{}::{}\n", text_, escape(message, false)); }

 private:
  std::string text_;
  bool first_ = true;
};

}  // namespace

std::string write_github(const Report& report, const Style& style) {
  std::string out;
  for (const Finding& finding : report.findings) {
    if (finding.suppression && !style.show_suppressed) continue;
    const yaml::Range& range = finding.primary().place.range;
    std::string message = finding.message + "\n" + finding.subject.description();
    if (!finding.primary().path.empty()) message += ": " + finding.primary().path.to_string();
    if (!finding.rule->remediation.empty()) message += "\nfix: " + finding.rule->remediation;
    Command command(finding.suppression ? "notice" : command_of(finding.severity));
    command.property("file", finding.location().file).property("line", range.line).property("endLine", range.end_line);
    // The runner refuses columns for ranges of several lines.
    if (range.line == range.end_line) command.property("col", range.column).property("endColumn", range.end_column);
    out += command.property("title", finding.rule->qualified_id()).message(message);
  }
  for (const Error& error : report.errors) {
    out += Command("error")
               .property("file", error.location().file)
               .property("line", error.location().line)
               .property("col", error.location().column)
               .property("title", "cannot be judged")
               .message(error.remedy().empty() ? error.message() : error.message() + "\n" + error.remedy());
  }
  for (const std::string& warning : report.warnings) out += Command("warning").message(warning);
  if (!style.quiet) out += escape(summary_line(report), false) + "\n";
  return out;
}

}  // namespace plimsoll::report
