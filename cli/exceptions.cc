#include "cli/exceptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "engine/policy/exception.h"
#include "engine/policy/pack_archive.h"
#include "engine/policy/schema_findings.h"
#include "engine/source/glob.h"
#include "engine/value/suggest.h"

namespace plimsoll::cli {

namespace {

// Ids and qualified ids, from the names of folders: PACK/RULE/policy.yaml.
std::vector<std::string> built_in_rules() {
  constexpr std::string_view kPolicy = "/policy.yaml";
  const policy::PackFiles files = policy::PackFiles::built_in();
  std::vector<std::string> names;
  for (const std::string_view pack : files.packs()) {
    for (const policy::PackFiles::File& file : files.of_pack(pack)) {
      if (!file.path.ends_with(kPolicy)) continue;
      const std::string_view name = file.path.substr(0, file.path.size() - kPolicy.size());
      names.emplace_back(name);
      names.emplace_back(name.substr(pack.size() + 1));
    }
  }
  return names;
}

class Exceptions {
 public:
  Exceptions(const Configuration& config, std::string_view today, report::Report& report)
      : today_(today), report_(report) {
    for (const Ignore& ignore : config.ignores) {
      configured_.push_back(ignore.exception);
      warn(ignore.location, ignore.exception);
    }
  }

  // Reads what an object says of itself.
  void start_object(const source::Object& object) {
    own_.clear();
    auto own = policy::exceptions_of(object.root());
    if (own && own->empty()) return;
    const Location place =
        object.locate(Path().key("metadata").key("annotations").key(policy::kIgnoreAnnotation)).primary.location();
    if (!own) {
      report_.warnings.push_back(fmt::format("{}: {}: {}", place.to_string(), policy::kIgnoreAnnotation, own.error().message()));
      return;
    }
    own_ = std::move(*own);
    for (const policy::Exception& exception : own_) warn(place, exception);
  }

  void apply(report::Finding& finding, const report::Judged& object) const {
    using By = report::Suppression::By;
    if (!suppress(finding, object, own_, By::kAnnotation)) suppress(finding, object, configured_, By::kConfiguration);
  }

 private:
  void warn(const Location& place, const policy::Exception& exception) {
    if (!names_a_rule(exception.rule)) {
      report_.warnings.push_back(fmt::format("{}: the ignore of \"{}\" names no rule{}", place.to_string(), exception.rule,
                                             suggestion(exception.rule, rule_names_)));
      return;
    }
    if (exception.expires.empty() || exception.expires >= today_) return;
    report_.warnings.push_back(fmt::format("{}: the ignore of {} ended on {} ({})", place.to_string(), exception.rule,
                                           exception.expires, exception.reason));
  }

  // Whether a rule of this run or of a built-in pack, which may not be in use today, is meant.
  bool names_a_rule(const std::string& pattern) {
    if (pattern == "*") return true;
    if (rule_names_.empty()) {
      for (const policy::RuleInfo* rule : report_.rules) {
        rule_names_.push_back(rule->id);
        rule_names_.push_back(rule->qualified_id());
      }
      for (std::string& name : built_in_rules()) rule_names_.push_back(std::move(name));
      const policy::SchemaRules schema = policy::schema_rules();
      for (const policy::RuleInfo* rule : {&schema.unknown_field, &schema.wrong_type}) {
        rule_names_.push_back(rule->id);
        rule_names_.push_back(rule->qualified_id());
      }
    }
    return std::any_of(rule_names_.begin(), rule_names_.end(), [&](const std::string& name) { return source::glob_match(pattern, name); });
  }

  bool suppress(report::Finding& finding, const report::Judged& object, std::span<const policy::Exception> exceptions,
                report::Suppression::By by) const {
    const policy::ExceptionSubject subject = {.kind = finding.subject.kind,
                                              .name = finding.subject.name,
                                              .namespace_name = finding.subject.namespace_name,
                                              .path = object.file_id};
    const policy::ExceptionMatch match = policy::find_exception(exceptions, *finding.rule, subject, today_);
    if (match.exception == nullptr || match.expired) return false;
    finding.suppression =
        report::Suppression{.by = by, .reason = match.exception->reason, .expires = match.exception->expires};
    return true;
  }

  std::string_view today_;
  report::Report& report_;
  std::vector<std::string> rule_names_;  // collected when first needed
  std::vector<policy::Exception> configured_;
  std::vector<policy::Exception> own_;
};

}  // namespace

void apply_exceptions(const Configuration& config, const std::vector<source::Object>& objects, std::string_view today,
                      report::Report& report) {
  Exceptions exceptions(config, today, report);
  std::vector<std::vector<report::Finding*>> findings(objects.size());
  for (report::Finding& finding : report.findings) findings[finding.order].push_back(&finding);
  for (size_t i = 0; i < objects.size(); ++i) {
    exceptions.start_object(objects[i]);
    for (report::Finding* finding : findings[i]) exceptions.apply(*finding, report.objects[i]);
  }
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm day{};
  ::localtime_r(&now, &day);
  return fmt::format("{:04}-{:02}-{:02}", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

}  // namespace plimsoll::cli
