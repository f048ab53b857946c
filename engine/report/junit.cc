#include <fmt/format.h>

#include <map>
#include <vector>

#include "engine/report/format.h"
#include "engine/report/summary.h"
#include "engine/report/xml.h"

// The dialect that Jenkins, GitLab and GitHub's reporters share: one <testsuite> for a file, at most one outcome for a <testcase>.
namespace plimsoll::report {

namespace {

struct Suite {
  std::string name;
  std::string cases;
  size_t tests = 0, failures = 0, skipped = 0, errors = 0;
};

std::string element(const char* name, const std::string& type, const std::string& message, const std::string& body) {
  return fmt::format("      <{} type=\"{}\" message=\"{}\">{}</{}>\n", name, xml_escape(type), xml_escape(message),
                     xml_escape(body), name);
}

std::string body_of(const Finding& finding) {
  std::string body = fmt::format("{}: {}: {}\n", finding.location().to_string(), policy::severity_name(finding.severity),
                                 finding.message);
  body += finding.subject.description();
  if (!finding.primary().path.empty()) body += ": " + finding.primary().path.to_string();
  if (!finding.rule->remediation.empty()) body += "\nfix: " + finding.rule->remediation;
  return body;
}

class Writer {
 public:
  explicit Writer(const Report& report) : report_(report) {}

  std::string write() {
    std::vector<bool> found(report_.objects.size(), false);
    for (const Finding& finding : report_.findings) {
      if (finding.order < found.size()) found[finding.order] = true;
    }
    for (size_t i = 0; i < report_.objects.size(); ++i) {
      if (!found[i]) add_object(report_.objects[i]);
    }
    for (const Finding& finding : report_.findings) add_finding(finding);
    for (const Error& error : report_.errors) add_error(error);

    size_t tests = 0, failures = 0, errors = 0;
    for (const Suite& suite : suites_) {
      tests += suite.tests;
      failures += suite.failures;
      errors += suite.errors;
    }
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    out += fmt::format("<testsuites name=\"plimsoll\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\">\n", tests,
                       failures, errors, report_.seconds);
    for (const Suite& suite : suites_) {
      out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}  </testsuite>\n",
                         xml_escape(suite.name), suite.tests, suite.failures, suite.errors, suite.skipped, suite.cases);
    }
    out += "</testsuites>\n";
    return out;
  }

 private:
  Suite& suite_of(const std::string& file) {
    const std::string name = file.empty() ? "plimsoll" : file;
    const auto [known, is_new] = index_.try_emplace(name, suites_.size());
    if (is_new) suites_.push_back({.name = name, .cases = {}});
    return suites_[known->second];
  }

  void add_case(Suite& suite, const std::string& name, uint32_t line, const std::string& content) {
    ++suite.tests;
    suite.cases += fmt::format("    <testcase name=\"{}\" classname=\"{}\" file=\"{}\"", xml_escape(name),
                               xml_escape(suite.name), xml_escape(suite.name));
    if (line != 0) suite.cases += fmt::format(" line=\"{}\"", line);
    suite.cases += content.empty() ? "/>\n" : ">\n" + content + "    </testcase>\n";
  }

  void add_object(const Judged& object) {
    Suite& suite = suite_of(object.location.file);
    std::string content;
    if (object.rules == 0) {
      ++suite.skipped;
      content = "      <skipped message=\"no rule applies\"/>\n";
    }
    add_case(suite, object.subject.description(), object.location.line, content);
  }

  void add_finding(const Finding& finding) {
    Suite& suite = suite_of(finding.location().file);
    const std::string rule = finding.rule->qualified_id();
    std::string content;
    if (finding.suppression) {
      ++suite.skipped;
      content = fmt::format("      <skipped message=\"{}\"/>\n",
                            xml_escape(fmt::format("ignored by {}: {}", suppression_name(finding.suppression->by),
                                                   finding.suppression->reason)));
    } else if (finding.severity >= report_.fail_on) {
      ++suite.failures;
      content = element("failure", rule, finding.message, body_of(finding));
    } else {
      content = fmt::format("      <system-out>{}</system-out>\n", xml_escape(body_of(finding)));
    }
    add_case(suite, fmt::format("{}: {}", finding.subject.description(), rule), finding.location().line, content);
  }

  void add_error(const Error& error) {
    Suite& suite = suite_of(error.location().file);
    ++suite.errors;
    add_case(suite, "can be judged", error.location().line, element("error", "error", error.message(), error.to_string()));
  }

  const Report& report_;
  std::vector<Suite> suites_;
  std::map<std::string, size_t> index_;
};

}  // namespace

std::string write_junit(const Report& report, const Style&) { return Writer(report).write(); }

}  // namespace plimsoll::report
